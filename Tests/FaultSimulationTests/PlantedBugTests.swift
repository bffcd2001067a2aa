import FaultSimulation
import Simulator
import Testing

/// The simulation finds the mistakes that it is made to find.
@Suite struct PlantedBugTests {
  /// Which check must find which mistake.
  static let findings: [(PlantedBug, Set<Violation.Check>)] = [
    (.lostWakeUp, [.liveness]), (.decisionWithoutCompareAndSet, [.oneDecision]),
    (.leaseTrustedTooLong, [.fencedWrites]),
  ]

  @Test(arguments: findings)
  func aPlantedBugIsFound(_ bug: PlantedBug, by checks: Set<Violation.Check>) throws {
    let failure = try #require(
      (UInt64(1)...40).lazy.map { SimulatedRun(seed: SimulationSeed($0), planted: bug).outcome() }.first {
        $0.violations.contains { checks.contains($0.check) }
      })
    #expect(SimulatedRun(failure.plan).outcome().violations.isEmpty, "only the planted bug breaks this run")
  }

  @Test(arguments: PlantedBug.allCases)
  func aFailureIsShrunk(_ bug: PlantedBug) throws {
    let failure = try #require(
      (UInt64(1)...40).lazy.map { SimulatedRun(seed: SimulationSeed($0), planted: bug).outcome() }.first {
        !$0.violations.isEmpty
      })
    var shrinker = try #require(Shrinker(failure, planted: bug))
    shrinker.shrink()
    let small = shrinker.smallest
    #expect(small.violations.contains { $0.check == failure.violations[0].check })
    #expect(small.trace.lines.count < failure.trace.lines.count)
    #expect(small.plan.faults.count <= failure.plan.faults.count)
    #expect(small.plan.messages.count < failure.plan.messages.count)
  }
}
