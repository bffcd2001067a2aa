package import ArgumentParser
import FaultSimulation

/// `frontdesk simulate`.
package struct SimulateCommand: AsyncParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "simulate", abstract: "Try a peak, a policy or a number of agents in virtual time.")

  @Option(help: "Run the whole desk under the faults that follow from this seed, and show what happened.")
  var replay: UInt64?

  @Option(help: .hidden)
  var planted: String?

  package init() {}

  package func validate() throws {
    guard let planted else { return }
    guard replay != nil, PlantedBug(rawValue: planted) != nil else {
      let names = PlantedBug.allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("--planted is one of \(names), with --replay.")
    }
  }

  package func run() async throws {
    if let replay { return try FaultReplay.show(replay, planted: planted) }
  }
}
