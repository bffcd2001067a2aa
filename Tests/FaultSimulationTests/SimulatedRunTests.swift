import FaultSimulation
import Foundation
import Simulator
import Testing

@Suite struct SimulatedRunTests {
  /// Twenty seeds, none of them chosen.
  @Test(arguments: UInt64(1)...20)
  func everyPromiseIsKeptUnderFaults(_ number: UInt64) {
    let seed = SimulationSeed(number)
    let outcome = SimulatedRun(seed: seed).outcome()
    #expect(outcome.violations.isEmpty, "\(FailureReport.command(for: seed))")
  }

  /// Seeds that a run of fresh ones failed with, in whatever way they run today.
  /// - 198030864: a ticket was offered that a round had read while another one, which had waited longer, was being escalated.
  @Test(arguments: [198_030_864])
  func everyPromiseIsKeptUnderFaultsThatBrokeOne(_ number: UInt64) {
    let seed = SimulationSeed(number)
    #expect(SimulatedRun(seed: seed).outcome().violations.isEmpty, "\(FailureReport.command(for: seed))")
  }

  @Test func aSeedDeterminesTheWholeRun() {
    for number in UInt64(1)...3 {
      let first = SimulatedRun(seed: SimulationSeed(number)).outcome()
      let second = SimulatedRun(seed: SimulationSeed(number)).outcome()
      #expect(first.trace.digest == second.trace.digest)
      #expect(first.trace.lines.count > 50)
    }
  }

  @Test func otherSeedsAreOtherRuns() {
    let digests = (UInt64(1)...5).map { SimulatedRun(seed: SimulationSeed($0)).outcome().trace.digest }
    #expect(Set(digests).count == digests.count)
  }

  /// Guarantee I6: no link carries anything, from the beginning to the end.
  @Test func everythingIsDoneWithoutLinks() throws {
    let number = try #require((UInt64(1)...100).first { RunPlan(SimulationSeed($0)).isWithoutLinks })
    let outcome = SimulatedRun(seed: SimulationSeed(number)).outcome()
    #expect(outcome.violations.isEmpty)
    #expect(outcome.trace.lines.contains { $0.text.contains("from the database") })
  }

  /// As many fresh seeds as fit into FRONTDESK_FAULT_SECONDS, from FRONTDESK_FAULT_SEED or a random one on.
  @Test(.enabled(if: FreshSeeds.seconds != nil))
  func freshSeedsKeepEveryPromise() throws {
    let begun = ContinuousClock.now
    var number = FreshSeeds.first
    var runs = 0
    while ContinuousClock.now - begun < .seconds(FreshSeeds.seconds ?? 0) {
      let seed = SimulationSeed(number)
      let outcome = SimulatedRun(seed: seed).outcome()
      try #require(outcome.violations.isEmpty, "\(FailureReport.command(for: seed)): \(outcome.violations[0])")
      number &+= 1
      runs += 1
    }
    print("\(runs) fresh seeds from \(FreshSeeds.first) on kept every promise")
  }

  private enum FreshSeeds {
    static let seconds = number("FRONTDESK_FAULT_SECONDS").map { Int($0) }
    static let first = number("FRONTDESK_FAULT_SEED") ?? UInt64.random(in: 1_000...UInt64(UInt32.max))

    private static func number(_ name: String) -> UInt64? {
      ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) }
    }
  }
}
