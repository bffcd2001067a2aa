import DeskCore
import Messaging
import Store
import Wire

/// Intake: `CommitMachine` decides what is committed when, `LinkPlaces` and the link who holds it.
final class IntakeProcess: SimulatedProcess {
  private var machine = CommitMachine()
  private var places = LinkPlaces(capacity: 0)
  private var pressure = LinkPressure()
  private var answers: [CommitMachine.SubmissionID: (CommitMachine.Answer) -> Void] = [:]
  private var lastSubmission: CommitMachine.SubmissionID = 0

  override var service: String? { "intake" }

  override func begin() {
    machine = CommitMachine()
    places = LinkPlaces(capacity: FaultSimulationBounds.linkPlaces)
    var limits = LinkPressure.Limits()
    limits.depth = FaultSimulationBounds.linkDepth
    limits.shallow = FaultSimulationBounds.linkDepth
    limits.slowestPerSecond = FaultSimulationBounds.linkSlowestPerSecond
    pressure = LinkPressure(limits: limits)
    answers = [:]
    source = LinkSource(of: self) { [unowned self] in take($0) }
    every(.milliseconds(500)) { [unowned self] in adopt() }
  }

  /// A customer's request.
  func submit(_ message: RunPlan.Message, _ answer: @escaping (CommitMachine.Answer) -> Void) {
    // Not registered yet: it does not listen.
    guard source != nil else { return }
    lastSubmission += 1
    answers[lastSubmission] = answer
    let incoming = IncomingMessage(
      id: identifiers.next(at: now, using: &random), ticket: identifiers.next(at: now, using: &random),
      channel: SimulatedPolicy.chat, customer: "customer-\(message.customer)", externalID: "\(message.number)",
      digest: Array("\(message.number)".utf8) + Array(repeating: 0, count: 16), subject: nil, body: message.text,
      attributes: nil, attachments: nil, sentAt: nil, traceparent: nil)
    handle(
      .submitted(
        lastSubmission,
        [CommitMachine.Entry(message: incoming, byteCount: 512, sender: .channel(SimulatedPolicy.chat))]))
  }

  // MARK: Committing

  private func handle(_ event: CommitMachine.Event) {
    let room = pressure.room(used: places.usedCount, now: world.now)
    for effect in machine.handle(event, now: world.now, linkRoom: room) {
      switch effect {
      case .commit(let batch, let messages, _): commit(batch, messages)
      case .answer(let submission, let answer): answers.removeValue(forKey: submission)?(answer)
      case .pause(let batch, let time): after(time) { [unowned self] in handle(.pauseEnded(batch)) }
      case .gather(let time): after(time) { [unowned self] in handle(.gathered) }
      case .drained: break
      }
    }
  }

  private func commit(_ batch: CommitMachine.BatchID, _ messages: [IncomingMessage]) {
    let promise = places.promise(messages.count)
    let owner = promise == nil ? nil : instance
    execute({ $0.tables.accept(messages, owner: owner) }) { [unowned self] result in
      switch result {
      case .success(let outcomes):
        let receipt = CommitReceipt(outcomes: outcomes, owner: owner)
        let accepted = receipt.accepted(of: messages)
        if let promise { places.keep(promise, for: accepted.map(\.acceptance.message)) }
        for message in accepted { note("commits message \(message.message.externalID)") }
        handle(.committed(batch, outcomes))
        if owner != nil { offer(accepted.map { LinkItem($0) }) }
      case .failure:
        if let promise { places.withdraw(promise) }
        handle(.failed(batch, .outage))
      }
    }
  }

  // MARK: The link

  private func offer(_ items: [LinkItem]) {
    let mine = places.offer(items.map { MessageID($0.id) })
    let items = items.filter { mine.contains(MessageID($0.id)) }
    guard !items.isEmpty, let source else { return }
    let left = items.dropFirst(source.offer(items)).map { MessageID($0.id) }
    places.free(left)
    release(left)
  }

  private func take(_ outcomes: [WorkOutcome]) {
    places.free(outcomes.map { MessageID($0.id) })
    pressure.finish(outcomes.done.count, now: world.now)
    release(outcomes.expired.map(MessageID.init))
    let failed = outcomes.failed.map { MessageID($0.id) }
    guard !failed.isEmpty else { return }
    execute({ $0.tables.countAttempts(of: failed) }) { [unowned self] _ in release(failed) }
  }

  private func release(_ ids: [MessageID]) {
    let me = instance
    if !ids.isEmpty { execute({ $0.tables.release(ids, heldBy: me) }) { _ in } }
  }

  private func adopt() {
    let limit = min(places.room, source?.room ?? 0)
    guard limit > 0, let promise = places.promise(limit) else { return }
    let me = instance
    execute({ $0.tables.adopt(for: me, limit: limit) }) { [unowned self] result in
      guard case .success(let adopted) = result else {
        places.withdraw(promise)
        return
      }
      places.keep(promise, for: adopted.map(\.id))
      if !adopted.isEmpty { note("adopts \(adopted.count) messages") }
      offer(adopted.map { LinkItem($0) })
    }
  }
}

extension Identifier {
  init(_ item: ItemID) {
    self.init(high: item.high, low: item.low)
  }
}

extension LinkItem {
  /// A message that was just committed.
  fileprivate init(_ accepted: AcceptedMessage) {
    let acceptance = accepted.acceptance
    self.init(
      acceptance.message, on: acceptance.ticket, from: accepted.message.customer, accepted.message.body,
      at: acceptance.acceptedAt, opensTicket: acceptance.opensTicket)
  }

  /// A message that was fetched from the database.
  fileprivate init(_ message: UndecidedMessage) {
    self.init(
      message.id, on: message.ticket, from: message.customer, message.body, at: message.acceptedAt,
      opensTicket: message.opensTicket, attempts: message.attempts)
  }

  private init(
    _ message: MessageID, on ticket: TicketID, from customer: String, _ body: String, at time: Instant,
    opensTicket isFirst: Bool, attempts: Int16 = 0
  ) {
    var content = Content()
    content.ticketID = ItemID(ticket)
    content.channel = SimulatedPolicy.chat.rawValue
    content.customer = customer
    content.text = body
    content.receivedAtUs = time.microseconds
    content.opensTicket = isFirst
    content.tier = CustomerTier.standard.rawValue
    self.init(ItemID(message), attempts: UInt32(clamping: attempts), content)
  }
}
