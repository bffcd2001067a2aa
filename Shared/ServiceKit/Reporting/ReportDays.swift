public import DeskCore
import Foundation
public import Store

/// The days that a report is about, whole, in a time zone.
public struct ReportDays: Sendable, Hashable {
  /// The longest report, in days.
  public static let most = 366
  /// The days that are looked back where nobody names the first one, today among them.
  public static let usual = 7

  /// Why there is no such report.
  public struct Problem: Error, Sendable, Hashable {
    /// What is wrong: `from`, `to` or `zone`.
    public let field: String
    /// What it was.
    public let value: String
    /// Why it cannot be taken, a sentence.
    public let detail: String
    /// What to write instead, a sentence.
    public let remedy: String
  }

  /// The first day and the last, as 2026-03-02.
  public let first: String
  public let last: String
  /// From the beginning of the first day to the end of the last.
  public let period: ReportPeriod

  /// Reads days as people name them.
  ///
  /// - Parameters:
  ///   - from: the first day; nil for the one that makes it a week.
  ///   - to: the last day; nil for today.
  ///   - zone: the time zone in which days begin, by its name in the IANA database; nil for UTC.
  ///   - now: the database's moment.
  /// - Throws: `Problem`.
  public init(from: String?, to: String?, zone: String?, now: Instant) throws(Problem) {
    let zoneName = zone ?? "UTC"
    // Names only: what the system and the database both take for an offset, such as GMT+8, they read with opposite signs.
    let isName = zoneName == "UTC" || TimeZone.knownTimeZoneIdentifiers.contains(zoneName)
    guard isName, let timeZone = TimeZone(identifier: zoneName) else {
      throw Problem(
        field: "zone", value: zoneName, detail: "There is no such time zone.",
        remedy: "Name one of the IANA database, such as Asia/Shanghai.")
    }
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = timeZone
    let today = calendar.startOfDay(for: Date(timeIntervalSince1970: Double(now.milliseconds) / 1000))
    let lastDay = try to.map { text throws(Problem) in try Self.day(text, "to", calendar) } ?? today
    let back = calendar.date(byAdding: .day, value: 1 - Self.usual, to: lastDay) ?? lastDay
    let firstDay = try from.map { text throws(Problem) in try Self.day(text, "from", calendar) } ?? back
    guard firstDay <= lastDay else {
      throw Problem(
        field: "from", value: from ?? "", detail: "The first day is after the last one.",
        remedy: "Name a day up to \(Self.text(lastDay, calendar)).")
    }
    let count = (calendar.dateComponents([.day], from: firstDay, to: lastDay).day ?? 0) + 1
    guard count <= Self.most, let end = calendar.date(byAdding: .day, value: 1, to: lastDay) else {
      throw Problem(
        field: "from", value: from ?? "", detail: "That is \(count) days.",
        remedy: "Ask for at most \(Self.most) days at once.")
    }
    first = Self.text(firstDay, calendar)
    last = Self.text(lastDay, calendar)
    period = ReportPeriod(from: Self.instant(firstDay), to: Self.instant(end), zone: zoneName)
  }

  /// A day that the calendar has: `2026-02-30` is none.
  private static func day(_ text: String, _ field: String, _ calendar: Calendar) throws(Problem) -> Date {
    let numbers = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
    if text.count == 10, numbers.count == 3, let year = numbers[0], let month = numbers[1], let day = numbers[2],
      (1970...9999).contains(year),
      let date = calendar.date(from: DateComponents(year: year, month: month, day: day)),
      Self.text(date, calendar) == text
    {
      return calendar.startOfDay(for: date)
    }
    throw Problem(
      field: field, value: text, detail: "It is no day.", remedy: "Write one as year, month and day: 2026-03-02.")
  }

  private static func text(_ date: Date, _ calendar: Calendar) -> String {
    let parts = calendar.dateComponents([.year, .month, .day], from: date)
    return String(format: "%04d-%02d-%02d", parts.year ?? 0, parts.month ?? 0, parts.day ?? 0)
  }

  private static func instant(_ date: Date) -> Instant {
    Instant(microseconds: Int64(date.timeIntervalSince1970 * 1_000_000))
  }
}
