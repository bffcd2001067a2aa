import DequeModule
import DeskCore
import Messaging
import Store
import Wire

/// The router: `DecisionFolding` decides on messages, `MatchingEngine` and `OfferSteps` offer tickets, under leases that `LeaseTrust`
/// dates.
final class RouterProcess: SimulatedProcess {
  private var sink: LinkSink?
  /// Batches of the link that wait: one is decided at a time.
  private var batches: Deque<[LinkItem]> = []
  private var isDeciding = false
  private var leases: LeaseHolder?
  private var matching: OfferRound?

  /// The lease of a queue, and of the one router that takes tickets back.
  static func lease(of queue: QueueID) -> String { "queue:\(queue)" }
  static let keeperLease = "desk-keeper"

  override var service: String? { "router" }

  override func begin() {
    batches = []
    isDeciding = false
    sink = LinkSink(of: self) { [unowned self] items in
      batches.append(items)
      decideNext()
    }
    leases = LeaseHolder(in: self) { [unowned self] in matching?.wake() }
    matching = OfferRound(in: self)
    sweep()
    every(.milliseconds(500)) { [unowned self] in takeBackExpired() }
  }

  override func learn(_ living: [ServiceInstance]) {
    sink?.follow("classifier", among: living)
    let routers = living.filter { $0.service == "router" }.map(\.id)
    let mine = QueueShare.queues(of: instance, among: routers, queues: SimulatedPolicy.policy.queues.keys.sorted())
    leases?.want(Set(mine.map(Self.lease) + [Self.keeperLease]))
  }

  override func hear(_ hint: Hint) {
    if case .queue(let queue) = hint, fence(Self.lease(of: queue)) == nil { return }
    matching?.wake()
  }

  /// The fence of a lease that is held and trusted.
  func fence(_ lease: String) -> Fence? { leases?.fence(lease) }

  // MARK: Deciding

  private func decideNext() {
    guard !isDeciding, let batch = batches.popFirst() else { return }
    isDeciding = true
    settle(batch, attempt: 1)
  }

  private func settle(_ batch: [LinkItem], attempt: Int) {
    let items = batch.compactMap { UndecidedItem($0) }
    decide(items) { [unowned self] isDecided in
      let ids = batch.map(\.id)
      if isDecided {
        sink?.finish(ids)
      } else if attempt == FaultSimulationBounds.attemptsPerBatch {
        sink?.refuse(ids, reason: "unavailable")
      } else {
        return after(.milliseconds(min(2_000, 50 << attempt))) { [unowned self] in settle(batch, attempt: attempt + 1) }
      }
      isDeciding = false
      decideNext()
    }
  }

  /// Decides messages, unless another router already has.
  /// - Parameter then: is told whether none of them is undecided any more.
  private func decide(_ items: [UndecidedItem], round: Int = 0, _ then: @escaping (Bool) -> Void) {
    guard !items.isEmpty else { return then(true) }
    guard round < FaultSimulationBounds.decisionRounds else { return then(false) }
    let groups = Dictionary(grouping: items, by: \.ticket).mapValues { $0.sorted { $0.id < $1.id } }
    let order = groups.keys.sorted()
    let unread = order.filter { !(round == 0 && groups[$0]?.first?.opensTicket == true) }
    read(unread) { [unowned self] known in
      guard let known else { return then(false) }
      var folding = DecisionFolding(
        under: SimulatedPolicy.policy, full: [], crises: [], identifiers: identifiers,
        random: SeededGenerator(seed: random.next()))
      var steps: [TicketStep] = []
      var strays: [UndecidedItem] = []
      for id in order {
        guard let group = groups[id], let opening = group.first else { continue }
        if let ticket = known[id] ?? (unread.contains(id) ? nil : opening.opening) {
          let step = folding.step(on: ticket, by: group[...], at: now) { [unowned self] in
            note("BUG: \(id) refuses: \($0)")
          }
          steps.append(step)
        } else {
          strays += group
        }
      }
      let fresh = strays.map { ($0.id, identifiers.next(at: now, using: &random) as TicketID) }
      commit(steps, rehoming: fresh) { [unowned self] committed in
        guard let committed else { return then(false) }
        let open = items.filter { !committed.contains($0.ticket) }
        if open.isEmpty { return then(true) }
        execute({ $0.tables.undecidedWords(of: open.map(\.id)) }) { [unowned self] result in
          guard case .success(let kept) = result else { return then(false) }
          // A stray that went to another ticket is decided there, by a sweep.
          let left = open.filter { item in kept[item.id] != nil && !strays.contains { $0.id == item.id } }
          decide(left, round: round + 1, then)
        }
      }
    }
  }

  private func read(_ tickets: [TicketID], _ then: @escaping ([TicketID: Ticket]?) -> Void) {
    guard !tickets.isEmpty else { return then([:]) }
    execute({ $0.tables.tickets(tickets) }) { then(try? $0.get()) }
  }

  private func commit(
    _ steps: [TicketStep], rehoming strays: [(MessageID, TicketID)], _ then: @escaping (Set<TicketID>?) -> Void
  ) {
    let me = node
    execute({ server in
      for (message, ticket) in strays { _ = server.tables.rehome(message, freshTicket: ticket) }
      return server.commit(steps, fencedBy: nil, by: me)
    }) { [unowned self] result in
      guard case .success(let committed) = result else { return then(nil) }
      for step in steps where committed.contains(step.ticket.id) {
        note(
          "decides \(step.decides.count) messages of \(world.name(of: step.ticket.id)): \(step.ticket.state.rawValue)")
        wake(for: step)
      }
      then(committed)
    }
  }

  /// Tells whoever may act now.
  private func wake(for step: TicketStep) {
    for case .wakeQueue(let queue) in step.effects {
      matching?.wake()
      publish(.queue(queue))
    }
    if !step.notices.isEmpty { publish(.outbox) }
  }

  // MARK: Sweeping

  private func sweep() {
    let rows = FaultSimulationBounds.rows
    execute({ server in
      (server.tables.claimLabelled(olderThan: .seconds(3), limit: rows), server.tables.claimPoisoned(limit: 16))
    }) { [unowned self] result in
      let pause = Duration.milliseconds(Int64.random(in: 500...700, using: &random))
      guard case .success(let (stale, poisoned)) = result, !stale.isEmpty || !poisoned.isEmpty else {
        return after(pause) { [unowned self] in sweep() }
      }
      note("takes \(stale.count) messages from the database, and \(poisoned.count) that were tried too often")
      decide(stale.compactMap { UndecidedItem($0) }) { [unowned self] _ in
        settle(poisoned[...]) { [unowned self] in after(.milliseconds(1)) { [unowned self] in sweep() } }
      }
    }
  }

  /// Gives messages that were tried too often their last chances, one by one.
  private func settle(_ poisoned: ArraySlice<UndecidedMessage>, _ then: @escaping () -> Void) {
    guard let message = poisoned.first else { return then() }
    let limit = StoreBounds.attemptsBeforePoison + FaultSimulationBounds.lastAttempts
    guard message.attempts > limit else {
      let labels = message.labels ?? .unknown
      return decide([UndecidedItem(message, labels: labels)]) { [unowned self] _ in settle(poisoned.dropFirst(), then) }
    }
    let reason = "no stage could handle it in \(message.attempts) attempts"
    note("gives a message up: \(reason)")
    execute({ $0.tables.deadLetter(message.id, reason: reason) }) { [unowned self] _ in
      settle(poisoned.dropFirst(), then)
    }
  }

  // MARK: Taking back

  private func takeBackExpired() {
    guard let fence = fence(Self.keeperLease) else { return }
    execute({ server in
      let expired = server.tables.expiredOffers(limit: FaultSimulationBounds.rows)
      return (expired, server.tables.tickets(expired.map(\.ticket)))
    }) { [unowned self] result in
      guard case .success(let (expired, tickets)) = result, !expired.isEmpty else { return }
      let steps = expired.compactMap { row in
        tickets[row.ticket].flatMap {
          try? TicketStep(
            .offerTimedOut(row.offer), on: $0, at: now, under: SimulatedPolicy.policy, using: &random)
        }
      }
      commit(steps, fencedBy: fence) { [unowned self] step in
        note("takes \(world.name(of: step.ticket.id)) back from an agent who did not answer")
      }
    }
  }

  /// Commits steps under a lease.
  private func commit(_ steps: [TicketStep], fencedBy fence: Fence, _ taken: @escaping (TicketStep) -> Void) {
    let me = node
    execute({ $0.commit(steps, fencedBy: fence, by: me) }) { [unowned self] result in
      guard case .success(let committed) = result else { return }
      for step in steps where committed.contains(step.ticket.id) {
        taken(step)
        wake(for: step)
      }
    }
  }
}

extension UndecidedItem {
  /// The ticket that it opens, as intake left it; nil if it opens none.
  fileprivate var opening: Ticket? {
    guard opensTicket else { return nil }
    return Ticket(id: ticket, channel: channel, customer: customer, tier: tier, openedAt: acceptedAt)
  }
}

extension Labels {
  /// Labels for a message that no classifier could label. Zero confidence sends it to triage.
  fileprivate static let unknown = Labels(
    category: "unknown", intent: "unknown", confidence: 0, urgency: .normal, sentiment: .neutral, language: "und",
    modelVersion: "none")
}
