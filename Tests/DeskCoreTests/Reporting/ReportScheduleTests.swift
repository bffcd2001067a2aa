import Testing

@testable import DeskCore

/// When reports are due: once for a date, whatever the clock does.
@Suite struct ReportScheduleTests {
  /// Berlin in 2026: an hour forward at 01:00 UTC on 29 March, and back at 01:00 UTC on 25 October.
  private static let berlin = ZoneOffsets(
    name: "Europe/Berlin", initialOffsetSeconds: 3600,
    transitions: [
      .init(at: at("2026-03-29", 1, 0), offsetSeconds: 7200), .init(at: at("2026-10-25", 1, 0), offsetSeconds: 3600),
    ])

  /// A time in UTC.
  private static func at(_ day: String, _ hour: Int64, _ minute: Int64) -> Instant {
    let midnight = Int64(CivilDay(day)?.sinceEpoch ?? 0) * 86_400
    return Instant(seconds: midnight + hour * 3600 + minute * 60)
  }

  private func schedule(minute: Int, weekday: Int? = nil, zone: ZoneOffsets = .utc) -> ReportSchedule {
    ReportSchedule(
      name: "s", request: ReportRequest(.outcomes), days: 1, weekday: weekday, minute: minute, zone: zone, format: .csv,
      language: .english, destination: .file)
  }

  private func due(
    _ schedule: ReportSchedule, after last: String?, at now: Instant, limit: Int = 7
  ) -> [String] {
    schedule.due(after: last.flatMap { CivilDay($0) }, at: now, limit: limit).map(\.day.description)
  }

  @Test func aDailyReportIsDueOnceADay() {
    let daily = schedule(minute: 450)
    #expect(due(daily, after: "2026-03-01", at: Self.at("2026-03-02", 7, 29)) == [])
    #expect(due(daily, after: "2026-03-01", at: Self.at("2026-03-02", 7, 30)) == ["2026-03-02"])
    #expect(due(daily, after: "2026-03-02", at: Self.at("2026-03-02", 23, 59)) == [])
    #expect(due(daily, after: "2026-03-05", at: Self.at("2026-03-02", 7, 30)) == [], "the clock was set back")
  }

  @Test func missedDaysAreMadeUpFromTheOldestUpToTheLimit() {
    let daily = schedule(minute: 450)
    let now = Self.at("2026-03-05", 8, 0)
    #expect(due(daily, after: "2026-03-02", at: now) == ["2026-03-03", "2026-03-04", "2026-03-05"])
    #expect(due(daily, after: "2026-01-01", at: now, limit: 2) == ["2026-03-04", "2026-03-05"])
    #expect(due(daily, after: nil, at: now) == ["2026-03-05"], "a new schedule has only its newest period")
  }

  @Test func aWeeklyReportIsDueOnItsWeekday() {
    // 2 March 2026 is a Monday.
    let weekly = schedule(minute: 0, weekday: 1)
    #expect(due(weekly, after: "2026-02-23", at: Self.at("2026-03-01", 23, 59)) == [])
    #expect(due(weekly, after: "2026-02-23", at: Self.at("2026-03-02", 0, 0)) == ["2026-03-02"])
    #expect(due(weekly, after: "2026-02-16", at: Self.at("2026-03-08", 12, 0)) == ["2026-02-23", "2026-03-02"])
    #expect(due(weekly, after: nil, at: Self.at("2026-03-08", 12, 0)) == ["2026-03-02"])
  }

  @Test func aSkippedTimeIsDueAtTheChangeAndARepeatedOneOnce() {
    let night = schedule(minute: 150, zone: Self.berlin)
    #expect(due(night, after: "2026-03-28", at: Self.at("2026-03-29", 0, 59)) == [])
    #expect(due(night, after: "2026-03-28", at: Self.at("2026-03-29", 1, 0)) == ["2026-03-29"])
    #expect(due(night, after: "2026-03-29", at: Self.at("2026-03-29", 23, 0)) == [])
    #expect(due(night, after: "2026-10-24", at: Self.at("2026-10-25", 0, 29)) == [])
    #expect(due(night, after: "2026-10-24", at: Self.at("2026-10-25", 0, 30)) == ["2026-10-25"])
    #expect(due(night, after: "2026-10-25", at: Self.at("2026-10-25", 1, 30)) == [], "02:30 again")
  }
}
