import ArgumentParser
import CommandLineTool
import FaultSimulation
import Simulator

/// Shows a run of the whole desk under the faults of one seed.
enum FaultReplay {
  /// Prints the plan, what was broken, and the trace, shrunk if anything was.
  /// - Throws: `ExitCode.failure` when a promise was broken.
  static func show(_ seed: UInt64, planted: String?) throws {
    let report = FailureReport(of: SimulationSeed(seed), planted: planted.flatMap { PlantedBug(rawValue: $0) })
    Terminal.say(report.text)
    if report.isBroken { throw ExitCode.failure }
  }
}
