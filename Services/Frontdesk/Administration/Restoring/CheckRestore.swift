import ArgumentParser
import CommandLineTool
import DeskCore
import DeskReporting
import Foundation
import Store

/// Checks a restored desk.
struct CheckRestore: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Prove a restored desk, and say what to do about each gap; exits with 1 when something must not be.",
    discussion: """
      Verifies the audit chain, the sealed timelines, the balance of the ledger and the schema. Compares acknowledgements that clients have \
      logged: what was acknowledged until the moment must be there, what was acknowledged later is listed and has to be sent again. Lists \
      outside effects that may be repeated, and access, erasures and settings that went back in time. Reads only, and reads everything.

      An acknowledgement is a line of JSON with channel, external_id, message_id and acknowledged_at (RFC 3339), as `frontdesk send` \
      logs it. The moment is the server's recovery target, else the one that `restore settle` recorded, else the newest heartbeat, message \
      or audit entry of a service. A moment after the server's time, or before the newest data, is a fault: nothing that is compared with \
      it could be believed.
      """)

  @Option(help: "What clients have logged, one JSON object per line; may be repeated.", completion: .file())
  var acknowledged: [String] = []

  @Option(
    help:
      "The lost desk's audit, as `frontdesk audit list --json` printed it and you kept it elsewhere: what it has beyond the moment is undone.",
    completion: .file())
  var audit: String?

  @Option(help: "What the desk was restored to, such as 2026-11-22T08:30:00.125Z.", transform: RestoreMoment.read)
  var moment: Instant?

  @Option(
    help: "How far clients' clocks may be behind the server's: 500ms, 2s, at most 1h.",
    transform: DurationArgument.read)
  var clockTolerance = DurationArgument(.zero, "0")

  @Option(help: "Write the acknowledgements that have to be sent again to this new file.", completion: .file())
  var missing: String?

  @Option(help: "Maximum number of examples for each finding.")
  var examples = 10

  @Flag(help: "Print one JSON object, and nothing else on standard output.")
  var json = false

  @OptionGroup var desk: DeskOptions

  func validate() throws {
    guard RestoreCommand.examples.contains(examples) else {
      throw ValidationError("--examples must be from 0 to \(RestoreCommand.examples.upperBound)")
    }
    try RestoreCommand.validate(clockTolerance)
    guard missing == nil || !acknowledged.isEmpty else { throw ValidationError("--missing needs --acknowledged") }
  }

  func run() async throws {
    if let missing, FileManager.default.fileExists(atPath: missing) {
      throw CommandFailure("\(missing) exists already", remedy: "name a new file", status: .wrongCall)
    }
    var request = RestoreInspection.Request()
    request.moment = moment
    request.clockTolerance = clockTolerance.duration
    request.examples = examples
    if !acknowledged.isEmpty {
      request.acknowledgements = try acknowledged.flatMap { try AcknowledgementLog.read(path: $0, isDated: true) }
    }
    request.audit = try audit.map { try LostAudit.read(path: $0) }
    let (report, toBeSentAgain) = try await desk.withStore(requestTimeout: .seconds(120)) { store in
      var inspection = RestoreInspection(store, request)
      return (try await inspection.run(), inspection.toBeSentAgain)
    }
    if let missing { try AcknowledgementLog(path: missing).append(toBeSentAgain) }
    if json { try ReportWriter.print(report) } else { Terminal.say(report.text) }
    if !report.isSound { throw ExitCode.failure }
  }
}
