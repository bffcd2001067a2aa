import CommandLineTool
import DeskCore
import Simulator

/// `frontdesk simulate --recording`.
struct ReplayRun {
  /// Seeds unless the caller asks for others: what came is recorded, so little is left to chance.
  static let usualSeeds = 5

  let options: ReplayOptions
  /// The policy files to try.
  let policies: [String]
  let seeds: Int
  let language: ReportLanguage
  let json: Bool

  /// - Throws: `CommandFailure`.
  func run(recording path: String) async throws {
    let recording = try RecordingFile.read(path: path)
    let policy = try await options.policy(of: recording.stretch)
    let tried = try policies.map { (name: $0, policy: try PolicyFile(path: $0, secretsElsewhere: true).policy) }
    let teams = Set(recording.agents.flatMap(\.profile.teams))
    if let unknown = options.agents.compactMap(\.team).first(where: { !teams.contains($0) }) {
      throw CommandFailure(
        "--agents \(unknown.rawValue)=…: no agent of the recording is in this team",
        remedy: "use one of \(teams.map(\.rawValue).sorted().joined(separator: ", "))", status: .wrongCall)
    }
    let comparison: ReplayComparison
    do {
      comparison = try ReplayComparison(
        RecordingReplay(recording), recordedUnder: policy, policies: tried, routers: options.routers,
        staffing: options.agents, seeds: seeds
      ) { name in
        if Terminal.isInteractive { Terminal.complain("\(name): \(seeds) runs …") }
      }
    } catch let failure as SimulationFailure {
      throw CommandFailure(
        "the replay cannot be finished: \(failure)",
        remedy: "more tickets come than these agents can serve; try more agents or a shorter stretch")
    }
    let report = ReplayReport(comparison: comparison, language: language)
    if json { Terminal.say(json: report.detail.json) } else { Terminal.say(report.text) }
  }
}
