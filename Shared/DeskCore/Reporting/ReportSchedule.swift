/// A report that is made at a local time, every day or every week.
public struct ReportSchedule: Sendable, Hashable {
  /// The receiver.
  public enum Destination: Sendable, Hashable {
    /// A hook, by a signed delivery.
    case hook(HookID)
    /// A file in the folder that the watcher's settings name.
    case file
  }

  /// When a report is due: one for each date.
  public struct Due: Sendable, Hashable {
    /// The date in the schedule's zone. It names the period: a schedule makes at most one report for a date.
    public let day: CivilDay
    /// The time.
    public let at: Instant
  }

  /// The schedule's name.
  public let name: Key<ReportSchedule>
  /// The report.
  public let request: ReportRequest
  /// How many whole days it covers, up to the day before it is due; 1 or more.
  public let days: Int
  /// The weekday on which it is due, 0 for Sunday to 6; nil for every day.
  public let weekday: Int?
  /// The minute of the day at which it is due, from 0 to 1439. One that a clock change skips is due at the change, a repeated one at its
  /// first occurrence.
  public let minute: Int
  /// The time zone of its days.
  public let zone: ZoneOffsets
  /// The format.
  public let format: ReportFormat
  /// The language of a picture.
  public let language: ReportLanguage
  /// The receiver.
  public let destination: Destination

  /// Describes a schedule.
  public init(
    name: Key<ReportSchedule>, request: ReportRequest, days: Int, weekday: Int?, minute: Int, zone: ZoneOffsets,
    format: ReportFormat, language: ReportLanguage, destination: Destination
  ) {
    self.name = name
    self.request = request
    self.days = days
    self.weekday = weekday
    self.minute = minute
    self.zone = zone
    self.format = format
    self.language = language
    self.destination = destination
  }

  /// The periods that are due and were not made, oldest first.
  ///
  /// - Parameters:
  ///   - last: the newest period that was made; nil if there is none, when only the newest is returned.
  ///   - now: the time.
  ///   - limit: how many of the newest to return; older ones are not made any more.
  public func due(after last: CivilDay?, at now: Instant, limit: Int) -> [Due] {
    var found: [Due] = []
    // The local date may be a day ahead of the one by which the due time is found, where a clock change skips midnight.
    var day = CivilDay(sinceEpoch: zone.localDay(of: now) + 1)
    let first = day + -(limit + 1) * (weekday == nil ? 1 : 7)
    while day > first, found.count < (last == nil ? 1 : limit), last.map({ day > $0 }) ?? true {
      let at = zone.instant(day: day.sinceEpoch, minute: minute)
      if weekday.map({ $0 == day.weekday }) ?? true, at <= now { found.append(Due(day: day, at: at)) }
      day = day + -1
    }
    return found.reversed()
  }
}
