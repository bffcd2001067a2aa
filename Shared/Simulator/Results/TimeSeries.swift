public import DeskCore

/// How a run went, in steps of equal length from the start of the scenario.
public struct TimeSeries: Sendable {
  /// One step.
  public struct Step: Hashable, Sendable {
    /// Tickets that arrived.
    public var arrived = 0
    /// First responses that were given or due, and those of them that were late.
    public var decided = 0
    public var late = 0
    /// Customers who gave up.
    public var abandoned = 0
    /// The time integrals of the figures below, in seconds.
    var waitingSeconds = 0.0
    var routingSeconds = 0.0
    var staffSeconds = 0.0
    var usedSeconds = 0.0
    var routerSeconds = 0.0
  }

  /// When it begins.
  public let start: Instant
  /// The length of a step.
  public let step: Duration
  /// The steps.
  public internal(set) var steps: [Step] = []
  private let stepMicroseconds: Int64
  private var integratedUntil: Int64

  init(start: Instant, step: Duration) {
    self.start = start
    self.step = step
    stepMicroseconds = max(1, step.wholeMicroseconds)
    integratedUntil = start.microseconds
  }

  /// The mean number of waiting tickets in a step.
  public func waiting(_ number: Int) -> Double { steps[number].waitingSeconds / step.inSeconds }
  /// The mean number of tickets that wait for their decision in a step.
  public func routing(_ number: Int) -> Double { steps[number].routingSeconds / step.inSeconds }
  /// The mean number of working agents in a step.
  public func staff(_ number: Int) -> Double { steps[number].staffSeconds / step.inSeconds }
  /// The mean number of agents' capacities that were used in a step.
  public func used(_ number: Int) -> Double { steps[number].usedSeconds / step.inSeconds }
  /// The mean number of running router workers in a step.
  public func routers(_ number: Int) -> Double { steps[number].routerSeconds / step.inSeconds }
  /// The share of the first responses of a step that were late; nil without any.
  public func shareLate(_ number: Int) -> Double? {
    steps[number].decided > 0 ? Double(steps[number].late) / Double(steps[number].decided) : nil
  }

  /// The step of a moment.
  mutating func note(at moment: Instant, _ change: (inout Step) -> Void) {
    let number = Int((moment.microseconds - start.microseconds) / stepMicroseconds)
    while steps.count <= number { steps.append(Step()) }
    change(&steps[number])
  }

  /// The figures that hold until they change.
  struct Level {
    var waiting = 0
    var routing = 0
    var staff = 0.0
    var used = 0.0
    var routers = 0
  }

  /// Adds a level for the time since the last call.
  mutating func integrate(_ level: Level, until moment: Instant) {
    while integratedUntil < moment.microseconds {
      let number = Int((integratedUntil - start.microseconds) / stepMicroseconds)
      let stepEnd = start.microseconds + Int64(number + 1) * stepMicroseconds
      let until = min(stepEnd, moment.microseconds)
      let seconds = Double(until - integratedUntil) / 1e6
      while steps.count <= number { steps.append(Step()) }
      steps[number].waitingSeconds += seconds * Double(level.waiting)
      steps[number].routingSeconds += seconds * Double(level.routing)
      steps[number].staffSeconds += seconds * level.staff
      steps[number].usedSeconds += seconds * level.used
      steps[number].routerSeconds += seconds * Double(level.routers)
      integratedUntil = until
    }
  }
}
