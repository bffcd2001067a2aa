import DeskCore

/// A run of a scenario in virtual time.
///
/// Nothing here decides: the policy's code decides about a ticket (`Policy.decide`), `MatchingEngine` about who is offered what, and a
/// ticket's lifecycle (`Ticket.handle`) about everything that is not plain sailing: refused offers, escalations, agents who drop out. A run
/// only says when what happens, and counts.
public struct Simulation: Sendable {
  let scenario: Scenario
  let policy: Policy
  let seed: SimulationSeed
  let queues: [QueuePolicy]
  /// Whether every ticket's lifecycle is kept in full from the beginning, not only where it matters. Slow, and for tests: the result is
  /// the same.
  let keepsLifecycles: Bool

  var now: Instant
  var agenda = Agenda()
  var engine: MatchingEngine
  var decisions: DecisionMemory
  var estimators: [WaitEstimator]
  var lastEstimateAt = Instant.earliest
  /// How long the ticket waited that last went to an agent, by queue, and the errors of the estimators.
  var lastWaits: [Double?]
  var estimateErrors: [DelayEstimator: [Double]] = [:]

  // Tickets
  var tickets: [SimulatedTicket] = []
  var freeSlots: [Int] = []
  var lifecycles: [Int: Ticket] = [:]
  var arrived = 0
  var open = 0
  var isWarm: Bool

  // Arrivals
  var streams: [ArrivalState]
  var nextRecorded = 0

  // Agents
  var agents: [StaffMember] = []
  var numberOfAgent: [AgentID: Int] = [:]
  var rosters: [DutyRoster]
  /// Variates by kind and group, and patience by kind.
  let handling: [[HandlingRule]]
  let patience: [Variate?]

  // Matching
  var wantsRound = false
  var isRoundPlanned = false
  var roundAllowedAt = Instant.earliest
  var pollAt: Instant?
  /// Agents whose status changed in this round.
  var touched: [Int] = []

  // Routers
  var routing = RoutingLine()
  var elastic: ElasticRouters?

  // Figures
  var result: SimulationResult
  var level = TimeSeries.Level()
  var usedSeconds = 0.0
  var staffSeconds = 0.0
  var routerSeconds = 0.0
  var figuresUntil: Instant

  /// Prepares a run.
  /// - Parameters:
  ///   - seed: nil for the scenario's.
  ///   - keepsLifecycles: whether every ticket is kept as a `Ticket` throughout: slower, with the same result.
  public init(_ scenario: Scenario, seed: SimulationSeed? = nil, keepsLifecycles: Bool = false) {
    self.scenario = scenario
    self.keepsLifecycles = keepsLifecycles
    policy = scenario.policy
    self.seed = seed ?? scenario.seed
    queues = scenario.policy.queues.values.sorted { $0.id < $1.id }
    now = scenario.start
    isWarm = scenario.warmUp == .zero
    figuresUntil = scenario.start
    let start = scenario.start
    engine = MatchingEngine(
      queues: queues, headStarts: scenario.policy.headStarts, now: scenario.start, isKept: true)
    decisions = DecisionMemory(policy: scenario.policy, kinds: scenario.kinds, queues: queues)
    estimators = queues.map { _ in WaitEstimator(now: start) }
    lastWaits = queues.map { _ in nil }
    rosters = scenario.staff.map {
      $0.presence.isEmpty
        ? DutyRoster($0.shifts, in: scenario.zone, from: start, to: scenario.end + SimulatorBounds.longestDrain)
        : DutyRoster($0.presence, from: start)
    }
    handling = scenario.kinds.map { kind in
      scenario.staff.map { group in
        scenario.handling.first { $0.applies(to: kind, group.name) } ?? HandlingRule(time: .constant(0))
      }
    }
    patience = scenario.kinds.map { kind in scenario.patience.first { $0.applies(to: kind) }?.time }
    result = SimulationResult(seed: self.seed, series: TimeSeries(start: start, step: scenario.step))
    var streams: [ArrivalState] = []
    for (number, stream) in scenario.arrivals.enumerated() {
      streams.append(
        ArrivalState(stream, kinds: scenario.kinds, random: self.seed.generator(stream: UInt64(1_000 + number))))
    }
    self.streams = streams
    prepareAgents()
  }

  /// Runs until the last ticket is answered or has left.
  /// - Parameter report: called now and then with the share of the scenario that is over, 0 to 1; returns false to end the run.
  /// - Throws: `SimulationFailure.stopped` when it was ended, or that too many tickets are open.
  public mutating func run(
    _ report: (Double) -> Bool = { _ in true }
  ) throws(SimulationFailure) -> SimulationResult {
    prepareAgenda()
    let end = scenario.end
    let last = scenario.drains ? end + SimulatorBounds.longestDrain : end
    while let (at, event) = agenda.next() {
      if at > last || at >= end && open == 0 { break }
      now = at
      handle(event)
      if wantsRound { round() }
      result.events += 1
      if result.events % SimulatorBounds.eventsPerReport == 0 {
        guard open <= SimulatorBounds.openTickets else { throw .tooManyOpenTickets(after: now - scenario.start) }
        guard report(min(1, (now - scenario.start).inSeconds / scenario.length.inSeconds)) else { throw .stopped }
      }
    }
    now = max(now, end)
    countRest()
    return result
  }

  private mutating func handle(_ event: Agenda.Event) {
    switch event {
    case .arrival(let stream): arrive(by: stream)
    case .recorded: arriveRecorded()
    case .decided(let batch): finishBatch(batch)
    case .returned(let batch): returnBatch(batch)
    case .answered(let slot, let serial, let accepts):
      if tickets[slot].serial == serial { answerOffer(slot, accepts: accepts) }
    case .expired(let slot, let serial): if tickets[slot].serial == serial { expireOffer(slot) }
    case .handled(let slot, let serial): if tickets[slot].serial == serial { finishHandling(slot) }
    case .gaveUp(let slot, let ticket): if tickets[slot].number == ticket { giveUp(slot) }
    case .deadline(let slot, let ticket): if tickets[slot].number == ticket { reachDeadline(slot) }
    case .matching:
      isRoundPlanned = false
      wantsRound = true
    case .polling:
      if pollAt == now {
        pollAt = nil
        wantsRound = true
      }
    case .shift(let group, let change): changeShift(of: group, change)
    case .back(let agent, let serial): if agents[agent].absence == serial { comeBack(agent) }
    case .fault(let number, let begins): handleFault(number, begins: begins)
    case .capacity: followLoad()
    case .routersStarted(let number): if elastic?.wanted == number { setRouters(number) }
    case .warmedUp: isWarm = true
    }
  }

  private mutating func prepareAgenda() {
    if scenario.warmUp > .zero { agenda.add(.warmedUp, at: scenario.start + scenario.warmUp) }
    for group in rosters.indices where !rosters[group].changes.isEmpty {
      agenda.add(.shift(group: group, change: 0), at: max(scenario.start, rosters[group].changes[0].at))
    }
    for (number, fault) in scenario.faults.enumerated() {
      agenda.add(.fault(number: number, begins: true), at: scenario.start + fault.after)
      agenda.add(.fault(number: number, begins: false), at: scenario.start + fault.after + fault.length)
    }
    if let routers = scenario.routers { setRouters(routers.workers) }
    beginFollowingLoad()
    for stream in streams.indices { planArrival(by: stream) }
    if let first = scenario.recording.first { agenda.add(.recorded, at: scenario.start + first.after) }
  }

  /// Tickets that nobody answered until the end.
  private mutating func countRest() {
    integrate()
    for slot in tickets.indices where tickets[slot].phase != .gone && !tickets[slot].isAnswered {
      result.unfinished += tickets[slot].counts ? 1 : 0
      if tickets[slot].phase == .routing { tally(slot) { $0.arrived += 1 } }
      guard let due = tickets[slot].dueAt, due < now else { continue }
      tally(slot) { outcome in
        outcome.late += 1
        outcome.decided += 1
      }
    }
    result.occupancy = staffSeconds > 0 ? usedSeconds / staffSeconds : 0
    result.staffHours = staffSeconds / 3_600
    result.routerHours = routerSeconds / 3_600
    result.estimates = estimateErrors.compactMapValues { EstimateError($0) }
    result.finish()
  }

  // MARK: Figures

  /// Counts the time since the last change of a level. Called before each change.
  mutating func integrate() {
    guard now > figuresUntil else { return }
    // Who is still there when the last tickets are worked off would dilute the figures.
    if isWarm, figuresUntil < scenario.end {
      let seconds = (min(now, scenario.end) - figuresUntil).inSeconds
      usedSeconds += seconds * level.used
      staffSeconds += seconds * level.staff
      routerSeconds += seconds * Double(level.routers)
    }
    result.series.integrate(level, until: now)
    figuresUntil = now
  }

  /// Changes the figures of a ticket's class, its queue and all, unless it came during the warm-up.
  mutating func tally(_ slot: Int, _ change: (inout Outcome) -> Void) {
    guard tickets[slot].counts else { return }
    change(&result.all)
    change(&result.classes[tickets[slot].priority, default: Outcome()])
    change(&result.tiers[tickets[slot].tier, default: Outcome()])
    change(&result.queues[queues[tickets[slot].queue].id, default: Outcome()])
  }
}

extension HandlingRule {
  func applies(to kind: TicketKind, _ group: String) -> Bool {
    (categories.isEmpty || categories.contains(kind.labels.category)) && (groups.isEmpty || groups.contains(group))
  }
}

extension PatienceRule {
  func applies(to kind: TicketKind) -> Bool {
    (categories.isEmpty || categories.contains(kind.labels.category))
      && (channels.isEmpty || channels.contains(kind.channel))
  }
}
