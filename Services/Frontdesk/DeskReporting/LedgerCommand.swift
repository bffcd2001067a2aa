package import ArgumentParser
import CommandLineTool
import Foundation
import UntrustedInput

/// `frontdesk ledger`.
package struct LedgerCommand: AsyncParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "ledger",
    abstract: "Check a client's acknowledgements against the database.",
    discussion: "Exits with 1 when a message is lost, duplicated or stored under an identifier other than acknowledged."
  )

  @OptionGroup var desk: DeskOptions

  @Option(help: "Acknowledgements as `send` writes them (default: acknowledged.ndjson in the desk's folder).")
  var acknowledged: String?

  @Option(
    help: "First wait up to this long until every message is decided: 30s, 5m.", transform: DurationArgument.read)
  var wait: DurationArgument?

  @Flag(help: "Print one JSON object.")
  var json = false

  package init() {}

  package func run() async throws {
    guard let path = acknowledged ?? desk.folderPathIfLocal.map(DefaultFiles.acknowledged) else {
      throw CommandFailure(
        "the desk was named by its database, so there is no folder with acknowledgements",
        remedy: "name the file: --acknowledged FILE", status: .wrongCall)
    }
    // A desk to which nothing was sent from here: its own balance can be checked, and that is all.
    let isKept = acknowledged != nil || FileManager.default.fileExists(atPath: path)
    let acknowledgements = isKept ? try AcknowledgementLog.read(path: path, isIdentified: true) : []
    let verdict = try await desk.withStore(requestTimeout: .seconds(120)) { store in
      if let wait, try await !Ledger.settle(store, within: wait.duration) {
        Terminal.complain("frontdesk: messages are still undecided after \(wait)")
      }
      return try await Ledger(store: store, acknowledgements: acknowledgements).verdict()
    }
    if json {
      try ReportWriter.print(verdict)
    } else {
      Terminal.say(isKept ? verdict.sentence : verdict.sentenceWithoutLog)
      if !isKept { Terminal.complain("frontdesk: \(DefaultFiles.hint(about: path))") }
      if !verdict.whereabouts.isEmpty { Terminal.say(verdict.table.text) }
      for line in verdict.wrong { Terminal.say("  ✗ \(VisibleText.line(line))") }
    }
    if !verdict.isGood { throw ExitCode.failure }
  }
}

/// The default files shared by the commands of one desk.
package enum DefaultFiles {
  /// Returns the path of the acknowledgements received by `send`.
  package static func acknowledged(in folder: String) -> String { "\(folder)/acknowledged.ndjson" }

  /// What to do where a client's acknowledgements are missing.
  static func hint(about path: String) -> String {
    "no client's acknowledgements are in \(path): `frontdesk send` keeps them there; name those of another client with --acknowledged FILE"
  }
}
