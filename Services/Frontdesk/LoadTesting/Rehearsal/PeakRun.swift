import CommandLineTool
import DeskCore
import DeskReporting
import DeskSupervisor
import Store

/// Holds a rehearsal on a private desk whose routers come and go by themselves.
struct PeakRun: Sendable {
  /// What was seen at one time.
  struct Look: Sendable, Equatable, Encodable {
    /// Seconds since the first message.
    var seconds: Double
    /// Undecided messages.
    var backlog: Int
    var wanted: Int
    var running: Int
  }

  /// The first responses of one queue.
  struct Promises: Sendable, Equatable {
    var given = 0
    var late = 0

    var shareLate: Double { given > 0 ? Double(late) / Double(given) : 0 }
  }

  /// What happened.
  struct Outcome: Sendable {
    var looks: [Look]
    var promises: [QueueID: Promises]
    var ledger: LedgerVerdict
  }

  let desk: RehearsalDesk
  let samples: [String]
  let plan: PeakPlan
  let announce: @Sendable (String) -> Void

  private var traffic: SampleTraffic {
    SampleTraffic(
      samples: samples, channels: desk.local.keys.channels(), prefix: "rehearsal-\(plan.seed)-", messagesPerCustomer: 1)
  }

  /// Measures what one router carries when it is busy all the time, in messages per second. The desk is back at its base afterwards.
  func routerThroughput() async throws -> Double {
    try await desk.store.capacity.choose(ElasticService.router.rawValue, 1, by: "rehearsal")
    try await wait(for: "one router", where: { $0.running == 1 })
    let start = ContinuousClock.now
    let traffic = SampleTraffic(
      samples: samples, channels: desk.local.keys.channels(), prefix: "calibration-\(plan.seed)-")
    try await desk.send(RehearsalBounds.calibrationMessages) { traffic.message($0) }
    try await desk.settle()
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    try await desk.store.capacity.choose(ElasticService.router.rawValue, nil, by: "rehearsal")
    return Double(RehearsalBounds.calibrationMessages) / seconds
  }

  /// Holds the rehearsal: the agents work, messages come as planned, and everything is answered.
  func run() async throws -> Outcome {
    let names = Array(desk.local.keys.agents().prefix(plan.agents))
    let crew = try AgentCrew(names, of: desk.local, behaviour: plan.behaviour, seed: plan.seed)
    return try await crew.work { tally in
      announce("waiting until \(names.count) agents are online and nothing is left to answer")
      try await wait(for: "the agents to sign in") { tally.counts.present >= names.count }
      try await untilAnswered()
      let before = try await promises()
      let looks = try await watched { try await send() }
      announce("answering what is left")
      try await untilAnswered()
      try await wait(for: "the desk to go back to its base", where: { $0.wanted == $0.base && $0.running == $0.base })
      var promises = try await promises()
      for (queue, earlier) in before {
        promises[queue]?.given -= earlier.given
        promises[queue]?.late -= earlier.late
      }
      return Outcome(looks: looks, promises: promises, ledger: try await desk.verdict())
    }
  }

  private func send() async throws {
    var sent = 0
    for phase in plan.phases {
      announce("\(phase.name): \(Int(phase.rate)) messages per second for \(phase.length.text)")
      let (first, traffic) = (sent, traffic)
      try await desk.send(
        phase.messages, at: ArrivalSchedule(messagesPerSecond: phase.rate), batch: 1,
        connections: RehearsalBounds.peakConnections
      ) { traffic.message(first + $0) }
      sent += phase.messages
    }
  }

  // MARK: - Looking

  /// Looks at the desk while `body` runs.
  private func watched(_ body: @Sendable () async throws -> Void) async throws -> [Look] {
    let start = ContinuousClock.now
    return try await withThrowingTaskGroup(of: [Look].self) { group in
      group.addTask {
        var looks: [Look] = []
        while !Task.isCancelled {
          // One look that fails is a gap in the picture.
          if let look = try? await look(since: start) { looks.append(look) }
          try? await Task.sleep(for: RehearsalBounds.lookInterval)
        }
        return looks
      }
      try await body()
      group.cancelAll()
      return try await group.reduce(into: []) { $0 += $1 }
    }
  }

  private func look(since start: ContinuousClock.Instant) async throws -> Look? {
    let figures = try await desk.store.reports.inboxFigures()
    guard let row = try await router() else { return nil }
    return Look(
      seconds: (ContinuousClock.now - start) / .seconds(1), backlog: Int(figures.waiting), wanted: row.wanted,
      running: row.running)
  }

  private func router() async throws -> CapacityRow? {
    try await desk.store.capacity.rows().first { $0.service == ElasticService.router.rawValue }
  }

  private func promises() async throws -> [QueueID: Promises] {
    var promises: [QueueID: Promises] = [:]
    for figures in try await desk.store.reports.serviceLevelFigures()
    where figures.clock == ServiceLevelClocks.Name.firstResponse.rawValue {
      promises[figures.queue] = Promises(given: Int(figures.promised), late: Int(figures.breached))
    }
    return promises
  }

  // MARK: - Waiting

  /// Looks until a condition holds.
  /// - Parameter what: what is waited for, as the end of an error message.
  private func wait(for what: String, until isReached: () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now + RehearsalBounds.calmTime
    while try await !isReached() {
      guard ContinuousClock.now < deadline else {
        throw CommandFailure("after \(RehearsalBounds.calmTime.text) still waiting for \(what)")
      }
      try await Task.sleep(for: Ledger.lookInterval)
    }
  }

  private func wait(for what: String, where isReached: (CapacityRow) -> Bool) async throws {
    try await wait(for: what) { try await router().map(isReached) ?? false }
  }

  /// Waits until nothing is undecided and no ticket waits for an agent or a reply.
  private func untilAnswered() async throws {
    try await desk.settle()
    try await wait(for: "every ticket to be answered") {
      try await desk.store.reports.queueFigures().allSatisfy { $0.waiting + $0.offered + $0.assigned == 0 }
    }
  }
}
