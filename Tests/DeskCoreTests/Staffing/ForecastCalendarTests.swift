import Testing

@testable import DeskCore

@Suite struct ForecastCalendarTests {
  private static let monday = CivilDay(year: 2026, month: 3, day: 2) ?? CivilDay(sinceEpoch: 0)
  private static let week: [BusinessCalendar.Hours] = Array(repeating: [540..<1080], count: 5) + [[], []]

  private func calendar(_ exceptions: [Int: BusinessCalendar.Hours], zone: ZoneOffsets = .utc) -> BusinessCalendar {
    BusinessCalendar(zone: zone, week: Self.week, exceptions: exceptions)
  }

  @Test func makeUpDaysStandForTheNearestWeekdayWithTheirHours() {
    let (saturday, sunday) = (Self.monday + 5, Self.monday + 6)
    let calendar = ForecastCalendar(
      calendar([saturday.sinceEpoch: [540..<1080], sunday.sinceEpoch: [540..<1080]]))
    #expect(calendar.kind(of: saturday) == .weekday(4) && calendar.kind(of: sunday) == .weekday(0))
    #expect(calendar.kind(of: Self.monday) == .weekday(0) && calendar.kind(of: Self.monday + 12) == .weekday(5))
  }

  @Test func shorterHoursOfAWorkingDayChangeNothing() {
    let calendar = ForecastCalendar(calendar([Self.monday.sinceEpoch: [540..<720]]))
    #expect(calendar.kind(of: Self.monday) == .weekday(0))
  }

  @Test func aPolicysCalendarsAreReadTogether() {
    let shanghai = ZoneOffsets(name: "Asia/Shanghai", initialOffsetSeconds: 28_800, transitions: [])
    let calendars: [CalendarID: BusinessCalendar] = [
      "always": .always, "office": calendar([Self.monday.sinceEpoch: [], 7: []], zone: shanghai),
      "shop": calendar([(Self.monday + 5).sinceEpoch: [540..<1080]]),
    ]
    let all = ForecastCalendar(calendars)
    #expect(all.zone == shanghai && all.kind(of: Self.monday) == .holiday)
    #expect(all.kind(of: Self.monday + 5) == .weekday(4))
    #expect(ForecastCalendar(["always": .always]).zone == .utc)
  }

  @Test func instantsHaveTheirLocalDayAndHalfHour() {
    let kathmandu = ForecastCalendar(
      zone: ZoneOffsets(name: "Asia/Kathmandu", initialOffsetSeconds: 20_700, transitions: []))
    let midnight = Instant(seconds: Int64(Self.monday.sinceEpoch) * 86_400)
    #expect(kathmandu.place(of: midnight) == (Self.monday, 11), "05:45")
    #expect(kathmandu.place(of: midnight - .seconds(20_700)) == (Self.monday, 0))
    #expect(kathmandu.place(of: midnight - .seconds(20_701)) == (Self.monday + -1, 47))
    #expect(kathmandu.period(0, of: Self.monday) == (midnight - .seconds(20_700), .seconds(1_800)))
  }
}
