public import DeskCore

/// A staffing plan in its output formats, with the shifts that were filled from it.
public struct StaffingReport: Sendable {
  public let plan: StaffingPlan
  /// The zone in which times are written for people.
  public let zone: ZoneOffsets
  /// The rule whose agents the shifts cover.
  public let rule: StaffingRule
  /// Nil where none were asked for.
  public let shifts: ShiftPlan?

  public init(_ plan: StaffingPlan, in zone: ZoneOffsets, rule: StaffingRule = .erlangA, shifts: ShiftPlan? = nil) {
    self.plan = plan
    self.zone = zone
    self.rule = rule
    self.shifts = shifts
  }

  /// The local time of an instant, with its day where the plan has several: `08:30` or `03-02 08:30`.
  func time(_ moment: Instant) -> String {
    let local = moment + .seconds(zone.offsetSeconds(at: moment))
    let text = RFC3339.text(local)
    let time = String(text.dropFirst(11).prefix(5))
    return isOneDay ? time : text.dropFirst(5).prefix(5) + " " + time
  }

  private var isOneDay: Bool {
    guard let first = plan.rows.first, let last = plan.rows.last else { return true }
    return zone.localDay(of: first.period.start) == zone.localDay(of: last.period.start)
  }

  /// The first and the last local day; nil for a plan without periods.
  var days: (first: CivilDay, last: CivilDay)? {
    guard let first = plan.rows.first, let last = plan.rows.last else { return nil }
    return (
      CivilDay(sinceEpoch: zone.localDay(of: first.period.start)),
      CivilDay(sinceEpoch: zone.localDay(of: last.period.start))
    )
  }

  // MARK: - CSV

  /// The rows for spreadsheets: one for each queue and period, with the agents of each rule and their share answered in time.
  public var csv: String {
    let rules = StaffingRule.allCases
    var table = CSVTable(
      columns: ["queue", "start", "expected", "upper", "erlangs"]
        + rules.flatMap {
          ["\($0.rawValue)_agents", "\($0.rawValue)_agents_at_upper", "\($0.rawValue)_answered_share"]
        }
        + ["workers"])
    let workers = Dictionary(plan.workers.map { ($0.start, $0.workers.total) }) { first, _ in first }
    for row in plan.rows {
      var fields = [
        row.period.queue.rawValue, RFC3339.text(row.period.start), "\(Self.rounded(row.period.expected))",
        "\(Self.rounded(row.upperTickets))", "\(Self.rounded(row.load.erlangs))",
      ]
      for rule in rules {
        let staff = row[rule]
        fields += ["\(staff.agents)", "\(staff.agentsAtUpper)", "\(Self.rounded(staff.figures.answeredShare))"]
      }
      table.add(fields + [workers[row.period.start].map { "\($0)" } ?? ""])
    }
    return table.text
  }

  /// The plan as an SVG file.
  public func picture(in language: ReportLanguage) -> String { StaffingPicture(self, in: language).svg }

  static func rounded(_ value: Double) -> Double { value.isFinite ? (value * 10_000).rounded() / 10_000 : value }
}
