import CommandLineTool
import DeskCore
import UseCases

/// A report as a table on a terminal.
enum ReportText {
  static func text(of report: ReportDocument, in language: ReportLanguage) -> String {
    let lines = report.lines(in: language)
    var table = TextTable(lines.titles.enumerated().map { ($1, $0 == 0 ? .left : .right) })
    for row in lines.rows { table.add(row) }
    return report.title(in: language) + "\n\n" + table.text
  }
}
