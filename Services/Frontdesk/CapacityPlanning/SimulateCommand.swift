package import ArgumentParser
import CommandLineTool
import DeskCore
import FaultSimulation
import Foundation
import Simulator

/// `frontdesk simulate`.
package struct SimulateCommand: AsyncParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "simulate", abstract: "Try a peak, a policy or a number of agents in virtual time.",
    discussion: """
      A scenario says who writes and who works; the desk's own code decides. deploy/scenarios has examples with an explanation of each key.
      With several seeds, figures have 95 % confidence intervals; several policies meet the same customers, seed by seed, so that the \
      difference between them is measured exactly.

      With --recording it replays what `frontdesk record` wrote: the recorded outcome, the same policy simulated and by how much that differs, \
      then each --policy, or other numbers of agents and routers, and what they would have changed.

      With --replay, no scenario: all services run together under faults that follow from a seed, and what happened is shown. When the \
      test of the whole fails, it names its seed.
      """)

  @Argument(help: "The scenario, a YAML file.")
  var scenario: String?

  @Option(help: "A policy to use instead of the scenario's own; repeat it to compare several with the first.")
  var policy: [String] = []

  @Option(help: "How many seeds to run, from the scenario's on.")
  var seeds = 1

  @Option(help: "Draw queue length, share late and staff over time, as SVG.")
  var picture: String?

  @Option(help: "The language of table and picture: en, zh.", transform: SimulationWords.language)
  var language: ReportLanguage = .english

  @Flag(help: "Print one JSON object.")
  var json = false

  @Option(help: "Run the whole desk under the faults of this seed, and show what happened.")
  var replay: UInt64?

  @Option(help: .hidden)
  var planted: String?

  @OptionGroup var recording: ReplayOptions

  package init() {}

  package func validate() throws {
    if replay != nil || planted != nil {
      guard recording.recording == nil else { throw ValidationError("Choose one of --replay and --recording.") }
      return try FaultReplay.validate(replay, planted: planted, scenario: scenario)
    }
    guard (scenario == nil) == (recording.recording != nil) else {
      throw ValidationError("Name a scenario, such as deploy/scenarios/sale-day.yaml, or a recording with --recording.")
    }
    guard recording.recording == nil || picture == nil else {
      throw ValidationError("There is no picture of a replay: leave out --picture.")
    }
    guard SimulatorBounds.seeds.contains(seeds) else {
      let range = SimulatorBounds.seeds
      throw ValidationError("--seeds is a number from \(range.lowerBound) to \(range.upperBound).")
    }
  }

  package func run() async throws {
    if let replay { return try FaultReplay.show(replay, planted: planted) }
    if let path = recording.recording {
      return try await ReplayRun(options: recording, policies: policy, seeds: seeds, language: language, json: json)
        .run(recording: path)
    }
    guard let scenario else { return }
    let variants = try ScenarioFile.variants(of: scenario, policies: policy)
    let comparison = try await SimulationRuns(variants: variants, seeds: seeds).run()
    if json {
      try ReportWriter.print(SimulationReport(comparison))
    } else {
      let title = variants.first?.scenario.title
      Terminal.say(SimulationText(comparison: comparison, title: title ?? [:], language: language).text)
    }
    if let picture {
      let svg = SimulationPicture(comparison: comparison, language: language).svg
      try PictureFile.write(svg: svg, path: picture)
    }
  }
}
