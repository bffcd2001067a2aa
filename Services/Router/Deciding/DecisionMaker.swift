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
      let now = await count(committed, among: steps)
      decided += now
      if now == left.count { return decided }
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
    let effective = committed.count == steps.count ? steps : steps.filter { committed.contains($0.ticket.id) }
    let now = clock.now()
    for step in effective {
      metrics.decided(step, at: now)
      decided += step.decides.count
      for case .wakeQueue(let queue) in step.effects { queues.insert(queue) }
    }
    depths.add(effective)
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
    // Locked in identifier order: routers whose batches share tickets then wait for each other in one direction only.
    let groups = items.byTicket
    let unread = groups.compactMap { group in
      group.first.flatMap { trustingOpenings && $0.opensTicket ? nil : $0.ticket }
    }
    let known = try await store.tickets.tickets(unread)
    var folding = DecisionFolding(
      under: policy, full: full, crises: crises, identifiers: .process, random: SystemRandom())
    let now = clock.now()
    var steps: [TicketStep] = []
    steps.reserveCapacity(groups.count)
    for var group in groups {
      guard let opening = group.first else { continue }
      if let ticket = known[opening.ticket] {
        // Another customer's ticket, into which theirs was merged, or an erased name.
        if group.contains(where: { !$0.customer.hasSameBytes(as: ticket.customer) }) {
          group = try await asKept(Array(group))[...]
          if group.isEmpty { continue }
        }
        steps.append(step(on: ticket, by: group, at: now, with: &folding))
      } else if trustingOpenings, opening.opensTicket {
        let ticket = Ticket(
          id: opening.ticket, channel: opening.channel, customer: opening.customer, tier: opening.tier,
          openedAt: opening.acceptedAt)
        steps.append(step(on: ticket, by: group, at: now, with: &folding))
      } else {
        try await rehome(group)
      }
    }
    return steps
  }

  private func step(
    on ticket: Ticket, by group: ArraySlice<UndecidedItem>, at now: Instant,
    with folding: inout DecisionFolding<SystemRandom>
  ) -> TicketStep {
    folding.step(on: ticket, by: group, at: now) { refusal in
      // Every live state accepts one of the two events; a refusal is a bug, and the message must not be lost to it.
      logger.error(
        "a live ticket refused a message",
        metadata: ["ticket": "\(ticket.id)", "state": "\(ticket.state.rawValue)", "refusal": "\(refusal)"])
    }
  }

  /// A ticket can be closed between a message's acceptance and its decision. The message then opens a new ticket of its customer, and
  /// nothing is lost; messages that were decided or dead-lettered in the meantime stay where they are.
  private func rehome(_ group: ArraySlice<UndecidedItem>) async throws {
    var random = SystemRandom()
    for item in group {
      let fresh: TicketID = IdentifierSource.process.next(at: clock.now(), using: &random)
      try await store.inbox.rehome(item.id, freshTicket: fresh)
    }
  }
}

extension [UndecidedItem] {
  /// The messages of each ticket, oldest first, in the order of tickets.
  fileprivate var byTicket: [ArraySlice<UndecidedItem>] {
    func precedes(_ one: Int, _ other: Int) -> Bool {
      let (left, right) = (self[one].ticket, self[other].ticket)
      return left == right ? self[one].id < self[other].id : left < right
    }
    // Most batches are in order already: tickets and messages are numbered in the order of acceptance.
    let isOrdered = indices.dropFirst().allSatisfy { precedes($0 - 1, $0) }
    let ordered = isOrdered ? self : indices.sorted(by: precedes).map { self[$0] }
    var groups: [ArraySlice<UndecidedItem>] = []
    groups.reserveCapacity(count)
    var begin = 0
    for place in ordered.indices where place + 1 == count || ordered[place + 1].ticket != ordered[begin].ticket {
      groups.append(ordered[begin...place])
      begin = place + 1
    }
    return groups
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
