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
    abstract: "Report on the tickets of a range of days, by day, queue, channel, category, tier or agent.",
    discussion: """
      Volume, waits, SLA targets met, resolution, reopening, self-service, satisfaction and repeat contacts of the tickets \
      opened on these days, in their current state. Tickets count for their last agent, queue and category.

      Use `--csv` for spreadsheets, `--json` for programs, `--picture tickets.svg --language zh` for a chart. The console serves the same \
      at /v1/reports/queue, …/table.csv and …/picture.svg.
      """)

  @OptionGroup var desk: DeskOptions

  @Argument(
    help: ArgumentHelp("What to group rows by: \(words(of: ReportGrouping.self)).", valueName: "by"),
    transform: { try choice($0) })
  var by: ReportGrouping = .queue

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

  private static func words<Choice: CaseIterable & RawRepresentable<String>>(of: Choice.Type) -> String {
    Choice.allCases.map(\.rawValue).joined(separator: ", ")
  }

  private static func choice<Choice: CaseIterable & RawRepresentable<String>>(_ word: String) throws -> Choice {
    guard let choice = Choice(rawValue: word) else {
      throw ValidationError("It must be one of \(words(of: Choice.self)).")
    }
    return choice
  }

  package func validate() throws {
    guard !(json && csv) else { throw ValidationError("Choose one of --json and --csv.") }
  }

  package func run() async throws {
    let report = try await desk.withStore(requestTimeout: .seconds(600)) { store in
      let days: ReportDays
      do {
        days = try await ReportDays(from: from, to: to, zone: zone, now: store.now())
      } catch let problem as ReportDays.Problem {
        throw CommandFailure(
          "--\(problem.field) \(problem.value): \(Self.clause(problem.detail))", remedy: Self.clause(problem.remedy),
          status: .wrongCall)
      }
      if Terminal.isInteractive { Terminal.complain("counting the tickets from \(days.first) to \(days.last) …") }
      return try await DeskReport.read(store, by: by, of: days)
    }
    if json {
      Terminal.say(json: report.detail.json)
    } else if csv {
      Terminal.say(document: report.csv)
    } else {
      Terminal.say(ReportText.text(of: report, in: language))
    }
    if let picture { try PictureFile.write(svg: ReportPicture(report, in: language).svg, path: picture) }
  }
}
