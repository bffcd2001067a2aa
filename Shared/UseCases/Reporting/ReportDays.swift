public import DeskCore
internal import PolicyReading
public import Store

/// The whole days that a report covers, in a time zone.
public struct ReportDays: Sendable, Hashable {
  /// The longest report, in days.
  public static let most = 366
  /// The default number of days, including today, if no first day is given.
  public static let usual = 7

  /// Why the report is not possible.
  public struct Problem: Error, Sendable, Hashable {
    /// The invalid field: `from`, `to` or `zone`.
    public let field: String
    /// Its value.
    public let value: String
    /// Why it is not accepted, a sentence.
    public let detail: String
    /// What to write instead, a sentence.
    public let remedy: String
  }

  /// The first day and the last, as 2026-03-02.
  public let first: String
  public let last: String
  /// From the beginning of the first day to the end of the last.
  public let period: ReportPeriod

  /// Reads days as entered by people.
  ///
  /// - Parameters:
  ///   - from: the first day; nil for a week up to the last day.
  ///   - to: the last day; nil for today.
  ///   - zone: the time zone in which days begin, by its name in the system's tz database; nil for UTC.
  ///   - now: the database's time.
  /// - Throws: `Problem`.
  public init(from: String?, to: String?, zone: String?, now: Instant) throws(Problem) {
    guard let zone = zone.map({ SystemZone($0) }) ?? .utc else {
      throw Problem(field: "zone", value: zone ?? "", detail: "Unknown time zone.", remedy: SystemZone.remedy)
    }
    let last = try Self.day(to, "to") ?? Self.today(at: now, in: zone)
    let first = try Self.day(from, "from") ?? last + (1 - Self.usual)
    guard first <= last else {
      throw Problem(
        field: "from", value: from ?? "", detail: "The first day is after the last day, \(last).",
        remedy: "Use a day up to \(last), or a later `to`.")
    }
    let count = last.sinceEpoch - first.sinceEpoch + 1
    guard count <= Self.most else {
      throw Problem(
        field: "from", value: from ?? "", detail: "The range from this day to \(last) has \(count) days.",
        remedy: "Request at most \(Self.most) days at once.")
    }
    self.first = first.description
    self.last = last.description
    // The start is looked up for each day: a clock change shifts one day and not those after it.
    let offsets = zone.offsets(in: first.components.year...last.components.year)
    func start(_ day: CivilDay) -> Instant {
      max(offsets.instant(day: day.sinceEpoch, minute: 0), Instant(microseconds: 0))
    }
    period = ReportPeriod(
      days: (0..<count).map { .init(name: (first + $0).description, start: start(first + $0)) }, end: start(last + 1),
      zone: zone.name)
  }

  private static func today(at now: Instant, in zone: SystemZone) -> CivilDay {
    let year = CivilDay(of: now).components.year
    return CivilDay(sinceEpoch: zone.offsets(in: year...year).localDay(of: now))
  }

  private static func day(_ text: String?, _ field: String) throws(Problem) -> CivilDay? {
    guard let text else { return nil }
    if let day = CivilDay(text) { return day }
    let years = CivilDay.years
    throw Problem(
      field: field, value: text, detail: "Not a date in the years \(years.lowerBound) to \(years.upperBound).",
      remedy: "Write year, month and day, such as 2026-03-02.")
  }
}
