/// The agents that queues need over time by each rule, with what each costs and risks, and the router workers for the same tickets.
public struct StaffingPlan: Hashable, Sendable {
  /// What one rule asks for in one period of one queue.
  public struct Staff: Hashable, Sendable {
    /// Available agents for the expected tickets, and for as many as the upper end of the prediction interval.
    public let agents: Int
    public let agentsAtUpper: Int
    /// What `agents` come to if as many tickets come as expected.
    public let figures: StaffingFigures
    /// The share that `agents` answer in time if as many come as the upper end of the interval.
    public let answeredShareAtUpper: Double
  }

  /// One period of one queue.
  public struct Row: Hashable, Sendable {
    public let period: ForecastPeriod
    /// The expected load, and that of the upper end of the prediction interval.
    public let load: ServiceLoad
    public let upperLoad: ServiceLoad
    /// In the order of `StaffingRule.allCases`.
    public let staff: [Staff]

    public subscript(rule: StaffingRule) -> Staff { staff[StaffingPlan.place(of: rule)] }

    /// The tickets of the upper end of the prediction interval.
    public var upperTickets: Double { max(period.expected, period.interval.upperBound) }

    var hours: Double { period.length.inSeconds / 3600 }
  }

  /// The router workers of one period, for the messages of all queues.
  public struct WorkerRow: Hashable, Sendable {
    public let start: Instant
    public let messagesPerSecond: Double
    public let workers: WorkerNeed
    /// For the sum of the upper ends of the prediction intervals: more than all queues together are likely to reach.
    public let workersAtUpper: WorkerNeed
  }

  /// What one rule comes to over all periods and queues.
  public struct Total: Hashable, Sendable {
    public let rule: StaffingRule
    /// Paid hours for the expected tickets, and for the upper ends of the prediction intervals.
    public let paidHours: Double
    public let paidHoursAtUpper: Double
    /// The most available agents at once.
    public let peakAgents: Int
    /// The shares of all tickets answered in time and abandoned; the first also if as many come as the upper ends.
    public let answeredShare: Double
    public let abandonedShare: Double
    public let answeredShareAtUpper: Double
    /// The share of the available agents' time in which they are busy.
    public let occupancy: Double
    /// Periods of queues in which the target is missed, among those that have tickets.
    public let missed: Int
    public let periods: Int
    /// The least share answered in time of these.
    public let worstShare: Double
  }

  public let assumptions: StaffingAssumptions
  /// Sorted by start, then by queue.
  public let rows: [Row]
  public let workers: [WorkerRow]
  /// In the order of `StaffingRule.allCases`.
  public let totals: [Total]

  /// - Parameter forecast: in any order; periods without any length, of a day with a clock change, are left out.
  /// - Throws: `StaffingError` for an impossible expectation, load or period, or more than `StaffingBounds.periods`.
  public init(_ forecast: [ForecastPeriod], _ assumptions: StaffingAssumptions) throws(StaffingError) {
    try StaffingError.check(Double(forecast.count), .periods, in: 0...Double(StaffingBounds.periods))
    self.assumptions = assumptions
    var rows: [Row] = []
    rows.reserveCapacity(forecast.count)
    for period in forecast where period.length != .zero { rows.append(try Self.row(period, assumptions)) }
    rows.sort { ($0.period.start, $0.period.queue) < ($1.period.start, $1.period.queue) }
    self.rows = rows
    workers = try Self.workers(rows, assumptions)
    totals = StaffingRule.allCases.map { Self.total($0, rows, assumptions) }
  }

  public subscript(rule: StaffingRule) -> Total { totals[Self.place(of: rule)] }

  static func place(of rule: StaffingRule) -> Int {
    switch rule {
    case .erlangA: 0
    case .erlangC: 1
    case .squareRoot: 2
    case .flat: 3
    }
  }

  private static func row(
    _ period: ForecastPeriod, _ assumptions: StaffingAssumptions
  ) throws(StaffingError) -> Row {
    let seconds = period.length.inSeconds
    try StaffingError.check(seconds, .periodLength, in: StaffingBounds.periodSeconds)
    let work = assumptions.workOfQueue[period.queue] ?? assumptions.work
    let upper = max(period.expected, period.interval.upperBound)
    for tickets in [period.expected, upper] {
      try StaffingError.check(tickets, .expected, in: StaffingBounds.expected)
    }
    let load = try ServiceLoad(
      arrivalsPerSecond: period.expected / seconds, handlingSeconds: work.handlingSeconds,
      patienceSeconds: work.patienceSeconds)
    let upperLoad = try ServiceLoad(
      arrivalsPerSecond: upper / seconds, handlingSeconds: work.handlingSeconds, patienceSeconds: work.patienceSeconds)
    let (target, tickets) = (assumptions.target, assumptions.ticketsPerAgent)
    var staff: [Staff] = []
    for rule in StaffingRule.allCases {
      // Without patience both are the same formula.
      if rule == .erlangC, let first = staff.first, !work.patienceSeconds.isFinite {
        staff.append(first)
        continue
      }
      let agents = try rule.agents(for: load, target: target, ticketsPerAgent: tickets)
      staff.append(
        Staff(
          agents: agents, agentsAtUpper: try rule.agents(for: upperLoad, target: target, ticketsPerAgent: tickets),
          figures: try StaffingFigures(load: load, agents: agents, target: target, ticketsPerAgent: tickets),
          answeredShareAtUpper: try StaffingFigures(
            load: upperLoad, agents: agents, target: target, ticketsPerAgent: tickets
          ).answeredShare))
    }
    return Row(period: period, load: load, upperLoad: upperLoad, staff: staff)
  }

  private static func workers(
    _ rows: [Row], _ assumptions: StaffingAssumptions
  ) throws(StaffingError) -> [WorkerRow] {
    var workers: [WorkerRow] = []
    var position = 0
    while position < rows.count {
      let start = rows[position].period.start
      var (rate, upper) = (0.0, 0.0)
      while position < rows.count, rows[position].period.start == start {
        rate += rows[position].load.arrivalsPerSecond * assumptions.messagesPerTicket
        upper += rows[position].upperLoad.arrivalsPerSecond * assumptions.messagesPerTicket
        position += 1
      }
      workers.append(
        WorkerRow(
          start: start, messagesPerSecond: rate,
          workers: try .workers(messagesPerSecond: rate, perWorker: assumptions.workerCapacity),
          workersAtUpper: try .workers(messagesPerSecond: upper, perWorker: assumptions.workerCapacity)))
    }
    return workers
  }

  private static func total(_ rule: StaffingRule, _ rows: [Row], _ assumptions: StaffingAssumptions) -> Total {
    var (hours, upperHours, available, busy) = (0.0, 0.0, 0.0, 0.0)
    var (tickets, upperTickets, answered, abandoned, answeredAtUpper) = (0.0, 0.0, 0.0, 0.0, 0.0)
    var (missed, periods, worst) = (0, 0, 1.0)
    var atOnce: [Instant: Int] = [:]
    for row in rows {
      let staff = row[rule]
      hours += Double(staff.agents) * row.hours
      upperHours += Double(staff.agentsAtUpper) * row.hours
      available += Double(staff.agents) * row.hours
      busy += Double(staff.agents) * row.hours * staff.figures.occupancy
      atOnce[row.period.start, default: 0] += staff.agents
      upperTickets += row.upperTickets
      answeredAtUpper += row.upperTickets * staff.answeredShareAtUpper
      guard row.period.expected > 0 else { continue }
      tickets += row.period.expected
      answered += row.period.expected * staff.figures.answeredShare
      abandoned += row.period.expected * staff.figures.abandonedShare
      periods += 1
      if staff.figures.answeredShare < assumptions.target.share { missed += 1 }
      worst = min(worst, staff.figures.answeredShare)
    }
    return Total(
      rule: rule, paidHours: hours / (1 - assumptions.shrinkage),
      paidHoursAtUpper: upperHours / (1 - assumptions.shrinkage),
      peakAgents: atOnce.values.max() ?? 0, answeredShare: tickets > 0 ? answered / tickets : 1,
      abandonedShare: tickets > 0 ? abandoned / tickets : 0,
      answeredShareAtUpper: upperTickets > 0 ? answeredAtUpper / upperTickets : 1,
      occupancy: available > 0 ? busy / available : 0, missed: missed, periods: periods, worstShare: worst)
  }
}
