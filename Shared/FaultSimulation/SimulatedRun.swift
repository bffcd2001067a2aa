package import Simulator

/// One run of the simulated desk under faults.
package struct SimulatedRun: Sendable {
  /// What a run came to.
  package struct Outcome: Sendable {
    package let plan: RunPlan
    /// What was broken; empty when everything held.
    package let violations: [Violation]
    package let trace: Trace
    /// When everything was done, in virtual time.
    package let lasted: Duration
  }

  /// From which everything in the run follows.
  package let plan: RunPlan
  /// A mistake that is built in on purpose.
  package let planted: PlantedBug?

  package init(_ plan: RunPlan, planted: PlantedBug? = nil) {
    self.plan = plan
    self.planted = planted
  }

  package init(seed: SimulationSeed, planted: PlantedBug? = nil) {
    self.init(RunPlan(seed), planted: planted)
  }

  package func outcome() -> Outcome {
    let world = World(plan, planted: planted)
    let isDone = world.run()
    return Outcome(
      plan: plan, violations: RunChecker.check(world, isDone: isDone), trace: world.trace, lasted: world.now)
  }
}
