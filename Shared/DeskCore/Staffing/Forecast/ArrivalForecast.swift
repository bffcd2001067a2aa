/// The tickets expected in one queue by half hour, with what is known about the error of such forecasts.
public struct ArrivalForecast: Hashable, Sendable {
  /// What the figures of a day rest on, where that is not its weekday's own history.
  public struct Note: Hashable, Sendable {
    public enum Reason: Hashable, Sendable {
      /// A holiday, of which `seen` are in the history; with none, Sundays stand for it.
      case holiday(seen: Int)
      /// An event whose effect was learnt from `seen` days of earlier occurrences.
      case learntEvent(String, seen: Int, factor: Double)
      /// An event whose factor was stated.
      case statedEvent(String, factor: Double)
      /// An event without a stated factor that the history does not contain: the day is forecast without it.
      case unknownEvent(String)
    }

    public let day: CivilDay
    public let reason: Reason
  }

  /// The error on days at the end of the history that the forecast had not seen.
  public struct HeldOut: Hashable, Sendable {
    /// The first of them and their number. Each was forecast up to `ForecastBounds.blockDays` before.
    public let firstDay: CivilDay
    public let days: Int
    /// Of this forecast, and of the naive seasonal one: the same half hour a week before, without an interval.
    public let accuracy: ForecastAccuracy
    public let naive: ForecastAccuracy
  }

  /// The queue.
  public let queue: QueueID
  /// The half hours of the days asked for, in order.
  public let periods: [ForecastPeriod]
  /// The probability with which a count is meant to lie in its interval.
  public let probability: Double
  /// Known days of the history.
  public let historyDays: Int
  /// Nil for histories too short to hold days out.
  public let heldOut: HeldOut?
  /// Days that rest on something else than their weekday's history.
  public let notes: [Note]
}

/// A forecast, or what replaces it where the history is too short.
public enum ForecastOutcome: Hashable, Sendable {
  /// What is used instead of a forecast.
  public enum Fallback: Hashable, Sendable {
    /// The mean of the same half hour over the known days, whatever their weekdays; the interval is that of a mean of so few.
    case meanOfDays
    /// Nothing: there is no known day, and every period expects nothing.
    case none
  }

  case forecast(ArrivalForecast)
  /// The history has `days` known days, `needed` are; `periods` are those of the fallback.
  case tooLittleHistory(queue: QueueID, days: Int, needed: Int, fallback: Fallback, periods: [ForecastPeriod])

  /// The queue.
  public var queue: QueueID {
    switch self {
    case .forecast(let forecast): forecast.queue
    case .tooLittleHistory(let queue, _, _, _, _): queue
    }
  }

  /// The half hours of the days asked for, in order.
  public var periods: [ForecastPeriod] {
    switch self {
    case .forecast(let forecast): forecast.periods
    case .tooLittleHistory(_, _, _, _, let periods): periods
    }
  }
}
