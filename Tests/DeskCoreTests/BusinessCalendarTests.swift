import Testing

@testable import DeskCore

@Suite("Business hours")
struct BusinessCalendarTests {
  /// Days since 1970-01-01, counted one by one.
  static func day(_ year: Int, _ month: Int, _ date: Int) -> Int {
    func length(_ year: Int, _ month: Int) -> Int {
      let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
      return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
    }
    var days = date - 1
    for past in 1970..<year { days += (1...12).reduce(0) { $0 + length(past, $1) } }
    for past in 1..<month { days += length(year, past) }
    return days
  }

  static func moment(_ year: Int, _ month: Int, _ date: Int, _ hour: Int = 0, _ minute: Int = 0) -> Instant {
    Instant(seconds: Int64(day(year, month, date)) * 86_400 + Int64(hour * 3_600 + minute * 60))
  }

  /// Berlin from 2025 to 2028: DST from the last Sunday of March to the last Sunday of October, 01:00 UTC.
  static let berlin = ZoneOffsets(
    name: "Europe/Berlin", initialOffsetSeconds: 3_600,
    transitions: [
      (2025, 3, 30, 7_200), (2025, 10, 26, 3_600), (2026, 3, 29, 7_200), (2026, 10, 25, 3_600), (2027, 3, 28, 7_200),
      (2027, 10, 31, 3_600), (2028, 3, 26, 7_200), (2028, 10, 29, 3_600),
    ].map { ZoneOffsets.Transition(at: moment($0.0, $0.1, $0.2, 1), offsetSeconds: $0.3) })

  static let shanghai = ZoneOffsets(name: "Asia/Shanghai", initialOffsetSeconds: 28_800, transitions: [])

  static func office(_ zone: ZoneOffsets, _ exceptions: [Int: BusinessCalendar.Hours] = [:]) -> BusinessCalendar {
    BusinessCalendar(
      zone: zone, week: Array(repeating: [540..<720, 810..<1_080], count: 5) + [[600..<840], []],
      exceptions: exceptions)
  }

  /// Also open at night, across the hours in which clocks change, but with no boundary in the repeated hour.
  private static let nights = BusinessCalendar(
    zone: berlin, week: Array(repeating: [0..<90, 180..<1_320, 1_380..<1_440], count: 7), exceptions: [:])

  private static let chinaExceptions: [Int: BusinessCalendar.Hours] = {
    var exceptions: [Int: BusinessCalendar.Hours] = [:]
    for date in 15...23 { exceptions[day(2026, 2, date)] = [] }
    for date in [14, 28] { exceptions[day(2026, 2, date)] = [540..<1_080] }
    for date in 1...3 { exceptions[day(2026, 1, date)] = [] }
    exceptions[day(2026, 1, 4)] = [540..<1_080]
    return exceptions
  }()

  /// Whether a minute counts, determined from the local time of its beginning.
  static func isOpen(_ minute: Int64, in calendar: BusinessCalendar) -> Bool {
    let offset = calendar.zone.transitions.filter { $0.at.microseconds <= minute * 60_000_000 }.last?.offsetSeconds
    let local = minute + Int64((offset ?? calendar.zone.initialOffsetSeconds) / 60)
    let day = Int(local / 1_440)
    let ofDay = Int(local % 1_440)
    return (calendar.exceptions[day] ?? calendar.week[(day + 3) % 7]).contains { $0.contains(ofDay) }
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let calendar: BusinessCalendar
    let from: Instant
    let days: Int
    var testDescription: String { name }
  }

  static let cases = [
    Case(name: "Berlin into summer", calendar: office(berlin), from: moment(2026, 3, 26), days: 8),
    Case(name: "Berlin out of summer", calendar: office(berlin), from: moment(2026, 10, 22), days: 8),
    Case(name: "Berlin nights into summer", calendar: nights, from: moment(2026, 3, 27), days: 4),
    Case(name: "Berlin nights out of summer", calendar: nights, from: moment(2026, 10, 23), days: 4),
    Case(
      name: "Shanghai spring festival", calendar: office(shanghai, chinaExceptions), from: moment(2026, 2, 10), days: 21
    ),
    Case(name: "Shanghai new year", calendar: office(shanghai, chinaExceptions), from: moment(2025, 12, 29), days: 10),
    Case(name: "leap day", calendar: office(berlin), from: moment(2028, 2, 26), days: 6),
    Case(name: "UTC year's end", calendar: office(.utc), from: moment(2026, 12, 30), days: 6),
  ]

  @Test(arguments: cases)
  func deadlinesEqualAMinuteByMinuteCount(_ sample: Case) {
    let first = sample.from.microseconds / 60_000_000
    let minutes = (0..<Int64(sample.days * 1_440)).filter {
      BusinessCalendarTests.isOpen(first + $0, in: sample.calendar)
    }
    #expect(minutes.count > 300)
    var random = SeededGenerator(seed: UInt64(sample.days) + 11)
    for _ in 0..<120 {
      let start = Int64.random(in: 0..<Int64(sample.days * 1_440), using: &random)
      let ahead = minutes.drop { $0 < start }
      guard !ahead.isEmpty else { continue }
      let allowed = Int.random(in: 1...ahead.count, using: &random)
      let last = ahead[ahead.startIndex + allowed - 1]
      let from = sample.from + .seconds(start * 60)
      #expect(
        sample.calendar.instant(after: .seconds(allowed * 60), from: from) == sample.from + .seconds((last + 1) * 60))
      let end = Int64.random(in: start...Int64(sample.days * 1_440), using: &random)
      let counted = minutes.filter { $0 >= start && $0 < end }.count
      #expect(sample.calendar.openTime(from: from, to: sample.from + .seconds(end * 60)) == .seconds(counted * 60))
    }
  }

  @Test func openTimeUntilADeadlineEqualsTheAllowedTime() {
    var random = SeededGenerator(seed: 21)
    for calendar in [BusinessCalendarTests.nights, BusinessCalendarTests.office(BusinessCalendarTests.berlin)] {
      for _ in 0..<200 {
        let start =
          BusinessCalendarTests.moment(2026, 1, 1) + .milliseconds(Int64.random(in: 0..<31_536_000_000, using: &random))
        let allowed = Duration.microseconds(Int64.random(in: 1..<400_000_000_000, using: &random))
        let due = calendar.instant(after: allowed, from: start)
        #expect(due.map { calendar.openTime(from: start, to: $0) } == allowed)
      }
    }
  }

  @Test func aDayWithAClockChangeIsAnHourShorterOrLonger() {
    let open = BusinessCalendar(
      zone: BusinessCalendarTests.berlin, week: Array(repeating: [0..<1_440], count: 7), exceptions: [0: []])
    func length(_ month: Int, _ date: Int) -> Duration {
      let zone = BusinessCalendarTests.berlin
      let day = BusinessCalendarTests.day(2026, month, date)
      return open.openTime(from: zone.instant(day: day, minute: 0), to: zone.instant(day: day + 1, minute: 0))
    }
    #expect(length(3, 29) == .seconds(23 * 3_600))
    #expect(length(10, 25) == .seconds(25 * 3_600))
    #expect(length(6, 1) == .seconds(24 * 3_600))
  }

  @Test func clockChangesResolveRepeatedAndSkippedMinutes() {
    let zone = BusinessCalendarTests.berlin
    let moment = BusinessCalendarTests.moment
    #expect(zone.instant(day: BusinessCalendarTests.day(2026, 10, 25), minute: 150) == moment(2026, 10, 25, 0, 30))
    #expect(zone.instant(day: BusinessCalendarTests.day(2026, 3, 29), minute: 150) == moment(2026, 3, 29, 1, 0))
    #expect(zone.instant(day: BusinessCalendarTests.day(2026, 3, 29), minute: 180) == moment(2026, 3, 29, 1, 0))
    #expect(zone.instant(day: BusinessCalendarTests.day(2026, 10, 25), minute: 180) == moment(2026, 10, 25, 2, 0))
  }

  @Test func zonesGiveTheirOffsetAtAnyMoment() {
    let zone = BusinessCalendarTests.berlin
    for (position, transition) in zone.transitions.enumerated() {
      let before = position == 0 ? zone.initialOffsetSeconds : zone.transitions[position - 1].offsetSeconds
      #expect(zone.offsetSeconds(at: transition.at - .microseconds(1)) == before)
      #expect(zone.offsetSeconds(at: transition.at) == transition.offsetSeconds)
    }
    #expect(zone.localDay(of: Instant(microseconds: -3_600_000_001)) == -1)
    #expect(zone.localDay(of: Instant(microseconds: -3_600_000_000)) == 0)
  }

  @Test func aDeadlineMayFallOnClosingTime() {
    let calendar = BusinessCalendarTests.office(.utc)
    let monday = BusinessCalendarTests.moment(2026, 3, 2, 9)
    #expect(calendar.instant(after: .seconds(3 * 3_600), from: monday) == monday + .seconds(3 * 3_600))
    #expect(
      calendar.instant(after: .seconds(3 * 3_600 + 1), from: monday) == BusinessCalendarTests.moment(2026, 3, 2, 13, 30)
        + .seconds(1))
  }

  @Test func alwaysOpenCountsElapsedTime() {
    #expect(BusinessCalendar.always.isAlways)
    #expect(BusinessCalendar.always.instant(after: .seconds(90), from: .morning) == .at(90))
    #expect(BusinessCalendar.always.openTime(from: .at(5), to: .morning) == .zero)
    #expect(!BusinessCalendarTests.office(.utc).isAlways)
  }

  @Test func aCalendarThatNeverOpensHasNoDeadlines() {
    let closed = BusinessCalendar(zone: .utc, week: Array(repeating: [], count: 7), exceptions: [:])
    #expect(closed.instant(after: .seconds(1), from: .morning) == nil)
    let target = ServiceLevelTarget(allowed: .seconds(60), from: .morning, in: closed)
    #expect(target.dueAt == nil)
    #expect(target.firstNotificationAt == nil)
  }

  // MARK: Reachable targets

  @Test func theLongestTargetEqualsTenYearsOfOpenHours() throws {
    #expect(BusinessCalendar.always.longestPromise == nil)
    // Nine hours per week in 522 whole weeks.
    var week = Array(repeating: BusinessCalendar.Hours(), count: 7)
    week[0] = [9 * 60..<18 * 60]
    let short = BusinessCalendar(zone: .utc, week: week, exceptions: [:])
    let longest = try #require(short.longestPromise)
    #expect(longest == .seconds(522 * 9 * 3_600))
    #expect(longest < .seconds(5_000 * 3_600))
    #expect(short.instant(after: .seconds(5_000 * 3_600), from: .morning) == nil)
    // A target of exactly that much is reached from any time of a fortnight.
    for hour in 0..<336 { #expect(short.instant(after: longest, from: .at(Int64(hour) * 3_600)) != nil) }
  }

  @Test func extraDaysExtendTheLongestTargetOnlyWithoutWeeklyHours() throws {
    var week = Array(repeating: BusinessCalendar.Hours(), count: 7)
    week[0] = [0..<600]
    let monday = Self.day(2026, 3, 2)
    let closed = BusinessCalendar(zone: .utc, week: week, exceptions: [monday: [], monday + 1: [0..<600]])
    #expect(closed.longestPromise == .seconds((522 * 600 - 600) * 60))
    let fair = BusinessCalendar(
      zone: .utc, week: Array(repeating: [], count: 7), exceptions: [monday: [0..<60], monday + 1: [60..<90]])
    #expect(fair.longestPromise == .seconds(90 * 60))
    #expect(fair.instant(after: .seconds(90 * 60), from: .morning - .seconds(86_400)) != nil)
  }
}
