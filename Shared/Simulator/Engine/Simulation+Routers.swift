import DeskCore

/// The tickets in front of the router workers.
struct RoutingLine: Sendable {
  /// Tickets that wait for their decision, the next ones last.
  var waiting: [Int] = []
  /// Arrived since the line was last turned round.
  var behind: [Int] = []
  var batches: [Int: [Int]] = [:]
  /// Batches whose workers died.
  var lost: [Int: [Int]] = [:]
  var nextBatch = 0
  /// The time that workers were busy, and the tickets that they decided.
  var busyMicroseconds: Int64 = 0
  var decided = 0
  /// Workers that should run, those that died, and those that run.
  var wanted = 0
  var dead = 0
  var running: Int { max(0, wanted - dead) }

  var count: Int { waiting.count + behind.count }

  /// The next tickets, in the order in which they came.
  mutating func take(_ most: Int) -> [Int] {
    if waiting.isEmpty {
      waiting = behind.reversed()
      behind.removeAll()
    }
    let taken = Array(waiting.suffix(most).reversed())
    waiting.removeLast(taken.count)
    return taken
  }
}

extension Simulation {
  /// How long after a worker's death what it was deciding is decided by another (the router's `sweepAge`).
  static let claimTime: Duration = .seconds(3)

  mutating func setRouters(_ count: Int) {
    integrate()
    routing.wanted = count
    level.routers = routing.running
    startBatches()
  }

  mutating func queueForRouting(_ slot: Int) {
    integrate()
    routing.behind.append(slot)
    level.routing = routing.count
    startBatches()
  }

  mutating func withdrawFromRouting(_ slot: Int) {
    integrate()
    routing.waiting.removeAll { $0 == slot }
    routing.behind.removeAll { $0 == slot }
    for batch in routing.batches.keys { routing.batches[batch]?.removeAll { $0 == slot } }
    for batch in routing.lost.keys { routing.lost[batch]?.removeAll { $0 == slot } }
    level.routing = routing.count
  }

  private mutating func startBatches() {
    guard let fleet = scenario.routers else { return }
    while routing.batches.count < routing.running, routing.count > 0 {
      let taken = routing.take(fleet.batch)
      let number = routing.nextBatch
      routing.nextBatch += 1
      routing.batches[number] = taken
      var random = seed.generator(stream: 3_000_000 + UInt64(number))
      let time =
        fleet.perBatch.microseconds(using: &random) + Int64(fleet.perTicket * Double(taken.count) * 1e6)
      routing.busyMicroseconds += time
      agenda.add(.decided(batch: number), at: now + .microseconds(time))
    }
    level.routing = routing.count
  }

  mutating func finishBatch(_ number: Int) {
    guard let slots = routing.batches.removeValue(forKey: number) else { return }
    routing.decided += slots.count
    for slot in slots {
      if tickets[slot].counts { result.routing.add((now - tickets[slot].openedAt).inSeconds) }
      decide(slot)
    }
    integrate()
    startBatches()
  }

  /// Tickets of a batch whose worker died go to the head of the line once the claim has ended.
  mutating func returnBatch(_ number: Int) {
    guard let slots = routing.lost.removeValue(forKey: number) else { return }
    integrate()
    routing.waiting += slots.reversed()
    startBatches()
  }

  mutating func kill(routers count: Int) {
    integrate()
    routing.dead += count
    level.routers = routing.running
    // Those that were busy longest die first.
    let busy = routing.batches.keys.sorted()
    for number in busy.prefix(max(0, busy.count - routing.running)) {
      guard let slots = routing.batches.removeValue(forKey: number) else { continue }
      routing.lost[number] = slots
      agenda.add(.returned(batch: number), at: now + Simulation.claimTime)
    }
  }

  mutating func revive(routers count: Int) {
    integrate()
    routing.dead -= count
    level.routers = routing.running
    startBatches()
    wantsRound = true
  }
}
