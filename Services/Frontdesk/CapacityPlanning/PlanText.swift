import CommandLineTool
import DeskCore
import UseCases

/// A staffing plan on a terminal.
enum PlanText {
  static func text(of report: StaffingReport, notes: [String], in language: ReportLanguage) -> String {
    var parts = [report.title(in: language)]
    if !notes.isEmpty { parts.append(notes.joined(separator: "\n")) }
    parts.append(table(report.rules(in: language), left: 1))
    parts.append(table(report.periods(in: language), left: 2))
    if let shifts = report.shiftTable(in: language) { parts.append(table(shifts, left: 3)) }
    let shiftNotes = report.shiftNotes(in: language)
    if !shiftNotes.isEmpty { parts.append(shiftNotes.joined(separator: "\n")) }
    return parts.joined(separator: "\n\n")
  }

  /// - Parameter left: how many columns are texts.
  private static func table(_ table: StaffingTable, left: Int) -> String {
    var text = TextTable(table.titles.enumerated().map { ($1, $0 < left ? .left : .right) })
    for row in table.rows { text.add(row) }
    return text.text
  }
}
