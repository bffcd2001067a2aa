public import DeskCore
internal import Foundation

/// A table of a plan: a title for each column, and the rows.
public struct StaffingTable: Sendable, Hashable {
  public let titles: [String]
  public private(set) var rows: [[String]] = []

  init(_ titles: [String]) { self.titles = titles }

  mutating func add(_ row: [String]) { rows.append(row) }
}

extension StaffingReport {
  /// The title, in one line.
  public func title(in language: ReportLanguage) -> String {
    StaffingWords(language).title(self)
  }

  /// The rules beside each other: what each costs and risks.
  public func rules(in language: ReportLanguage) -> StaffingTable {
    let words = StaffingWords(language)
    var table = StaffingTable(words.ruleTitles)
    for total in plan.totals {
      table.add([
        words.name(total.rule), Self.decimal(total.paidHours), Self.decimal(total.paidHoursAtUpper),
        "\(total.peakAgents)", Self.percent(total.answeredShare), Self.percent(total.answeredShareAtUpper),
        Self.percent(total.abandonedShare), Self.percent(total.occupancy), "\(total.missed) / \(total.periods)",
        Self.percent(total.worstShare),
      ])
    }
    return table
  }

  /// The agents by period and queue, those without tickets left out, and the router workers at the first queue of each period.
  public func periods(in language: ReportLanguage) -> StaffingTable {
    let words = StaffingWords(language)
    var table = StaffingTable(words.periodTitles)
    let workers = Dictionary(plan.workers.map { ($0.start, $0.workers) }) { first, _ in first }
    var last: Instant?
    for row in plan.rows where row.upperTickets > 0 {
      var cells = [
        last == row.period.start ? "" : time(row.period.start), row.period.queue.rawValue,
        "\(Self.decimal(row.period.expected)) – \(Self.decimal(row.upperTickets))", Self.decimal(row.load.erlangs),
      ]
      for rule in StaffingRule.allCases {
        cells.append("\(row[rule].agents)  \(Self.percent(row[rule].figures.answeredShare))")
      }
      if last != row.period.start, let need = workers[row.period.start] {
        cells.append("\(need.base) + \(need.reserve)")
      }
      table.add(cells)
      last = row.period.start
    }
    return table
  }

  /// The shifts, those that are alike in one row; nil where none were asked for.
  public func shiftTable(in language: ReportLanguage) -> StaffingTable? {
    guard let shifts else { return nil }
    var table = StaffingTable(StaffingWords(language).shiftTitles)
    var position = 0
    while position < shifts.shifts.count {
      let first = shifts.shifts[position]
      var alike: [ShiftPlan.Shift] = []
      while position < shifts.shifts.count, shifts.shifts[position].isLike(first) {
        alike.append(shifts.shifts[position])
        position += 1
      }
      let breaks = alike.map { $0.breaks.map { time($0.lowerBound) }.joined(separator: ", ") }
      let patterns = Dictionary(grouping: breaks) { $0 }.sorted { $0.key < $1.key }
      table.add([
        first.queue.rawValue, first.template, "\(time(first.start)) – \(time(first.end))", "\(alike.count)",
        patterns.map { $0.value.count == alike.count ? $0.key : "\($0.value.count) × \($0.key)" }.joined(
          separator: "; "),
      ])
    }
    return table
  }

  /// What the shifts cost, and each time that they do not cover.
  public func shiftNotes(in language: ReportLanguage) -> [String] {
    guard let shifts else { return [] }
    let words = StaffingWords(language)
    return [words.cost(shifts, by: rule)]
      + shifts.shortfalls.map { words.shortfall($0, from: time($0.start), to: time($0.end)) }
  }

  static func decimal(_ value: Double) -> String { String(format: "%.1f", value) }

  static func percent(_ share: Double) -> String { String(format: "%.1f %%", share * 100) }
}

extension ShiftPlan.Shift {
  fileprivate func isLike(_ other: Self) -> Bool {
    queue == other.queue && template == other.template && start == other.start && end == other.end
  }
}
