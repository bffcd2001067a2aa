/// The business hours in which service-level time counts.
///
/// A week of opening hours in a time zone, with exceptions for single dates (holidays are days without hours, extra working days are days
/// with them). The zone's offsets are passed in as values, because DeskCore reads no system tables.
public struct BusinessCalendar: Hashable, Sendable {
  /// Minutes of a local day, 0 to 1440, in which the desk is open.
  public typealias Hours = [Range<Int>]

  /// The zone's offsets from UTC, and when each begins.
  public let zone: ZoneOffsets
  /// Opening hours for Monday (0) to Sunday (6); each day's ranges are sorted and disjoint.
  public let week: [Hours]
  /// Opening hours of single dates, by days since 1970-01-01 in the zone; they replace the week's.
  public let exceptions: [Int: Hours]
  /// Whether every minute counts, so that no iteration over days is needed.
  public let isAlways: Bool

  /// How far `instant(after:from:)` looks ahead before it gives up on a calendar that hardly ever opens.
  public static let horizonDays = 3660

  /// Describes a calendar. `week` must have seven entries.
  public init(zone: ZoneOffsets, week: [Hours], exceptions: [Int: Hours]) {
    precondition(week.count == 7, "a week has seven days")
    self.zone = zone
    self.week = week
    self.exceptions = exceptions
    isAlways = exceptions.isEmpty && week.allSatisfy { $0 == [0..<1440] }
  }

  /// Open at all times.
  public static let always = BusinessCalendar(
    zone: .utc, week: Array(repeating: [0..<1440], count: 7), exceptions: [:])

  /// The longest open time within `horizonDays` of any instant, less the hours that clock changes remove; nil for no limit. A longer
  /// target may never be reached. For a calendar that opens only on single dates, it is the total of those dates.
  public var longestPromise: Duration? {
    if isAlways { return nil }
    func minutes(_ hours: Hours) -> Int { hours.reduce(0) { $0 + $1.count } }
    let weekly = week.reduce(0) { $0 + minutes($1) }
    guard weekly > 0 else { return .seconds(60 * exceptions.values.reduce(0) { $0 + minutes($1) }) }
    // The first day may be nearly over. Extra working days may lie outside the horizon, days off are assumed to lie within it.
    let weeks = (BusinessCalendar.horizonDays - 1) / 7
    let lost = exceptions.reduce(0) {
      $0 + max(0, minutes(week[BusinessCalendar.weekday(of: $1.key)]) - minutes($1.value))
    }
    return .seconds(60 * max(0, weekly * weeks - lost))
  }

  /// Monday is 0.
  private static func weekday(of day: Int) -> Int { ((day + 3) % 7 + 7) % 7 }  // 1970-01-01 was a Thursday.

  /// The instant at which `time` of open hours has passed since `start`; nil when the calendar does not open long enough within
  /// `horizonDays`.
  public func instant(after time: Duration, from start: Instant) -> Instant? {
    if isAlways { return start + time }
    var left = time.wholeMicroseconds
    var day = zone.localDay(of: start)
    for _ in 0..<BusinessCalendar.horizonDays {
      for minutes in hours(on: day) {
        guard let span = span(minutes, on: day), span.upperBound > start else { continue }
        let from = max(span.lowerBound, start)
        let length = span.upperBound.microseconds - from.microseconds
        if left <= length { return Instant(microseconds: from.microseconds + left) }
        left -= length
      }
      day += 1
    }
    return nil
  }

  /// The open time between two instants; zero when they are in reverse order.
  public func openTime(from start: Instant, to end: Instant) -> Duration {
    if isAlways { return max(.zero, end - start) }
    guard start < end else { return .zero }
    var total: Int64 = 0
    for day in zone.localDay(of: start)...zone.localDay(of: end) {
      for minutes in hours(on: day) {
        guard let span = span(minutes, on: day) else { continue }
        let from = max(span.lowerBound, start)
        let to = min(span.upperBound, end)
        if from < to { total += to.microseconds - from.microseconds }
      }
    }
    return .microseconds(total)
  }

  private func hours(on day: Int) -> Hours { exceptions[day] ?? week[BusinessCalendar.weekday(of: day)] }

  /// A span of a local day as instants; nil for one that a clock change removes.
  private func span(_ minutes: Range<Int>, on day: Int) -> Range<Instant>? {
    let from = zone.instant(day: day, minute: minutes.lowerBound)
    let to = zone.instant(day: day, minute: minutes.upperBound)
    return from < to ? from..<to : nil
  }
}

/// A time zone as a list of offsets from UTC.
public struct ZoneOffsets: Hashable, Sendable {
  /// An offset and the time from which it applies.
  public struct Transition: Hashable, Sendable {
    /// When the offset begins to apply.
    public let at: Instant
    /// Seconds to add to UTC.
    public let offsetSeconds: Int

    /// Describes a transition.
    public init(at: Instant, offsetSeconds: Int) {
      self.at = at
      self.offsetSeconds = offsetSeconds
    }
  }

  /// The zone's display name.
  public let name: String
  /// The offset before the first transition, in seconds.
  public let initialOffsetSeconds: Int
  /// The changes, oldest first.
  public let transitions: [Transition]

  /// Describes a zone. `transitions` must be sorted by time.
  public init(name: String, initialOffsetSeconds: Int, transitions: [Transition]) {
    self.name = name
    self.initialOffsetSeconds = initialOffsetSeconds
    self.transitions = transitions
  }

  /// Coordinated Universal Time.
  public static let utc = ZoneOffsets(name: "UTC", initialOffsetSeconds: 0, transitions: [])

  /// Seconds to add to UTC at a given instant.
  public func offsetSeconds(at instant: Instant) -> Int {
    var low = 0
    var high = transitions.count
    while low < high {
      let middle = (low + high) / 2
      if transitions[middle].at <= instant { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? initialOffsetSeconds : transitions[low - 1].offsetSeconds
  }

  /// Days since 1970-01-01 in the zone's local time.
  public func localDay(of instant: Instant) -> Int {
    CivilDay(of: instant.advanced(byMicroseconds: Int64(offsetSeconds(at: instant)) * 1_000_000)).sinceEpoch
  }

  /// The instant at which the zone's local clock shows a minute of a day.
  ///
  /// A minute that a clock change skips maps to the change itself; a repeated minute maps to its first occurrence. So the open time of a
  /// day with a change is an hour shorter or longer only when the change lies inside the opening hours. Minute 0 is the start of the day,
  /// whatever the local time at which it starts.
  /// - Parameter day: days since 1970-01-01, within a million years.
  public func instant(day: Int, minute: Int) -> Instant {
    let nearby = Instant(seconds: Int64(day) * 86_400 + Int64(minute) * 60)
    let before = offsetSeconds(at: nearby - .seconds(86_400))
    let after = offsetSeconds(at: nearby + .seconds(86_400))
    let early = nearby - .seconds(before)
    if before == after || offsetSeconds(at: early) == before { return early }
    let late = nearby - .seconds(after)
    if offsetSeconds(at: late) == after { return late }
    return transitions.first { $0.at > nearby - .seconds(86_400) && $0.offsetSeconds == after }?.at ?? late
  }
}
