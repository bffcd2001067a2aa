import DequeModule
package import Wire

/// A ROUTER's peer, by the routing id of its connection.
package struct WorkerRoute: Hashable, Sendable {
  package let bytes: [UInt8]

  package init(bytes: [UInt8]) { self.bytes = bytes }
}

/// The upstream side of a link as a pure state machine: events in, effects out; time is passed in.
///
/// Invariants: a worker never has more items than it granted; an item is with one worker at a time; each accepted item gets exactly one
/// outcome; memory is bounded by `Limits.items`.
package struct UpstreamMachine {
  /// The limits and time-outs of a link, changeable for tests.
  package struct Limits {
    var items = MessagingBounds.itemsPerSource
    var itemsPerBatch = MessagingBounds.itemsPerBatch
    var bytesPerBatch = MessagingBounds.bytesPerBatch
    var handOuts = MessagingBounds.handOutsPerItem
    var itemAge = MessagingBounds.itemAge
    var heartbeatInterval = MessagingBounds.heartbeatInterval
    var silence = MessagingBounds.silenceLimit
    var workers = MessagingBounds.workersPerSource

    package init() {}
  }

  package enum Event {
    case received(LinkFrame, from: WorkerRoute)
    /// A message that is not a link message.
    case malformed(from: WorkerRoute)
    /// A message could not be sent: the connection is lost or stuck.
    case unreachable(WorkerRoute)
    /// Time has passed.
    case ticked
    /// The source closes.
    case closed
  }

  package enum Effect: Equatable {
    case send(LinkFrame, to: WorkerRoute)
    case report([WorkOutcome])

    func isSending(to route: WorkerRoute) -> Bool {
      if case .send(_, route) = self { true } else { false }
    }
  }

  struct Entry {
    var item: LinkItem
    let offeredAt: Duration
    let byteCount: Int
    let attemptsBefore: UInt32
    var handOuts = 0
    var holder: WorkerRoute?
  }

  struct Worker {
    let service: String
    let instanceID: String
    var credit = 0
    var held: Set<ItemID> = []
    var lastHeard: Duration
    var lastSent: Duration
    /// When it last finished items, or got some while it held none.
    var lastProgress: Duration = .zero
  }

  let limits: Limits
  let hello: WireHello

  // Other files of this machine contain parts of it, so these are not private.
  var entries: [ItemID: Entry] = [:]
  var line = WaitingLine()
  var workers: [WorkerRoute: Worker] = [:]
  var totals = WorkSourceSnapshot()

  /// Items in the order in which they were offered, for expiry; removed items are skipped.
  var ages: Deque<(id: ItemID, offeredAt: Duration)> = []

  package init(hello: WireHello, limits: Limits = Limits()) {
    self.hello = hello
    self.limits = limits
  }

  /// Items held, waiting or in flight.
  package var count: Int { entries.count }

  // MARK: Events

  /// Accepts items from the front while there is room.
  /// - Parameter unreported: outcomes that the service has not consumed yet; they use room too.
  package mutating func offer(
    _ items: [LinkItem], unreported: Int, now: Duration
  ) -> (taken: Int, effects: [Effect]) {
    var unsendable: [WorkOutcome] = []
    var room = max(0, limits.items - entries.count - unreported)
    var taken = 0
    for item in items {
      guard room > 0 else { break }
      taken += 1
      let id = item.id
      guard entries[id] == nil else {
        totals.duplicateTotal += 1
        continue
      }
      room -= 1
      let byteCount = item.byteCount
      guard byteCount <= MessagingBounds.bytesPerItem else {
        unsendable.append(WorkOutcome(id: id, result: .unsendable))
        continue
      }
      entries[id] = Entry(item: item, offeredAt: now, byteCount: byteCount, attemptsBefore: item.attempts)
      line.append(id)
      ages.append((id, now))
    }
    totals.failedTotal += unsendable.count
    let effects: [Effect] = unsendable.isEmpty ? [] : [.report(unsendable)]
    return (taken, effects + dispatch(now: now))
  }

  package mutating func handle(_ event: Event, now: Duration) -> [Effect] {
    switch event {
    case .received(let frame, let route):
      let effects = receive(frame, from: route, now: now)
      return effects + dispatch(now: now)
    case .malformed(let route):
      totals.malformedTotal += 1
      let effects = workers[route] == nil ? [] : lose(route) + [.send(.bye(reason: "malformed message"), to: route)]
      return effects + dispatch(now: now)
    case .unreachable(let route):
      guard workers[route] != nil else { return [] }
      return lose(route) + dispatch(now: now)
    case .ticked:
      return dropSilent(now: now) + expire(now: now) + dispatch(now: now) + beat(now: now)
    case .closed:
      return routesInOrder.map { .send(.bye(reason: "closing"), to: $0) }
    }
  }

  private mutating func receive(_ frame: LinkFrame, from route: WorkerRoute, now: Duration) -> [Effect] {
    if case .hello(let hello) = frame { return greet(hello, route, now: now) }
    guard workers[route] != nil else { return receiveFromStranger(frame, route) }
    workers[route]?.lastHeard = now
    switch frame {
    case .credit(let items):
      let credit = (workers[route]?.credit ?? 0) + min(items, MessagingBounds.creditPerWorker)
      workers[route]?.credit = min(credit, MessagingBounds.creditPerWorker)
      return []
    case .done(let ids):
      workers[route]?.lastProgress = now
      return finish(ids)
    case .nack(let ids, let reason): return takeBack(ids, from: route, reason: reason)
    case .heartbeat: return []
    case .drain:
      workers[route]?.credit = 0
      return [.send(.drain, to: route)]
    case .bye:
      return release(route, counting: false) + [.send(.bye(reason: "farewell"), to: route)]
    case .hello, .work:
      return lose(route) + [.send(.bye(reason: "unexpected message"), to: route)]
    }
  }

  private mutating func receiveFromStranger(_ frame: LinkFrame, _ route: WorkerRoute) -> [Effect] {
    switch frame {
    // A worker that counted as lost may still have finished its work.
    case .done(let ids): finish(ids)
    case .bye: [.send(.bye(reason: "farewell"), to: route)]
    default: [.send(.bye(reason: "send HELLO first"), to: route)]
    }
  }

  private mutating func greet(_ theirs: WireHello, _ route: WorkerRoute, now: Duration) -> [Effect] {
    let effects = release(route, counting: false)
    guard theirs.protocolVersion == hello.protocolVersion else {
      return effects + [.send(.bye(reason: "protocol version"), to: route)]
    }
    guard workers.count < limits.workers else {
      return effects + [.send(.bye(reason: "too many workers"), to: route)]
    }
    workers[route] = Worker(
      service: theirs.service, instanceID: theirs.instanceID, lastHeard: now, lastSent: now)
    return effects + [.send(.hello(hello), to: route)]
  }

  // MARK: Items

  private mutating func finish(_ ids: [ItemID]) -> [Effect] {
    var outcomes: [WorkOutcome] = []
    outcomes.reserveCapacity(ids.count)
    for id in ids {
      guard remove(id) else {
        totals.lateDoneTotal += 1
        continue
      }
      outcomes.append(WorkOutcome(id: id, result: .done))
    }
    totals.doneTotal += outcomes.count
    forgetOldAges()
    return outcomes.isEmpty ? [] : [.report(outcomes)]
  }

  private mutating func takeBack(_ ids: [ItemID], from route: WorkerRoute, reason: String) -> [Effect] {
    var outcomes: [WorkOutcome] = []
    for id in ids.reversed() where entries[id]?.holder == route {
      workers[route]?.held.remove(id)
      let counts = RefusalReason.counts(reason)
      if let outcome = putBack(id, counting: counts, otherwise: .refused(reason: reason)) { outcomes.append(outcome) }
    }
    totals.failedTotal += outcomes.count
    return outcomes.isEmpty ? [] : [.report(outcomes.reversed())]
  }

  /// Puts an item back to the head of the queue, or gives it up after too many deliveries.
  private mutating func putBack(_ id: ItemID, counting: Bool, otherwise result: WorkOutcome.Result) -> WorkOutcome? {
    entries[id]?.holder = nil
    if !counting { entries[id]?.handOuts -= 1 }
    guard (entries[id]?.handOuts ?? 0) < limits.handOuts else {
      entries[id] = nil
      return WorkOutcome(id: id, result: result)
    }
    line.prepend(id)
    totals.redeliveredTotal += 1
    return nil
  }

  /// Removes an item wherever it is; false when it is not held.
  private mutating func remove(_ id: ItemID) -> Bool {
    guard let entry = entries.removeValue(forKey: id) else { return false }
    if let holder = entry.holder {
      workers[holder]?.held.remove(id)
    } else {
      line.forgetOne { [entries] in entries[$0]?.holder == nil && entries[$0] != nil }
    }
    return true
  }

  private mutating func expire(now: Duration) -> [Effect] {
    var outcomes: [WorkOutcome] = []
    while let oldest = ages.first, oldest.offeredAt + limits.itemAge <= now {
      ages.removeFirst()
      guard entries[oldest.id]?.offeredAt == oldest.offeredAt, remove(oldest.id) else { continue }
      outcomes.append(WorkOutcome(id: oldest.id, result: .expired))
    }
    totals.expiredTotal += outcomes.count
    return outcomes.isEmpty ? [] : [.report(outcomes)]
  }

  /// Items mostly leave in the order in which they arrived, so this keeps the list of ages short.
  private mutating func forgetOldAges() {
    while let oldest = ages.first, entries[oldest.id]?.offeredAt != oldest.offeredAt { ages.removeFirst() }
    guard ages.count > 2 * entries.count + MessagingBounds.itemsPerBatch * 4 else { return }
    ages = Deque(ages.filter { entries[$0.id]?.offeredAt == $0.offeredAt })
  }

  // MARK: Workers

  private mutating func lose(_ route: WorkerRoute) -> [Effect] {
    totals.lostWorkersTotal += 1
    return release(route, counting: true)
  }

  /// Removes a worker and puts its items back.
  private mutating func release(_ route: WorkerRoute, counting: Bool) -> [Effect] {
    guard let worker = workers.removeValue(forKey: route) else { return [] }
    // Youngest first, as each goes to the head of the queue.
    let held = worker.held.sorted { age(of: $0) > age(of: $1) }
    let outcomes = held.compactMap { putBack($0, counting: counting, otherwise: .workersLost) }
    totals.failedTotal += outcomes.count
    return outcomes.isEmpty ? [] : [.report(outcomes)]
  }

  private func age(of id: ItemID) -> (Duration, UInt64, UInt64) {
    (entries[id]?.offeredAt ?? .zero, id.high, id.low)
  }

  private mutating func dropSilent(now: Duration) -> [Effect] {
    routesInOrder.filter { (workers[$0]?.lastHeard ?? now) + limits.silence <= now }
      .flatMap { lose($0) + [.send(.bye(reason: "silent"), to: $0)] }
  }

  private mutating func beat(now: Duration) -> [Effect] {
    var effects: [Effect] = []
    for route in routesInOrder {
      guard let worker = workers[route], worker.lastSent + limits.heartbeatInterval <= now else { continue }
      workers[route]?.lastSent = now
      effects.append(.send(.heartbeat(held: worker.held.count), to: route))
    }
    return effects
  }

  /// A fixed order, so that the same events produce the same effects.
  var routesInOrder: [WorkerRoute] {
    workers.keys.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
  }
}
