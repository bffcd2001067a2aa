/// The limits of forecasts of arrivals.
public enum ForecastBounds {
  /// The periods of a day: half hours of the local clock.
  public static let periodsPerDay = 48
  /// The longest history that is read and used: two years, so that every event of the year has been seen twice.
  public static let historyDays = 731
  /// The fewest complete days from which weekdays can be told apart: two of each.
  public static let daysNeeded = 14
  /// How many days ahead a forecast reaches at most.
  public static let horizonDays = 62
  /// Days that a forecast from one origin covers in the test on held-out days.
  public static let blockDays = 7
  /// Held-out blocks, and the blocks before them by which settings are chosen and intervals are calibrated.
  public static let heldOutBlocks = 2
  public static let calibrationBlocks = 4
  /// Days that count for the factors of weekdays and the course of a day: half a year.
  public static let seasonDays = 182
  /// Events, and occurrences of each.
  public static let events = 100
  public static let occurrencesPerEvent = 20
  /// The longest occurrence of an event.
  public static let occurrenceDays = 31
  /// How many times the usual number of tickets an event may bring.
  public static let factorMost = 1_000.0
}
