package import ArgumentParser
import CommandLineTool
import DeskCore
import Foundation
import Store
import UseCases

/// `frontdesk report`.
package struct ReportCommand: AsyncParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "report",
    abstract:
      "Report on a range of days: outcomes, handle time, occupancy, transfers, path, what changed.",
    discussion: """
      By day, queue, channel, category, tier or agent: volume, waits, SLA targets met, resolution, reopening, self-service, satisfaction \
      and repeat contacts of the tickets opened on these days, in their current state. Tickets count for their last agent, queue and category.

      `handling` is how long agents worked on these tickets (`--by`), `occupancy` the share of their available capacity that agents used, \
      `transfers` who transferred them where, `path` their way from the channel to the end, and `change` what contributed how much to the \
      change of a figure against the same weekdays before (`--figure`).

      Use `--csv` for spreadsheets, `--json` for programs, `--picture tickets.svg --language zh` for a chart. The console serves the same \
      at /v1/reports/queue, …/table.csv and …/picture.svg, and at /v1/analysis/handling and so on.

      `--inspections agent` reports on inspections of ended tickets and on intercepted replies instead: share inspected, mean scores, \
      appeals; by \(words(of: InspectionGrouping.self)). The console serves it at /v1/inspection-report.

      `--waits` reports the error of the expected wait instead, by replaying these days: bias, mean absolute error, and what nine of ten \
      errors do not exceed, beside other estimators. The console serves it at /v1/forecast/waits.
      """)

  @OptionGroup var desk: DeskOptions
  @OptionGroup var replica: ReplicaOptions

  @Argument(
    help: ArgumentHelp(
      "The report: outcomes by \(words(of: ReportGrouping.self)); or \(words(of: ReportTopic.self)).",
      valueName: "report"),
    transform: { try report($0) })
  var report = ReportRequest(.outcomes)

  @Option(
    help: "What to group rows of handling by: \(words(of: ReportGrouping.self)) (default: agent).",
    transform: { try choice($0) })
  var by: ReportGrouping?

  @Option(
    help: "The figure whose change is decomposed: \(words(of: ReportFigure.self)) (default: volume).",
    transform: { try choice($0) })
  var figure: ReportFigure?

  @Option(
    help: ArgumentHelp(
      "Report on inspections and intercepted replies, grouped by: \(words(of: InspectionGrouping.self)).",
      valueName: "by"), transform: { try choice($0) })
  var inspections: InspectionGrouping?

  @Flag(help: "Report the error of the expected wait, by queue and estimator.")
  var waits = false

  @Option(help: "The first day, such as 2026-03-02 (default: six days before the last).")
  var from: String?

  @Option(help: "The last day (default: today).")
  var to: String?

  @Option(help: "The time zone of the days, such as Asia/Shanghai (default: UTC).")
  var zone: String?

  @Flag(help: "Print one JSON object.")
  var json = false

  @Flag(help: "Print CSV for spreadsheets (RFC 4180), without the total.")
  var csv = false

  @Option(help: "Also draw a chart to this SVG file.")
  var picture: String?

  @Option(
    help: "The language of table and chart: \(words(of: ReportLanguage.self)).", transform: { try choice($0) })
  var language: ReportLanguage = .english

  package init() {}

  /// A sentence as part of another one.
  private static func clause(_ sentence: String) -> String {
    sentence.prefix(1).lowercased() + sentence.dropFirst().dropLast()
  }

  static func words<Choice: CaseIterable & RawRepresentable<String>>(of: Choice.Type) -> String {
    Choice.allCases.map(\.rawValue).joined(separator: ", ")
  }

  static func choice<Choice: CaseIterable & RawRepresentable<String>>(_ word: String) throws -> Choice {
    guard let choice = Choice(rawValue: word) else {
      throw ValidationError("It must be one of \(words(of: Choice.self)).")
    }
    return choice
  }

  /// A grouping of outcomes, or a topic.
  private static func report(_ word: String) throws -> ReportRequest {
    if let grouping = ReportGrouping(rawValue: word) { return ReportRequest(.outcomes, by: grouping) }
    guard let topic = ReportTopic(rawValue: word) else {
      throw ValidationError("It must be one of \(words(of: ReportGrouping.self)), \(words(of: ReportTopic.self)).")
    }
    return ReportRequest(topic)
  }

  package func validate() throws {
    guard !(json && csv) else { throw ValidationError("Choose one of --json and --csv.") }
    guard by == nil || report.topic == .handling else { throw ValidationError("--by is for the report handling.") }
    guard figure == nil || report.topic == .change else { throw ValidationError("--figure is for the report change.") }
    guard inspections == nil || picture == nil else {
      throw ValidationError("There is no chart of inspections: leave out --picture.")
    }
    guard !waits || (inspections == nil && picture == nil) else {
      throw ValidationError("--waits is a report of its own, without a chart.")
    }
    guard picture == nil || ReportRequest.isDrawn(report.topic) else {
      throw ValidationError("The report \(report.topic.rawValue) has no chart.")
    }
  }

  package func run() async throws {
    if let inspections {
      let report = try await read {
        try await QualityReport.read(
          $0, by: inspections, of: ReportDays(from: from, to: to, zone: zone, now: $0.now()))
      }
      return say(report.detail, csv: report.csv, text: ReportText.text(of: report, in: language))
    }
    if waits {
      let report = try await read {
        try await WaitErrorReport.read($0, of: ReportDays(from: from, to: to, zone: zone, now: $0.now()))
      }
      if report.isCut { Terminal.complain("some days have more waits than are read: their later ones are left out") }
      return say(report.detail, csv: report.csv, text: ReportText.text(of: report, in: language))
    }
    let request = ReportRequest(report.topic, by: by ?? report.grouping, of: figure)
    let document = try await read { store in
      let order = try await ReportOrder(request, from: from, to: to, zone: zone, now: store.now())
      if Terminal.isInteractive {
        Terminal.complain("counting the tickets from \(order.days.first) to \(order.days.last) …")
      }
      return try await ReportDocument.read(order, from: store)
    }
    say(document.detail, csv: document.csv, text: ReportText.text(of: document, in: language))
    if let picture, let svg = document.picture(in: language) { try PictureFile.write(svg: svg, path: picture) }
  }

  private func say(_ detail: JSONValue, csv table: String, text: @autoclosure () -> String) {
    if json {
      Terminal.say(json: detail.json)
    } else if csv {
      Terminal.say(document: table)
    } else {
      Terminal.say(text())
    }
  }

  private func read<Report: Sendable>(_ count: (DeskStore) async throws -> Report) async throws -> Report {
    try await desk.withReader(replica, requestTimeout: .seconds(600)) { source in
      do {
        return try await count(source.store)
      } catch let problem as ReportDays.Problem {
        throw CommandFailure(
          "--\(problem.field) \(problem.value): \(Self.clause(problem.detail))", remedy: Self.clause(problem.remedy),
          status: .wrongCall)
      }
    }
  }
}
