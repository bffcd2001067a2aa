public import DeskCore
import Store

/// A report that was asked for, with its days.
public struct ReportOrder: Sendable, Hashable {
  /// The report.
  public let request: ReportRequest
  /// The days that it covers.
  public let days: ReportDays
  /// The days that it is compared with; nil unless it is about a change. As many as `days`, a whole number of weeks before, so that
  /// weekdays are compared with the same weekdays, and as few weeks as keep both apart.
  public let previous: ReportDays?

  /// Reads days as entered by people; see `ReportDays`. A change is up to yesterday by default: a day that is not over has less of
  /// everything.
  /// - Throws: `ReportDays.Problem`, also for more days than the report may have.
  public init(
    _ request: ReportRequest, from: String?, to: String?, zone: String?, now: Instant
  ) throws(ReportDays.Problem) {
    var last = to
    if request.topic == .change, to == nil {
      let today = try ReportDays(from: nil, to: nil, zone: zone, now: now).last
      last = CivilDay(today).map { ($0 + -1).description }
    }
    let days = try ReportDays(from: from, to: last, zone: zone, now: now)
    let count = days.period.days.count
    let most = ReportRequest.daysMost(request.topic)
    guard count <= most else {
      throw ReportDays.Problem(
        field: "from", value: days.first, detail: "The range from this day to \(days.last) has \(count) days.",
        remedy: "Request at most \(most) days at once.")
    }
    self.request = request
    self.days = days
    guard request.topic == .change, let first = CivilDay(days.first), let end = CivilDay(days.last) else {
      previous = nil
      return
    }
    let shift = -(count + 6) / 7 * 7
    previous = try ReportDays(
      from: (first + shift).description, to: (end + shift).description, zone: days.period.zone, now: now)
  }
}
