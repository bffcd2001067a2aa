import CommandLineTool
import DeskCore
import UseCases

/// A report as a table on a terminal.
enum ReportText {
  static func text(of report: ReportDocument, in language: ReportLanguage) -> String {
    text(report.title(in: language), report.lines(in: language))
  }

  static func text(of report: QualityReport, in language: ReportLanguage) -> String {
    text(report.title(in: language), report.lines(in: language))
  }

  static func text(of report: WaitErrorReport, in language: ReportLanguage) -> String {
    text(report.title(in: language), report.lines(in: language))
  }

  private static func text(_ title: String, _ lines: (titles: [String], rows: [[String]])) -> String {
    var table = TextTable(lines.titles.enumerated().map { ($1, $0 == 0 ? .left : .right) })
    for row in lines.rows { table.add(row) }
    return title + "\n\n" + table.text
  }
}
