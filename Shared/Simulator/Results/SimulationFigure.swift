import DeskCore

/// A figure of a run by which policies are compared.
public enum SimulationFigure: String, Hashable, Sendable, CaseIterable {
  case shareLate = "share_late"
  case shareLateUrgent = "share_late_urgent"
  case shareLateHigh = "share_late_high"
  case shareLateNormal = "share_late_normal"
  case shareLateLow = "share_late_low"
  case shareDelayed = "share_delayed"
  case meanTimeInQueue = "time_in_queue_mean_seconds"
  case meanWait = "wait_mean_seconds"
  case medianWait = "wait_p50_seconds"
  case longWait = "wait_p90_seconds"
  case tailWait = "wait_p99_seconds"
  case tailLateness = "lateness_p99_seconds"
  case worstLateness = "lateness_max_seconds"
  case shareAbandoned = "share_abandoned"
  case occupancy
  case estimateBias = "expected_wait_bias_seconds"
  case estimateError = "expected_wait_mean_absolute_error_seconds"
  case estimateTail = "expected_wait_error_p90_seconds"
  case headOfLineError = "head_of_line_mean_absolute_error_seconds"
  case lastServedError = "last_to_enter_service_mean_absolute_error_seconds"
  case routingTail = "routing_p99_seconds"
  case staffHours = "staff_hours"
  case routerHours = "router_hours"

  /// How it is written.
  public enum Unit: Sendable { case share, seconds, hours }

  /// Its unit.
  public var unit: Unit {
    switch self {
    case .shareLate, .shareLateUrgent, .shareLateHigh, .shareLateNormal, .shareLateLow, .shareAbandoned, .shareDelayed,
      .occupancy:
      .share
    case .staffHours, .routerHours: .hours
    default: .seconds
    }
  }

  /// Its value in a run; nil where there was nothing to measure.
  func value(of result: SimulationResult) -> Double? {
    func shareLate(_ priority: Priority) -> Double? {
      result.classes[priority].flatMap { $0.decided > 0 ? $0.shareLate : nil }
    }
    let all = result.all
    return switch self {
    case .shareLate: all.decided > 0 ? all.shareLate : nil
    case .shareLateUrgent: shareLate(.urgent)
    case .shareLateHigh: shareLate(.high)
    case .shareLateNormal: shareLate(.normal)
    case .shareLateLow: shareLate(.low)
    case .shareDelayed: all.arrived > 0 ? all.shareDelayed : nil
    case .meanTimeInQueue: all.answered + all.abandoned > 0 ? all.meanTimeInQueue : nil
    case .meanWait: all.waits.count > 0 ? all.waits.mean : nil
    case .medianWait: all.waits.count > 0 ? all.waits.quantile(0.5) : nil
    case .longWait: all.waits.count > 0 ? all.waits.quantile(0.9) : nil
    case .tailWait: all.waits.count > 0 ? all.waits.quantile(0.99) : nil
    case .tailLateness: all.lateness.count > 0 ? all.lateness.quantile(0.99) : nil
    case .worstLateness: all.lateness.count > 0 ? all.lateness.largest : nil
    case .shareAbandoned: all.arrived > 0 ? all.shareAbandoned : nil
    case .occupancy: result.staffHours > 0 ? result.occupancy : nil
    case .estimateBias: result.estimates[.position]?.biasSeconds
    case .estimateError: result.estimates[.position]?.meanAbsoluteSeconds
    case .estimateTail: result.estimates[.position]?.absolute90Seconds
    case .headOfLineError: result.estimates[.headOfLine]?.meanAbsoluteSeconds
    case .lastServedError: result.estimates[.lastToEnterService]?.meanAbsoluteSeconds
    case .routingTail: result.routing.count > 0 ? result.routing.quantile(0.99) : nil
    case .staffHours: result.staffHours
    case .routerHours: result.routerHours > 0 ? result.routerHours : nil
    }
  }
}

/// What is kept of a run: its figures and how it went, not its samples.
public struct RunFigures: Sendable {
  /// The seed.
  public let seed: SimulationSeed
  /// The figures that could be measured.
  public let values: [SimulationFigure: Double]
  /// Tickets that arrived, and those that were neither answered nor had left at the end.
  public let arrived: Int
  public let unfinished: Int
  /// Events that were simulated.
  public let events: Int
  /// How it went.
  public let series: TimeSeries

  /// Summarises a run.
  public init(_ result: SimulationResult) {
    seed = result.seed
    var values: [SimulationFigure: Double] = [:]
    for figure in SimulationFigure.allCases { values[figure] = figure.value(of: result) }
    self.values = values
    arrived = result.all.arrived
    unfinished = result.unfinished
    events = result.events
    series = result.series
  }
}

/// One scenario under several policies, each run with the same seeds: the same customers come at the same times with the same concerns, so
/// that a difference between two policies of one seed comes from the policies alone (common random numbers).
public struct PolicyComparison: Sendable {
  /// A policy and its runs, in the order of the seeds.
  public struct Variant: Sendable {
    /// What it is called.
    public let name: String
    /// Its runs.
    public let runs: [RunFigures]

    /// Describes a variant.
    public init(name: String, runs: [RunFigures]) {
      self.name = name
      self.runs = runs
    }
  }

  /// The variants; the others are compared with the first.
  public let variants: [Variant]

  /// Compares variants that were run with the same seeds in the same order.
  public init(_ variants: [Variant]) {
    self.variants = variants
  }

  /// A figure of a variant over its seeds; nil where it could not be measured.
  public func interval(_ figure: SimulationFigure, of variant: Int) -> ConfidenceInterval? {
    let values = variants[variant].runs.compactMap { $0.values[figure] }
    return values.isEmpty ? nil : ConfidenceInterval(values)
  }

  /// By how much a figure of a variant exceeds that of the first, seed by seed; nil where it could not be measured.
  public func difference(_ figure: SimulationFigure, of variant: Int) -> ConfidenceInterval? {
    let values = zip(variants[0].runs, variants[variant].runs).compactMap { first, other in
      first.values[figure].flatMap { base in other.values[figure].map { $0 - base } }
    }
    return values.isEmpty ? nil : ConfidenceInterval(values)
  }
}
