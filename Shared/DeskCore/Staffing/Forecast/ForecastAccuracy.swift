/// How far forecasts were from what came, on days that the forecast had not seen.
public struct ForecastAccuracy: Hashable, Sendable {
  /// The half hours that were compared, and the tickets that came in them.
  public internal(set) var periods = 0
  public internal(set) var tickets = 0.0
  /// The sum of the absolute errors, and of the errors (forecast less what came).
  public internal(set) var absoluteError = 0.0
  public internal(set) var error = 0.0
  /// Half hours in which the number was inside the prediction interval.
  public internal(set) var covered = 0

  /// The sum of absolute errors as a share of all tickets (weighted absolute percentage error); nil if none came.
  public var wape: Double? { tickets > 0 ? absoluteError / tickets : nil }
  /// The mean absolute error, in tickets per half hour; nil without any.
  public var meanAbsoluteError: Double? { periods > 0 ? absoluteError / Double(periods) : nil }
  /// The errors with their signs as a share of all tickets: positive for forecasts that were too high.
  public var bias: Double? { tickets > 0 ? error / tickets : nil }
  /// The share of half hours inside the prediction interval.
  public var coverage: Double? { periods > 0 ? Double(covered) / Double(periods) : nil }

  public init() {}

  /// Adds a half hour.
  /// - Parameter interval: nil for forecasts without one; their coverage means nothing.
  mutating func add(_ count: Double, forecast: Double, interval: ClosedRange<Double>?) {
    periods += 1
    tickets += count
    absoluteError += abs(forecast - count)
    error += forecast - count
    if interval?.contains(count) == true { covered += 1 }
  }

  /// Adds the half hours of other forecasts, such as another queue's.
  public mutating func add(_ other: ForecastAccuracy) {
    periods += other.periods
    tickets += other.tickets
    absoluteError += other.absoluteError
    error += other.error
    covered += other.covered
  }
}
