/// The tickets that came to one queue, counted by days and half hours of the desk's local clock.
public struct ArrivalHistory: Hashable, Sendable {
  /// The queue.
  public let queue: QueueID
  /// The first day that is counted.
  public let firstDay: CivilDay
  /// Tickets in each half hour, `ForecastBounds.periodsPerDay` for each day; not negative.
  public let counts: [Int32]
  /// Positions of days whose counts are not known, such as one that is not over.
  public let unknown: Set<Int>

  /// - Parameter counts: whole days.
  public init(queue: QueueID, firstDay: CivilDay, counts: [Int32], unknown: Set<Int> = []) {
    precondition(counts.count % ForecastBounds.periodsPerDay == 0, "whole days are counted")
    self.queue = queue
    self.firstDay = firstDay
    self.counts = counts
    self.unknown = unknown
  }

  /// Days from the first to the last.
  public var days: Int { counts.count / ForecastBounds.periodsPerDay }

  /// The tickets of one day, by half hour.
  public func counts(onDay day: Int) -> ArraySlice<Int32> {
    counts[day * ForecastBounds.periodsPerDay..<(day + 1) * ForecastBounds.periodsPerDay]
  }
}
