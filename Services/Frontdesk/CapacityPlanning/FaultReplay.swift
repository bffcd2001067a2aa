import ArgumentParser
import CommandLineTool
import FaultSimulation
import Simulator

/// Shows a run of the whole desk under the faults of one seed.
enum FaultReplay {
  /// - Throws: `ValidationError` for options that do not go together.
  static func validate(_ seed: UInt64?, planted: String?, scenario: String?) throws {
    guard seed != nil, scenario == nil else {
      throw ValidationError("--replay takes a seed and no scenario, and --planted only goes with it.")
    }
    guard let planted, PlantedBug(rawValue: planted) == nil else { return }
    let names = PlantedBug.allCases.map(\.rawValue).joined(separator: ", ")
    throw ValidationError("--planted is one of \(names).")
  }

  /// Prints the plan, what was broken, and the trace, shrunk if anything was.
  /// - Throws: `ExitCode.failure` when a promise was broken.
  static func show(_ seed: UInt64, planted: String?) throws {
    let report = FailureReport(of: SimulationSeed(seed), planted: planted.flatMap { PlantedBug(rawValue: $0) })
    Terminal.say(report.text)
    if report.isBroken { throw ExitCode.failure }
  }
}
