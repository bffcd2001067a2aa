import DeskCore
import Simulator
import Testing

/// The pilot simulation of a peak hour, repeated with this project's own code: 100 agents, load 1.5 for an hour, then 0.85 for two, no
/// abandonment; every order of the queue serves the same tickets.
@Suite("Queue order in a peak hour")
struct PeakOrderTests {
  /// Share of the arrivals and first response target in seconds, by class.
  private static let classes: [(priority: Priority, share: Double, promise: Int64)] = [
    (.urgent, 0.05, 900), (.high, 0.20, 1_320), (.normal, 0.55, 1_500), (.low, 0.20, 1_680),
  ]

  private func peak(_ order: ServiceOrder) -> Scenario {
    let rules = Self.classes.map { name in
      Rule(
        name: name.priority.name, condition: .oneOf(.category, [name.priority.name]), queue: "q",
        priority: name.priority, skills: [])
    }
    let (policy, agents) = QueueScenario.policy(
      agents: 100, rules: rules,
      firstResponse: Dictionary(uniqueKeysWithValues: Self.classes.map { ($0.priority, .seconds($0.promise)) }))
    var scenario = Scenario(
      start: QueueScenario.start, length: .seconds(3 * 3_600), policy: policy,
      kinds: Self.classes.map { QueueScenario.kind($0.priority.name, weight: $0.share) },
      arrivals: [
        ArrivalStream(
          name: "peak",
          periods: [
            .init(from: .zero, ratePerHour: 100 * 12 * 1.5), .init(from: .seconds(3_600), ratePerHour: 100 * 12 * 0.85),
          ])
      ], handling: [HandlingRule(time: .exponential(mean: 300))], staff: [StaffGroup(name: "all", agents: agents)])
    scenario.order = order
    return scenario
  }

  @Test func queueOrderMeetsMostTargetsAndProtectsUrgentTickets() throws {
    var late: [ServiceOrder: [Double]] = [:]
    var arrived: Set<Int> = []
    for order in ServiceOrder.allCases {
      for result in try QueueScenario.results(peak(order), seeds: 2) {
        #expect(result.all.answered == result.all.arrived, "every ticket is served")
        arrived.insert(result.all.arrived)
        late[order, default: []].append(result.all.shareLate)
        guard order == .desk else { continue }
        #expect(result.all.waits.largest < 3 * 3_600)
        #expect(result.classes[.urgent]?.shareLate ?? 1 < 0.01)
      }
    }
    #expect(arrived.count == 2, "the orders meet the same tickets")
    let shares = late.mapValues { ConfidenceInterval($0).mean }
    let desk = shares[.desk] ?? 1
    #expect(desk < 0.05)
    #expect(desk * 3 < shares[.strictPriority] ?? 0)
    #expect(desk * 3 < shares[.firstInFirstOut] ?? 0)
    #expect(desk * 3 < shares[.earliestDeadline] ?? 0)
  }
}
