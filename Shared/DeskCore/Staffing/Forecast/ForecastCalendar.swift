/// What kind of day each day is, for forecasts: a weekday, a holiday, or a make-up day, which is like the weekday that it stands for.
public struct ForecastCalendar: Hashable, Sendable {
  /// The kind of a day.
  public enum DayKind: Hashable, Sendable {
    /// Monday (0) to Sunday (6).
    case weekday(Int)
    case holiday
  }

  /// The zone in whose local time days and half hours begin.
  public let zone: ZoneOffsets
  /// Days since 1970-01-01.
  private let holidays: Set<Int>
  /// The weekdays that make-up days stand for.
  private let makeUpDays: [Int: Int]

  /// Days of a zone without holidays.
  public init(zone: ZoneOffsets = .utc) {
    self.zone = zone
    holidays = []
    makeUpDays = [:]
  }

  /// Reads a calendar's exceptions: a day without hours is a holiday; one with hours whose weekday has none is a make-up day. It stands for
  /// the nearest weekday with the same hours, or the nearest that has any: calendars keep the hours of a make-up day, not its weekday.
  public init(_ calendar: BusinessCalendar) {
    self.init(zone: calendar.zone, exceptionsOf: [calendar])
  }

  /// Reads all calendars of a policy: a holiday of one is a holiday unless another one opens specially on that day. The zone is that of the
  /// calendar with most exceptions; among equals, of the first by name that is not UTC.
  public init(_ calendars: [CalendarID: BusinessCalendar]) {
    let sorted = calendars.sorted { $0.key < $1.key }.map(\.value)
    let leading = sorted.enumerated().max { left, right in
      func weight(_ entry: (offset: Int, element: BusinessCalendar)) -> (Int, Int, Int) {
        (entry.element.exceptions.count, entry.element.zone == .utc ? 0 : 1, -entry.offset)
      }
      return weight(left) < weight(right)
    }
    self.init(zone: leading?.element.zone ?? .utc, exceptionsOf: sorted)
  }

  private init(zone: ZoneOffsets, exceptionsOf calendars: [BusinessCalendar]) {
    self.zone = zone
    var holidays: Set<Int> = []
    var makeUpDays: [Int: Int] = [:]
    for calendar in calendars {
      for (day, hours) in calendar.exceptions {
        let weekday = Self.weekday(of: day)
        if hours.isEmpty {
          holidays.insert(day)
        } else if calendar.week[weekday].isEmpty, makeUpDays[day] == nil {
          makeUpDays[day] = Self.weekday(near: weekday, in: calendar.week, with: hours)
        }
      }
    }
    self.holidays = holidays.subtracting(makeUpDays.keys)
    self.makeUpDays = makeUpDays
  }

  private static func weekday(near day: Int, in week: [BusinessCalendar.Hours], with hours: BusinessCalendar.Hours)
    -> Int
  {
    // Saturday is nearest to Friday, Sunday to Monday; a tie goes to the day before.
    let nearest = (1...3).flatMap { [(day + 7 - $0) % 7, (day + $0) % 7] }
    return nearest.first { week[$0] == hours } ?? nearest.first { !week[$0].isEmpty } ?? day
  }

  private static func weekday(of day: Int) -> Int { (CivilDay(sinceEpoch: day).weekday + 6) % 7 }

  /// The kind of a day.
  public func kind(of day: CivilDay) -> DayKind {
    if holidays.contains(day.sinceEpoch) { return .holiday }
    return .weekday(makeUpDays[day.sinceEpoch] ?? Self.weekday(of: day.sinceEpoch))
  }

  /// When a half hour of a day begins and how long it lasts: longer or shorter than half an hour, or zero, where a clock change is in it.
  public func period(_ period: Int, of day: CivilDay) -> (start: Instant, length: Duration) {
    let start = zone.instant(day: day.sinceEpoch, minute: period * 30)
    let end =
      period + 1 == ForecastBounds.periodsPerDay
      ? zone.instant(day: day.sinceEpoch + 1, minute: 0) : zone.instant(day: day.sinceEpoch, minute: (period + 1) * 30)
    return (start, max(.zero, end - start))
  }

  /// The local day of an instant, and the half hour of the local clock in which it is.
  public func place(of moment: Instant) -> (day: CivilDay, period: Int) {
    let local = moment + .seconds(zone.offsetSeconds(at: moment))
    let day = CivilDay(of: local)
    let minutes = (local.microseconds - Int64(day.sinceEpoch) * 86_400_000_000) / 60_000_000
    return (day, min(ForecastBounds.periodsPerDay - 1, max(0, Int(minutes) / 30)))
  }
}
