import ArgumentParser
import CommandLineTool
import DeskCore
import PolicyReading
import Simulator
import Store

/// The options of `frontdesk simulate` that replay a recording.
struct ReplayOptions: ParsableArguments {
  @Option(help: "Replay a recording that `frontdesk record` wrote, instead of a scenario.")
  var recording: String?

  @Option(
    help: ArgumentHelp(
      "The policy file that was in force when it was recorded (default: that version from the desk).", valueName: "file"
    ))
  var recordedPolicy: String?

  @Option(
    help: ArgumentHelp(
      "Other numbers of agents in the replay: +10%, -3 or 40 for all, care=+10% or care=12 for a team. Repeatable.",
      valueName: "change"), transform: { try Self.change($0) })
  var agents: [StaffingChange] = []

  @Option(help: "Another number of router workers in the replay.")
  var routers: Int?

  @OptionGroup(title: "The desk of the recording") var desk: DeskOptions

  init() {}

  func validate() throws {
    if recording == nil, recordedPolicy != nil || !agents.isEmpty || routers != nil {
      throw ValidationError("--recorded-policy, --agents and --routers are for --recording.")
    }
    if let routers, !(1...256).contains(routers) { throw ValidationError("--routers must be from 1 to 256.") }
  }

  /// Reads `+10%`, `-3`, `40`, each also after `TEAM=`.
  static func change(_ text: String) throws -> StaffingChange {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let amount = parts[parts.count - 1].filter { $0 != " " }
    let team = parts.count == 2 ? TeamID(parts[0]) : nil
    let wrong = ValidationError("Write +10%, -3 or 40, or a team and one of these, such as care=+10%.")
    let isSigned = amount.hasPrefix("+") || amount.hasPrefix("-")
    if amount.hasSuffix("%") {
      guard isSigned, let percent = Double(amount.dropLast()), (-100...1_000).contains(percent) else { throw wrong }
      return StaffingChange(team: team, .percent(percent))
    }
    guard let number = Int(amount), abs(number) <= 100_000, team?.rawValue.isEmpty != true else { throw wrong }
    return StaffingChange(team: team, isSigned ? .by(number) : .to(number))
  }

  /// The policy under which it was recorded.
  /// - Throws: `CommandFailure` where neither a file nor the desk has it.
  func policy(of stretch: Recording.Stretch) async throws -> Policy {
    if let recordedPolicy {
      var policy = try PolicyFile(path: recordedPolicy, secretsElsewhere: true).policy
      policy.version = stretch.policyVersion
      return policy
    }
    return try await desk.withStore { store in
      guard let stored = try await store.access.policy(version: stretch.policyVersion),
        let policy = try? PolicyDocument(yaml: stored.document, version: stored.version).policy
      else {
        throw CommandFailure(
          "the desk has no readable policy of version \(stretch.policyVersion), under which it was recorded",
          remedy: "name its file with --recorded-policy", status: .wrongCall)
      }
      return policy
    }
  }
}
