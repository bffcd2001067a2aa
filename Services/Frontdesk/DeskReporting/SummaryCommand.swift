package import ArgumentParser
import CommandLineTool
import DeskCore
import Foundation
import Store

/// `frontdesk summary`.
package struct SummaryCommand: AsyncParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "summary",
    abstract: "Count the messages and their outcomes in the database, with the ledger's verdict.",
    discussion: "Exits with 1 when the ledger finds a lost or duplicated message.")

  @OptionGroup var desk: DeskOptions

  @Option(
    help: "Count only messages accepted within this time: 10m, 2h (default: all).", transform: DurationArgument.read)
  var since: DurationArgument?

  @Option(help: "Acknowledgements to check (default: acknowledged.ndjson in the desk's folder, if it exists).")
  var acknowledged: String?

  @Flag(help: "First wait until every message is decided.")
  var wait = false

  @Option(help: "How long to wait.", transform: DurationArgument.read)
  var timeout = DurationArgument(.seconds(60), "60s")

  @Flag(help: "Print one JSON object.")
  var json = false

  package init() {}

  package func run() async throws {
    let usual = desk.folderPathIfLocal.map(DefaultFiles.acknowledged).flatMap {
      FileManager.default.fileExists(atPath: $0) ? $0 : nil
    }
    let kept = acknowledged ?? usual
    let acknowledgements = try kept.map { try AcknowledgementLog.read(path: $0, isIdentified: true) } ?? []
    var report = try await desk.withStore(requestTimeout: .seconds(120)) { store in
      if wait, try await !Ledger.settle(store, within: timeout.duration) {
        Terminal.complain("frontdesk: messages are still undecided after \(timeout)")
      }
      var moment = Instant(microseconds: 0)
      if let since { moment = try await store.now() - since.duration }
      return try await SummaryReport.read(store, since: moment, acknowledgements: acknowledgements)
    }
    report.isLogKept = kept != nil
    if json { try ReportWriter.print(report) } else { Terminal.say(report.text) }
    if !report.ledger.isGood { throw ExitCode.failure }
  }
}
