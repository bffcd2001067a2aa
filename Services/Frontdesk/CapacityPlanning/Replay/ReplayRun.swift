import CommandLineTool
import DeskCore
import Simulator

/// `frontdesk simulate --recording`.
struct ReplayRun {
  let options: ReplayOptions
  /// The policy files to try.
  let policies: [String]
  let seeds: Int
  let language: ReportLanguage
  let json: Bool

  /// - Throws: `CommandFailure`.
  func run(recording path: String) async throws {
    let recording = try RecordingFile.read(path: path)
    let teams = Set(recording.agents.flatMap(\.profile.teams))
    if let unknown = options.agents.compactMap(\.team).first(where: { !teams.contains($0) }) {
      throw CommandFailure(
        "--agents \(unknown.rawValue)=…: no agent of the recording is in this team",
        remedy: "use one of \(teams.map(\.rawValue).sorted().joined(separator: ", "))", status: .wrongCall)
    }
    let replay = RecordingReplay(recording)
    let variants = try variants(of: replay, recordedUnder: await options.policy(of: recording.stretch))
    let report = ReplayReport(
      recorded: RunFigures(replay.recordedResult()),
      comparison: try await SimulationRuns(variants: variants, seeds: seeds).run(), omitted: replay.omitted,
      carriedOver: replay.carriedOver)
    if json { try ReportWriter.print(report.document) } else { Terminal.say(report.text(in: language)) }
  }

  /// The same policy with the recorded staff first, then what is tried.
  private func variants(of replay: RecordingReplay, recordedUnder policy: Policy) throws -> [ScenarioFile.Variant] {
    var tried = try policies.map { (name: $0, policy: try PolicyFile(path: $0, secretsElsewhere: true).policy) }
    if tried.isEmpty, options.routers != nil || !options.agents.isEmpty { tried = [(ReplayReport.changed, policy)] }
    return [.init(name: "recorded policy", scenario: replay.scenario(under: policy, recordedUnder: policy))]
      + tried.map { name, tried in
        .init(
          name: name,
          scenario: replay.scenario(
            under: tried, recordedUnder: policy, routers: options.routers, staffing: options.agents))
      }
  }
}
