import Testing

@testable import DeskCore

/// The pilot simulation of a peak hour, repeated with this project's own code: 100 agents, load 1.5, no abandonment.
@Suite("Queue order in a peak hour")
struct SimulatedPeakTests {
  private static let seeds = UInt64(1)...2

  private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

  @Test func queueOrderMeetsMostTargetsAndProtectsUrgentTickets() {
    var late: [SimulatedPeak.Discipline: [Double]] = [:]
    var lateUrgent: [SimulatedPeak.Discipline: [Double]] = [:]
    for seed in Self.seeds {
      let peak = SimulatedPeak(seed: seed)
      for discipline in SimulatedPeak.Discipline.allCases {
        let outcome = peak.run(discipline)
        #expect(outcome.served == peak.tickets.count, "every ticket is served")
        late[discipline, default: []].append(outcome.shareLate)
        lateUrgent[discipline, default: []].append(outcome.shareLateUrgent)
        if discipline == .desk { #expect(outcome.longestWait < .seconds(3 * 3_600)) }
      }
    }
    let shares = late.mapValues(mean)
    let desk = shares[.desk] ?? 1
    #expect(desk < 0.05)
    #expect(desk * 3 < shares[.strictPriority] ?? 0)
    #expect(desk * 3 < shares[.firstInFirstOut] ?? 0)
    #expect(desk * 3 < shares[.earliestDeadline] ?? 0)
    #expect(mean(lateUrgent[.desk] ?? []) < 0.01)
  }
}
