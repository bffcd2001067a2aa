package import Simulator

/// One run of the simulated desk under faults.
package struct SimulatedRun: Sendable {
  /// From which everything in the run follows.
  package let seed: SimulationSeed

  package init(seed: SimulationSeed) { self.seed = seed }
}
