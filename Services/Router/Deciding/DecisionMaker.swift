import DeskCore
import Logging
import Observability
import PostgreSQL
import ServiceProcess
import Store
import SystemPrimitives
import Tracing

/// Decides batches of labelled messages and commits the decisions, each once (guarantee I2).
///
/// Messages of one ticket are folded into one step. A step that conflicts with another is decided again on the current ticket, and only for
/// those of its messages that are still undecided.
struct DecisionMaker: Sendable {
  let store: DeskStore
  let clock: DatabaseClock
  let policy: PolicyFollower
  let metrics: RouterMetrics
  let logger: Logger
  /// Is notified of the queues in which something new waits.
  let wake: @Sendable ([QueueID]) -> Void
  /// How busy this router is.
  var work = WorkMeter()
  /// Which queues are full.
  let depths = QueueDepths()
  /// Which crisis cases answer.
  let crises = CrisisAnswers()

  /// Decides every item, unless another router already has.
  ///
  /// - Returns: how many decisions of this call took effect. When it returns, none of the items is undecided any more.
  /// - Throws: what the store throws, and `DecisionFailure` when there is no policy or other steps always come first.
  func decide(_ items: [UndecidedItem], patience: LockPatience = .asConfigured) async throws -> Int {
    try await FrontdeskTracer.current.withSpans(
      "decide", in: items.lazy.map(\.traceparent), ofKind: .consumer,
      attributes: .messages(items.count)
    ) {
      try await decideInRounds(items, patience)
    }
  }

  private func decideInRounds(_ items: [UndecidedItem], _ patience: LockPatience) async throws -> Int {
    guard let policy = policy.current else { throw DecisionFailure.noPolicy }
    var left = items
    var decided = 0
    let full = await depths.full(under: policy, in: store, logger)
    let crises = await crises.current(under: policy, in: store, logger)
    for round in 0..<RouterBounds.decisionRounds where !left.isEmpty {
      let steps = try await steps(
        for: left, under: policy, full: full, crises: crises, trustingOpenings: round == 0)
      let committed = try await store.tickets.commit(steps, patience: patience)
      decided += await count(committed, among: steps)
      let open = left.filter { !committed.contains($0.ticket) }
      if open.isEmpty { return decided }
      metrics.conflicts.increment(by: Double(open.count))
      left = try await asKept(open)
    }
    if !left.isEmpty { throw DecisionFailure.alwaysLate(left.count) }
    return decided
  }

  /// The result of items that were decided separately.
  struct Apart: Sendable {
    /// How many decisions took effect.
    var decided = 0
    /// Messages whose content the database refuses at every attempt.
    var refused: [MessageID] = []
    /// Messages that cannot be decided now: their ticket is locked by another transaction, or this build cannot read it.
    var held: [MessageID] = []
  }

  /// Decides what can be decided: a message whose content the database refuses, that waits for a row locked by another transaction, or
  /// whose ticket cannot be read, does not affect the others. Halving finds it.
  ///
  /// - Throws: as `decide`, for everything that is not a single message's fault.
  func decideApart(_ items: [UndecidedItem]) async throws -> Apart {
    var apart = Apart()
    work.begin(items.count)
    defer { work.end(items.count, items: apart.decided) }
    // Halving down to one item each: fewer parts than twice the items.
    var splitter = BatchSplitter(items, attempts: 2 * items.count)
    while let part = splitter.next() {
      do {
        apart.decided += try await decide(Array(part), patience: .brief)
      } catch let error where Self.mayBeOfOne(error) {
        if let item = splitter.refuse(part) { setAside(item, because: error, in: &apart) }
      }
    }
    return apart
  }

  private func setAside(_ item: UndecidedItem, because error: any Error, in apart: inout Apart) {
    if (error as? PostgresError)?.isFaultOfTheData == true {
      metrics.isolated(1, .refused)
      logger.error("the database refuses a decision", metadata: ["message": "\(item.id)", "error": "\(error)"])
      return apart.refused.append(item.id)
    }
    metrics.isolated(1, .held)
    logger.warning(
      "a message cannot be decided now; the others are decided",
      metadata: ["message": "\(item.id)", "ticket": "\(item.ticket)", "error": "\(error)"])
    apart.held.append(item.id)
  }

  private static func mayBeOfOne(_ error: any Error) -> Bool {
    switch error {
    case let error as PostgresError: error.isFaultOfTheData || error.isContention || error.code == .decoding
    case is StoreError: true
    case DecisionFailure.alwaysLate: true
    default: false
    }
  }

  /// Returns the items that are still undecided. A link may bring data that an erasure has removed since: the author and the text are taken
  /// from the database then.
  private func asKept(_ items: [UndecidedItem]) async throws -> [UndecidedItem] {
    let kept = try await store.inbox.undecidedWords(of: items.map(\.id))
    return items.compactMap { item in
      guard let now = kept[item.id] else { return nil }
      guard !item.customer.hasSameBytes(as: now.author) else { return item }
      var item = item
      item.customer = now.author
      item.text = now.text
      item.suggestions = []
      return item
    }
  }

  private func count(_ committed: Set<TicketID>, among steps: [TicketStep]) async -> Int {
    var queues: Set<QueueID> = []
    var decided = 0
    let effective = steps.filter { committed.contains($0.ticket.id) }
    metrics.decided(effective, at: clock.now())
    for step in effective {
      decided += step.decides.count
      for case .wakeQueue(let queue) in step.effects { queues.insert(queue) }
    }
    await depths.add(effective)
    if !queues.isEmpty { wake(queues.sorted()) }
    return decided
  }

  // MARK: - Steps

  /// Returns one step for each ticket. In the first round, a message that opened its ticket assumes the ticket as intake left it, which
  /// saves reading it; the version check detects when that was wrong.
  private func steps(
    for items: [UndecidedItem], under policy: Policy, full: Set<QueueID>, crises: [AnsweringCrisis],
    trustingOpenings: Bool
  ) async throws -> [TicketStep] {
    let groups = Dictionary(grouping: items, by: \.ticket).mapValues { $0.sorted { $0.id < $1.id } }
    let unread = groups.filter { !(trustingOpenings && $0.value[0].opensTicket) }.map(\.key)
    let known = try await store.tickets.tickets(unread)
    var steps: [TicketStep] = []
    for (id, var group) in groups {
      if let ticket = known[id] {
        // Another customer's ticket, into which theirs was merged, or an erased name.
        if group.contains(where: { !$0.customer.hasSameBytes(as: ticket.customer) }) {
          group = try await asKept(group)
          if group.isEmpty { continue }
        }
        steps.append(step(on: ticket, by: group, under: policy, full: full, crises: crises))
      } else if trustingOpenings, let opening = group.first, opening.opensTicket {
        let ticket = Ticket(
          id: id, channel: opening.channel, customer: opening.customer, tier: opening.tier,
          openedAt: opening.acceptedAt)
        steps.append(step(on: ticket, by: group, under: policy, full: full, crises: crises))
      } else {
        try await rehome(group)
      }
    }
    // Locked in identifier order: routers whose batches share tickets then wait for each other in one direction only.
    return steps.sorted { $0.ticket.id < $1.ticket.id }
  }

  private func step(
    on ticket: Ticket, by group: [UndecidedItem], under policy: Policy, full: Set<QueueID>, crises: [AnsweringCrisis]
  ) -> TicketStep {
    var changed = ticket
    var effects: [TicketEffect] = []
    var answer: OutgoingMessage?
    let now = clock.now()
    for (place, item) in group.enumerated() {
      do {
        let later = group[(place + 1)...]
        // A step writes one message to the customer. A question follows the newest message only, since that may contain what the others
        // lack, and none follows a prepared answer.
        var event = event(
          for: item, on: changed, under: policy, full: full, mayAsk: later.isEmpty && answer == nil,
          isOpening: ticket.state == .received, now: now)
        // A case that finds no room answers the next message. What is written goes to whoever wrote last.
        let hasRoom = answer == nil && later.allSatisfy(item.hasSameAuthor)
        let prepared = hasRoom ? prepare(item, &event, on: changed, under: policy, among: crises, now: now) : nil
        // A customer who has written more than once already wants a person.
        if group.count == 1, prepared == nil {
          let automatic =
            answering(item, event, under: policy, now: now) ?? greeting(item, event, under: policy, now: now)
          if let automatic { (event, answer) = automatic }
        }
        effects += try changed.handle(event, now: now, under: policy)
        if let prepared { answer = prepared }
      } catch {
        // Every live state accepts one of the two events; a refusal is a bug, and the message must not be lost to it.
        logger.error(
          "a live ticket refused a message",
          metadata: ["ticket": "\(ticket.id)", "state": "\(changed.state.rawValue)", "refusal": "\(error)"])
      }
    }
    for case .ask(let id, let questionnaire, let text) in effects {
      answer = OutgoingMessage(id: id, questionOf: questionnaire, body: text)
    }
    var random = SystemRandom()
    return TicketStep(
      from: ticket, to: changed, effects, at: now, under: policy, deciding: group.map(\.id), writing: answer,
      traceparent: group[0].traceparent, using: &random)
  }

  private func event(
    for item: UndecidedItem, on ticket: Ticket, under policy: Policy, full: Set<QueueID>, mayAsk: Bool,
    isOpening: Bool, now: Instant
  ) -> TicketEvent {
    let text = FoldedText(item.text)
    var fields = FieldEvidence()
    if !policy.life.questions.questionnaires.isEmpty {
      let source = FieldSource(item.text, folded: text, at: now)
      fields = policy.fieldEvidence(of: source, text, labels: item.labels, on: ticket)
      fields.isOpening = isOpening
      var random = SystemRandom()
      if mayAsk { fields.reply = IdentifierSource.process.next(at: now, using: &random) }
    }
    guard ticket.state == .received else {
      var evidence = policy.evidence(
        of: text, labels: item.labels, productLine: item.productLine, fullQueues: full)
      evidence.fields = fields
      return .customerWrote(
        item.id, item.labels, from: Correspondent(item.customer, on: item.channel), evidence: evidence)
    }
    let reading = policy.life.conversation.read(text, labels: item.labels)
    var facts = RoutingFacts(
      channel: item.channel, tier: ticket.tier, labels: item.labels, found: [], openedAt: ticket.openedAt,
      productLine: item.productLine)
    facts.wording = .text(text)
    facts.fullQueues = full
    facts.answers = .values(TicketFields(fields.readings.compactMapValues(\.value)))
    let greets = policy.greets(reading)
    if greets { facts.labels = item.labels.greeting(share: reading.share) }
    var decision = policy.decide(facts)
    decision.message = item.id
    decision.suggestions = item.suggestions
    decision.guesses = item.guesses
    decision.fields = fields
    if greets {
      let wait = policy.channels[item.channel]?.greeting.wait ?? .zero
      decision.greeting = RoutingDecision.Greeting(share: reading.share, wait: wait, reply: nil)
      decision.suggestions = []
    }
    return .routed(decision)
  }

  /// The channel's answer to a message that only greets, if it has one.
  private func greeting(
    _ item: UndecidedItem, _ event: TicketEvent, under policy: Policy, now: Instant
  ) -> (TicketEvent, OutgoingMessage)? {
    guard case .routed(var decision) = event, decision.greeting != nil,
      let body = policy.channels[item.channel]?.greeting.answer(in: item.labels.language)
    else { return nil }
    var random = SystemRandom()
    let reply = OutgoingMessage(
      id: IdentifierSource.process.next(at: now, using: &random), greetingOn: item.channel, body: body)
    decision.greeting?.reply = reply.id
    return (.routed(decision), reply)
  }

  /// Adds the answer that was prepared for a crisis to the event, if the message is one of those that get it. The ticket goes on to a
  /// person as it would without.
  /// - Returns: the message with the answer.
  private func prepare(
    _ item: UndecidedItem, _ event: inout TicketEvent, on ticket: Ticket, under policy: Policy,
    among crises: [AnsweringCrisis], now: Instant
  ) -> OutgoingMessage? {
    guard !crises.isEmpty else { return nil }
    let text = FoldedText(item.text)
    var facts = RoutingFacts(
      channel: item.channel, tier: item.tier, labels: item.labels, found: [], openedAt: ticket.openedAt,
      productLine: item.productLine)
    facts.wording = .text(text)
    let act = policy.life.conversation.read(text, labels: item.labels).act
    guard let (crisis, prepared, match) = policy.crisisAnswer(to: facts, act, on: ticket, among: crises),
      let body = prepared.text(in: item.labels.language)
    else { return nil }
    var random = SystemRandom()
    let reply = OutgoingMessage(
      id: IdentifierSource.process.next(at: now, using: &random), crisisAnswer: prepared.name, body: body)
    let sent = CrisisReply(
      crisis: crisis.id, cause: crisis.cause, answer: prepared.name, match: match, reply: reply.id)
    switch event {
    case .routed(var decision):
      decision.crisis = sent
      // A step writes one message to the customer.
      decision.fields.reply = nil
      event = .routed(decision)
    case .customerWrote(let message, let labels, let author, var evidence):
      evidence.crisis = sent
      evidence.fields.reply = nil
      event = .customerWrote(message, labels, from: author, evidence: evidence)
    default: return nil
    }
    return reply
  }

  /// The answer of an article, if one may be given instead of an agent's.
  private func answering(
    _ item: UndecidedItem, _ event: TicketEvent, under policy: Policy, now: Instant
  ) -> (TicketEvent, OutgoingMessage)? {
    guard case .routed(let decision) = event, !decision.needsTriage, decision.greeting == nil, !item.suggestions.isEmpty
    else { return nil }
    let facts = RoutingFacts(
      channel: item.channel, tier: item.tier, labels: item.labels, found: [], openedAt: item.acceptedAt)
    guard let id = policy.answer(to: facts, suggested: item.suggestions),
      let version = policy.life.answers.articles[id]?.version(for: item.labels.language)
    else { return nil }
    var random = SystemRandom()
    let reply = OutgoingMessage(
      id: IdentifierSource.process.next(at: now, using: &random), answerOf: id, body: version.answer)
    return (.answered(decision, id, reply.id), reply)
  }

  /// A ticket can be closed between a message's acceptance and its decision. The message then opens a new ticket of its customer, and
  /// nothing is lost; messages that were decided or dead-lettered in the meantime stay where they are.
  private func rehome(_ group: [UndecidedItem]) async throws {
    var random = SystemRandom()
    for item in group {
      let fresh: TicketID = IdentifierSource.process.next(at: clock.now(), using: &random)
      try await store.inbox.rehome(item.id, freshTicket: fresh)
    }
  }
}

extension UndecidedItem {
  /// Whether the same customer wrote both.
  fileprivate func hasSameAuthor(_ other: UndecidedItem) -> Bool {
    channel == other.channel && customer.hasSameBytes(as: other.customer)
  }
}

extension PostgresError {
  /// Data exceptions, constraint violations and exceeded limits: errors that one message can cause and that retries do not fix.
  fileprivate var isFaultOfTheData: Bool {
    guard let sqlState else { return false }
    return sqlState.hasPrefix("22") || sqlState.hasPrefix("23") || sqlState.hasPrefix("54")
  }

  /// Another transaction holds a row that one of the messages needs, or one of them takes too long.
  fileprivate var isContention: Bool {
    guard let sqlState else { return code == .timedOut }
    return ["40P01", "55P03", "57014"].contains(sqlState)
  }
}

/// Why a batch could not be decided now.
enum DecisionFailure: Error, CustomStringConvertible {
  case noPolicy
  case alwaysLate(Int)

  var description: String {
    switch self {
    case .noPolicy: "no policy has been applied yet; run `frontdesk apply desk.yaml`"
    case .alwaysLate(let items): "\(items) messages had conflicting steps \(RouterBounds.decisionRounds) times in a row"
    }
  }
}
