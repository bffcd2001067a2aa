import Foundation
import Testing

@testable import DeskCore

/// Forecasts of arrivals from made-up days whose pattern is known.
@Suite struct ArrivalForecastTests {
  private static let monday = CivilDay(year: 2026, month: 3, day: 2) ?? CivilDay(sinceEpoch: 0)
  private static let weekdays = [1.2, 1.1, 1.0, 1.0, 0.9, 0.5, 0.4]
  private static let utc = ForecastCalendar()

  /// The shares of a day's tickets by half hour: open from 8 to 20, busiest at 10.
  private static let shares: [Double] = {
    let course = (0..<48).map { period -> Double in
      let distance = Double(period - 20) / 6
      return (16..<40).contains(period) ? exp(-distance * distance) + 0.2 : 0
    }
    let sum = course.reduce(0, +)
    return course.map { $0 / sum }
  }()

  /// Days that end before `monday`, with Poisson numbers around a rate.
  /// - Parameter rate: the tickets of a day, from its distance to `monday`, negative, and its date.
  private static func history(
    days: Int, seed: UInt64 = 1, unknown: Set<Int> = [], _ rate: (Int, CivilDay) -> Double
  ) -> ArrivalHistory {
    var random = SeededGenerator(seed: seed)
    let first = monday + -days
    var counts: [Int32] = []
    for day in 0..<days {
      let total = rate(day - days, first + day)
      for period in 0..<48 { counts.append(poisson(total * shares[period], &random)) }
    }
    return ArrivalHistory(queue: "chat", firstDay: first, counts: counts, unknown: unknown)
  }

  private static func usual(_ day: CivilDay) -> Double { weekdays[(day.weekday + 6) % 7] }

  /// Knuth's method, in steps that do not underflow.
  private static func poisson(_ mean: Double, _ random: inout SeededGenerator) -> Int32 {
    var (left, count) = (mean, Int32(0))
    while left > 0 {
      let step = min(left, 20)
      var product = Double.random(in: 0..<1, using: &random)
      while product > exp(-step) {
        count += 1
        product *= Double.random(in: 0..<1, using: &random)
      }
      left -= step
    }
    return count
  }

  private func forecast(
    _ history: ArrivalHistory, for days: ClosedRange<CivilDay> = monday...monday, calendar: ForecastCalendar = utc,
    events: [KnownEvent] = []
  ) throws -> ArrivalForecast {
    let outcome = ForecastOutcome.forecasting(history, for: days, calendar: calendar, events: events)
    guard case .forecast(let forecast) = outcome else { throw Missing() }
    return forecast
  }

  private struct Missing: Error {}

  private func total(_ periods: some Sequence<ForecastPeriod>) -> Double { periods.reduce(0) { $0 + $1.expected } }

  private static func instant(_ day: CivilDay) -> Instant { Instant(seconds: Int64(day.sinceEpoch) * 86_400) }

  // MARK: Weekdays, hours, level

  @Test func weekdaysAndHoursAreLearntAndBeatTheWeekBefore() throws {
    let history = Self.history(days: 140) { 800 * Self.usual($1) }
    let forecast = try forecast(history, for: Self.monday...(Self.monday + 6))
    #expect(forecast.periods.count == 7 * 48 && forecast.historyDays == 140)
    for day in 0..<7 {
      let expected = 800 * Self.weekdays[day]
      let found = total(forecast.periods[day * 48..<(day + 1) * 48])
      #expect(abs(found - expected) < 0.08 * expected, "day \(day): \(found) for \(expected)")
    }
    let busiest = forecast.periods[0..<48].enumerated().max { $0.element.expected < $1.element.expected }
    #expect((18...22).contains(busiest?.offset ?? 0))
    #expect(forecast.periods[3].expected < 0.2 && forecast.periods[3].interval.upperBound <= 1, "the desk is closed")
    let held = try #require(forecast.heldOut)
    #expect(held.days == 14 && held.firstDay == Self.monday + -14)
    let (ours, naive) = try (#require(held.accuracy.wape), #require(held.naive.wape))
    #expect(ours < 0.85 * naive, "\(ours), a week before \(naive)")
    let coverage = try #require(held.accuracy.coverage)
    #expect((0.86...0.99).contains(coverage), "\(coverage)")
  }

  @Test func theSameHistoryGivesTheSameForecast() throws {
    let history = Self.history(days: 70) { 300 * Self.usual($1) }
    #expect(try forecast(history) == forecast(history))
  }

  @Test func onlyDaysBeforeThoseAskedForAreRead() throws {
    let history = Self.history(days: 100) { 300 * Self.usual($1) }
    let changed = ArrivalHistory(
      queue: "chat", firstDay: history.firstDay, counts: history.counts.enumerated().map { $0 < 90 * 48 ? $1 : 999 })
    let day = history.firstDay + 90
    #expect(try forecast(history, for: day...day) == forecast(changed, for: day...day))
  }

  @Test func aSlowTrendIsFollowed() throws {
    let growth = 0.004
    let history = Self.history(days: 180) { 1_000 * Self.usual($1) * exp(growth * Double($0)) }
    let found = total(try forecast(history, for: Self.monday...(Self.monday + 6)).periods)
    let expected = 1_000 * Self.weekdays.reduce(0, +) * exp(growth * 3)
    #expect(abs(found / expected - 1) < 0.05, "\(found) for \(expected)")
  }

  @Test func aNewLevelIsBelievedWithinWeeks() throws {
    let history = Self.history(days: 150) { ($0 < -21 ? 400 : 800) * Self.usual($1) }
    let found = total(try forecast(history).periods)
    #expect(abs(found / (800 * 1.2) - 1) < 0.1, "\(found)")
  }

  // MARK: What does not belong

  @Test func singleOutliersAndOutagesMoveNothing() throws {
    let clean = Self.history(days: 120) { 500 * Self.usual($1) }
    var counts = clean.counts
    let burst = (119 - 3) * 48 + 20  // A Thursday, three days before the end.
    counts[burst] = 2_000
    for place in (119 - 5) * 48..<(119 - 4) * 48 { counts[place] = 0 }
    let disturbed = ArrivalHistory(queue: "chat", firstDay: clean.firstDay, counts: counts)
    let days = Self.monday...(Self.monday + 6)
    let (expected, found) = (try forecast(clean, for: days), try forecast(disturbed, for: days))
    #expect(abs(total(found.periods) / total(expected.periods) - 1) < 0.03)
    let hour = 3 * 48 + 20
    #expect(abs(found.periods[hour].expected / expected.periods[hour].expected - 1) < 0.35)
  }

  @Test func unknownDaysAreNotZeros() throws {
    let gap = Set(60..<75)
    let history = Self.history(days: 120, unknown: gap) { gap.contains($0 + 120) ? 0 : 500 * Self.usual($1) }
    let forecast = try forecast(history)
    #expect(forecast.historyDays == 105)
    #expect(abs(total(forecast.periods) / 600 - 1) < 0.1)
  }

  @Test func smallNumbersHaveHonestIntervals() throws {
    let history = Self.history(days: 200, seed: 7) { 24 * Self.usual($1) }
    let forecast = try forecast(history)
    let held = try #require(forecast.heldOut)
    let coverage = try #require(held.accuracy.coverage)
    #expect(coverage >= 0.9, "\(coverage)")
    for period in forecast.periods {
      #expect(period.interval.lowerBound >= 0 && period.interval.contains(period.expected.rounded()))
      #expect(period.interval.upperBound <= 12, "no wider than small numbers are")
    }
  }

  @Test func uncertaintyGrowsWithUnevenDays() throws {
    var random = SeededGenerator(seed: 3)
    let even = Self.history(days: 120) { 600 * Self.usual($1) }
    let uneven = Self.history(days: 120) { 600 * Self.usual($1) * Double.random(in: 0.5..<1.5, using: &random) }
    func width(_ history: ArrivalHistory) throws -> Double {
      let period = try forecast(history).periods[20]
      return (period.interval.upperBound - period.interval.lowerBound) / period.expected
    }
    #expect(try width(uneven) > 1.5 * width(even))
  }

  // MARK: Too little history

  @Test func tooLittleHistoryIsSaidWithWhatReplacesIt() throws {
    let history = Self.history(days: 9) { 300 * Self.usual($1) }
    let outcome = ForecastOutcome.forecasting(history, for: Self.monday...Self.monday, calendar: Self.utc)
    guard case .tooLittleHistory("chat", 9, 14, .meanOfDays, let periods) = outcome else { throw Missing() }
    let mean = Double(history.counts.reduce(0, +)) / 9
    #expect(periods.count == 48 && abs(total(periods) - mean) < 0.001)
    #expect(periods[20].interval.upperBound > periods[20].expected * 1.5, "so few days say little")

    let none = ArrivalHistory(queue: "new", firstDay: Self.monday, counts: [])
    let empty = ForecastOutcome.forecasting(none, for: Self.monday...Self.monday, calendar: Self.utc)
    guard case .tooLittleHistory("new", 0, 14, .none, let zeros) = empty else { throw Missing() }
    #expect(zeros.count == 48 && total(zeros) == 0)
  }

  @Test func daysAreHeldOutOnlyWhereEnoughRemain() throws {
    #expect(try forecast(Self.history(days: 21) { 300 * Self.usual($1) }).heldOut == nil)
    #expect(try forecast(Self.history(days: 30) { 300 * Self.usual($1) }).heldOut?.days == 7)
  }

  // MARK: Holidays, make-up days, events

  private static let week: [BusinessCalendar.Hours] = Array(repeating: [540..<1080], count: 5) + [[], []]

  @Test func holidaysAreADayOfTheirOwnAndMakeUpDaysAreLikeTheirWeekday() throws {
    let (wednesday, saturday) = (Self.monday + 2, Self.monday + 5)
    let past = [Self.monday + -26, Self.monday + -61, Self.monday + -90]  // On working days.
    var exceptions: [Int: BusinessCalendar.Hours] = [wednesday.sinceEpoch: [], saturday.sinceEpoch: [540..<1080]]
    for day in past { exceptions[day.sinceEpoch] = [] }
    let calendar = ForecastCalendar(BusinessCalendar(zone: .utc, week: Self.week, exceptions: exceptions))
    #expect(calendar.kind(of: wednesday) == .holiday && calendar.kind(of: saturday) == .weekday(4))
    let history = Self.history(days: 140) { 600 * (past.contains($1) ? 0.25 : Self.usual($1)) }
    let forecast = try forecast(history, for: Self.monday...(Self.monday + 6), calendar: calendar)
    func day(_ day: Int) -> ArraySlice<ForecastPeriod> { forecast.periods[day * 48..<(day + 1) * 48] }
    #expect(abs(total(day(2)) / 150 - 1) < 0.25, "a holiday: \(total(day(2)))")
    #expect(abs(total(day(5)) / (600 * 0.9) - 1) < 0.1, "Saturday works like a Friday: \(total(day(5)))")
    #expect(abs(total(day(3)) / 600 - 1) < 0.1, "the holiday before does not lower Thursday")
    #expect(forecast.notes == [.init(day: wednesday, reason: .holiday(seen: 3))])
  }

  @Test func aFirstHolidayIsLikeASunday() throws {
    let calendar = ForecastCalendar(
      BusinessCalendar(zone: .utc, week: Self.week, exceptions: [Self.monday.sinceEpoch: []]))
    let forecast = try forecast(Self.history(days: 120) { 600 * Self.usual($1) }, calendar: calendar)
    #expect(forecast.notes.map(\.reason) == [.holiday(seen: 0)])
    #expect(abs(total(forecast.periods) / 240 - 1) < 0.15)
    let width = forecast.periods[20].interval.upperBound / forecast.periods[20].expected
    #expect(width > 1.4, "and uncertain")
  }

  @Test func anEventIsLearntDayByDayFromItsEarlierOccurrence() throws {
    let earlier = Self.monday + -182
    let event = KnownEvent(
      name: "sale",
      occurrences: [earlier, Self.monday].map { Self.instant($0)..<Self.instant($0 + 2) }, factor: 9)
    let history = Self.history(days: 240) { 500 * Self.usual($1) * ($1 == earlier ? 2 : $1 == earlier + 1 ? 4 : 1) }
    let forecast = try forecast(history, for: Self.monday...(Self.monday + 2), events: [event])
    func day(_ day: Int) -> Double { total(forecast.periods[day * 48..<(day + 1) * 48]) }
    #expect(abs(day(0) / (500 * 1.2 * 2) - 1) < 0.15, "\(day(0))")
    #expect(abs(day(1) / (500 * 1.1 * 4) - 1) < 0.15, "\(day(1))")
    #expect(abs(day(2) / 500 - 1) < 0.1, "the day after is usual again")
    guard case .learntEvent("sale", 1, let factor) = forecast.notes.first?.reason else { throw Missing() }
    #expect(abs(factor - 2) < 0.2)
  }

  @Test func anUnseenEventHasItsStatedFactorInItsHoursOnly() throws {
    let evening = Self.instant(Self.monday) + .seconds(18 * 3_600)
    let occurrence = evening..<(evening + .seconds(6 * 3_600))
    let history = Self.history(days: 100) { 500 * Self.usual($1) }
    let plain = try forecast(history)
    let stated = try forecast(history, events: [KnownEvent(name: "sale", occurrences: [occurrence], factor: 3)])
    for period in 0..<48 {
      let factor = period < 36 ? 1.0 : 3
      #expect(abs(stated.periods[period].expected - factor * plain.periods[period].expected) < 1e-9)
    }
    #expect(stated.notes.map(\.reason) == [.statedEvent("sale", factor: 3)])
    let unknown = try forecast(history, events: [KnownEvent(name: "sale", occurrences: [occurrence])])
    #expect(unknown.notes.map(\.reason) == [.unknownEvent("sale")])
    #expect(unknown.periods[20].expected == plain.periods[20].expected)
    #expect(unknown.periods[20].interval.upperBound > plain.periods[20].interval.upperBound)
  }

  // MARK: Clock changes

  @Test func aDayWithAClockChangeHasItsHours() throws {
    let zone = ZoneOffsets(
      name: "Summer", initialOffsetSeconds: 3_600,
      transitions: [.init(at: Self.instant(Self.monday) + .seconds(3_600), offsetSeconds: 7_200)])
    let history = Self.history(days: 60) { 500 * Self.usual($1) }
    let forecast = try forecast(history, calendar: ForecastCalendar(zone: zone))
    #expect(forecast.periods.count == 46)
    #expect(forecast.periods.reduce(Duration.zero) { $0 + $1.length } == .seconds(23 * 3_600))
  }
}
