public import DeskCore

/// A forecast that was asked for: days, queues, history.
public struct ForecastOrder: Sendable, Hashable {
  /// Why the forecast is not possible.
  public struct Problem: Error, Sendable, Hashable {
    /// The invalid field: `date`, `days`, `queue` or `history_days`.
    public let field: String
    /// Its value.
    public let value: String
    /// Why it is not accepted, a sentence.
    public let detail: String
    /// What to write instead, a sentence.
    public let remedy: String
  }

  /// The days that are forecast, in the policy's time zone. Past ones are compared with what came.
  public let days: ClosedRange<CivilDay>
  /// The only queue that is forecast; nil for all.
  public let queue: QueueID?
  /// How many days before the first one, or before today, are read.
  public let historyDays: Int
  /// The current local day, whose counts are not complete.
  public let today: CivilDay
  /// The calendar of weekdays, holidays and make-up days.
  public let calendar: ForecastCalendar
  /// The policy's known events.
  public let events: [KnownEvent]

  /// Reads a request as entered by people.
  /// - Parameters:
  ///   - date: the first day; nil for tomorrow.
  ///   - days: the number of days; nil for one.
  ///   - queue: a queue of the policy; nil for all.
  ///   - historyDays: nil for `DeskHistoryBounds.usualDays`.
  ///   - now: the database's time.
  /// - Throws: `Problem`.
  public init(
    date: String?, days: String?, queue: String?, historyDays: String?, policy: Policy, now: Instant
  ) throws(Problem) {
    calendar = ForecastCalendar(policy.calendars)
    events = policy.events
    today = calendar.place(of: now).day
    let count = try Self.number(days, "days", in: 1...DeskHistoryBounds.forecastDays) ?? 1
    self.historyDays =
      try Self.number(historyDays, "history_days", in: ForecastBounds.daysNeeded...ForecastBounds.historyDays)
      ?? DeskHistoryBounds.usualDays
    var first = today + 1
    if let date {
      guard let day = CivilDay(date) else {
        let years = CivilDay.years
        throw Problem(
          field: "date", value: date, detail: "Not a date in the years \(years.lowerBound) to \(years.upperBound).",
          remedy: "Write year, month and day, such as 2026-03-02.")
      }
      first = day
    }
    let longest = ForecastBounds.horizonDays - DeskHistoryBounds.forecastDays
    let allowed = (today + -ForecastBounds.historyDays)...(today + longest)
    guard allowed.contains(first) else {
      throw Problem(
        field: "date", value: date ?? "", detail: "The day is too far from today, \(today).",
        remedy: "Use a day from \(allowed.lowerBound) to \(allowed.upperBound).")
    }
    self.days = first...(first + (count - 1))
    self.queue = try queue.map { name throws(Problem) in
      guard policy.queues[QueueID(name)] != nil else {
        throw Problem(
          field: "queue", value: name, detail: "The policy does not have this queue.",
          remedy: "Send one that the policy has.")
      }
      return QueueID(name)
    }
  }

  private static func number(
    _ text: String?, _ field: String, in range: ClosedRange<Int>
  ) throws(Problem) -> Int? {
    guard let text else { return nil }
    if let number = Int(text), range.contains(number) { return number }
    throw Problem(
      field: field, value: text, detail: "Not a whole number from \(range.lowerBound) to \(range.upperBound).",
      remedy: "Send a number from \(range.lowerBound) to \(range.upperBound).")
  }
}
