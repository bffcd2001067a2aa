/// The limits of what forecasts and plans read of the desk's history.
public enum DeskHistoryBounds {
  /// Days of one statement: it reads their timelines whole.
  public static let daysPerStatement = 7
  /// The days of history that are read unless more are asked for.
  public static let usualDays = 84
  /// Days of history before and after an earlier occurrence of an event that is in the days asked for: what was usual then.
  public static let daysBeforeEvent = 21
  public static let daysAfterEvent = 10
  /// Days that one forecast covers.
  public static let forecastDays = 7
  /// Queues that are drawn; the table has them all.
  public static let queuesDrawn = 12
  /// Waits that are read of one day.
  public static let waitsPerDay = 200_000
}
