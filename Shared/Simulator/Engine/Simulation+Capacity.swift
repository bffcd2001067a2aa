import DeskCore

/// The number of router workers as `CapacityController` wants it, from what it saw last.
struct ElasticRouters: Sendable {
  var controller: CapacityController
  var seenAt: Instant
  var seenBusy: Int64 = 0
  var seenDecided = 0
  var seenArrived = 0
  var wanted: Int
}

extension Simulation {
  /// How often the controller looks.
  static let capacityPause: Duration = .seconds(2)
  /// How long after the decision a new worker takes its first work.
  static let routerStart: Duration = .seconds(1)

  mutating func beginFollowingLoad() {
    guard let fleet = scenario.routers, let settings = fleet.capacity else { return }
    elastic = ElasticRouters(
      controller: CapacityController(settings, peaks: fleet.peaks, wanted: fleet.workers, now: now), seenAt: now,
      wanted: fleet.workers)
    agenda.add(.capacity, at: now + Simulation.capacityPause)
  }

  /// One look of the controller. Workers that are no longer wanted finish what they have; new ones need a moment to start.
  mutating func followLoad() {
    guard var elastic else { return }
    let decision = elastic.controller.handle(observation(since: elastic), now: now)
    elastic.seenAt = now
    elastic.seenBusy = routing.busyMicroseconds
    elastic.seenDecided = routing.decided
    elastic.seenArrived = arrived
    if decision.wanted > elastic.wanted {
      agenda.add(.routersStarted(number: decision.wanted), at: now + Simulation.routerStart)
    } else if decision.wanted < elastic.wanted {
      setRouters(decision.wanted)
    }
    elastic.wanted = decision.wanted
    self.elastic = elastic
    agenda.add(.capacity, at: now + Simulation.capacityPause)
  }

  private func observation(since last: ElasticRouters) -> CapacityObservation {
    let seconds = max(1e-6, (now - last.seenAt).inSeconds)
    let busy = Double(routing.busyMicroseconds - last.seenBusy) / 1e6
    let inWork = routing.batches.values.reduce(0) { $0 + $1.count }
    let oldest = routing.oldest.map { now - tickets[$0].openedAt } ?? .zero
    return CapacityObservation(
      at: now, running: routing.running, backlog: routing.count + inWork, oldestAge: oldest,
      arrivals: Double(arrived - last.seenArrived) / seconds,
      busyShare: min(1, busy / (seconds * Double(max(1, routing.running)))),
      throughput: Double(routing.decided - last.seenDecided) / seconds)
  }
}

extension RoutingLine {
  /// The ticket that waits longest.
  fileprivate var oldest: Int? { waiting.last ?? behind.first }
}
