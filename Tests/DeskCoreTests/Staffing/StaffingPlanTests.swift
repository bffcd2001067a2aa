import Testing

@testable import DeskCore

@Suite("Plans of staff")
struct StaffingPlanTests {
  private let day = Instant(seconds: 1_772_409_600)  // 2026-03-02T00:00:00Z

  private func period(
    _ half: Int, _ expected: Double, upper: Double? = nil, queue: QueueID = "orders"
  ) -> ForecastPeriod {
    ForecastPeriod(
      queue: queue, start: day + .seconds(half * 1800), length: .seconds(1800), expected: expected,
      interval: 0...(upper ?? expected))
  }

  private func assumptions(
    patience: Double = 300, shrinkage: Double = 0, ticketsPerAgent: Int = 1
  ) throws -> StaffingAssumptions {
    try StaffingAssumptions(
      target: ServiceTarget(share: 0.9, withinSeconds: 60),
      work: .init(handlingSeconds: 360, patienceSeconds: patience), shrinkage: shrinkage,
      ticketsPerAgent: ticketsPerAgent)
  }

  @Test func eachRuleIsPredictedByTheSameModel() throws {
    // 100 tickets of six minutes in half an hour: 20 Erlangs.
    let plan = try StaffingPlan([period(20, 100, upper: 130)], assumptions())
    let row = try #require(plan.rows.first)
    #expect(row.load.erlangs == 20 && abs(row.upperLoad.erlangs - 26) < 1e-9)
    let target = try ServiceTarget(share: 0.9, withinSeconds: 60)
    #expect(row[.erlangA].agents == (try ErlangA.agents(for: row.load, target: target)))
    #expect(row[.erlangC].agents == (try ErlangC.agents(for: row.load, target: target)))
    #expect(row[.flat].agents == 24)
    for rule in StaffingRule.allCases {
      let model = try ErlangA(row.load, agents: row[rule].agents)
      #expect(row[rule].figures.answeredShare == model.answeredShare(within: 60))
      #expect(row[rule].figures.occupancy == model.occupancy)
      #expect(row[rule].answeredShareAtUpper < row[rule].figures.answeredShare)
      #expect(row[rule].agentsAtUpper > row[rule].agents)
    }
    #expect(row[.erlangA].figures.answeredShare >= 0.9 && row[.erlangA].agents < row[.erlangC].agents)
    #expect(row[.erlangA].figures.wait90Seconds <= 60)
  }

  @Test func totalsAddUpCostAndRisk() throws {
    let plan = try StaffingPlan(
      [period(20, 100), period(21, 50), period(20, 4, queue: "returns"), period(30, 0)], assumptions(shrinkage: 0.2))
    #expect(plan.rows.map(\.period.queue) == ["orders", "returns", "orders", "orders"])
    let flat = plan[.flat]
    // 24, 12 and 1 agents for half an hour each, of whom four of five are there.
    #expect(flat.paidHours == 18.5 / 0.8 && flat.peakAgents == 25)
    #expect(flat.periods == 3 && flat.missed > 0 && flat.worstShare < 0.9)
    #expect(plan[.erlangA].missed == 0 && plan[.erlangA].worstShare >= 0.9)
    let share = plan.rows.reduce(0) { $0 + $1.period.expected * $1[.flat].figures.answeredShare } / 154
    #expect(abs(flat.answeredShare - share) < 1e-12)
  }

  @Test func aPeriodWithoutTicketsNeedsNobody() throws {
    let plan = try StaffingPlan([period(3, 0)], assumptions())
    #expect(StaffingRule.allCases.allSatisfy { plan.rows[0][$0].agents == 0 && plan[$0].paidHours == 0 })
    #expect(try StaffingPlan([], assumptions()).rows.isEmpty)
    let short = ForecastPeriod(queue: "orders", start: day, length: .zero, expected: 0, interval: 0...0)
    #expect(try StaffingPlan([short], assumptions()).rows.isEmpty, "an hour that a clock change leaves out")
  }

  @Test func withoutPatienceErlangAIsErlangC() throws {
    let row = try StaffingPlan([period(3, 80)], assumptions(patience: .infinity)).rows[0]
    #expect(row[.erlangA] == row[.erlangC] && row[.erlangA].figures.abandonedShare == 0)
  }

  @Test func anAgentWithSeveralTicketsCountsAsSeveral() throws {
    let one = try StaffingPlan([period(3, 100)], assumptions()).rows[0]
    let three = try StaffingPlan([period(3, 100)], assumptions(ticketsPerAgent: 3)).rows[0]
    #expect(three[.erlangA].agents == (one[.erlangA].agents + 2) / 3)
    #expect(three[.erlangA].figures.answeredShare >= 0.9)
  }

  @Test func workersFollowTheMessagesOfAllQueues() throws {
    let plan = try StaffingPlan(
      [period(0, 900_000), period(0, 900_000, upper: 1_800_000, queue: "returns"), period(1, 1)],
      StaffingAssumptions(
        target: ServiceTarget(share: 0.9, withinSeconds: 60), work: .init(handlingSeconds: 1), messagesPerTicket: 2,
        workerCapacity: 300))
    #expect(plan.workers.map(\.messagesPerSecond) == [2000, 2.0 / 1800])
    #expect(plan.workers[0].workers == WorkerNeed(base: 7, reserve: 2) && plan.workers[0].workersAtUpper.base == 10)
    #expect(plan.workers[1].workers.total == 2, "one and a reserve of one")
    #expect(throws: StaffingError.self) { try WorkerNeed.workers(messagesPerSecond: .nan, perWorker: 1) }
    #expect(throws: StaffingError.self) { try WorkerNeed.workers(messagesPerSecond: 1, perWorker: 0) }
    #expect(throws: StaffingError.self) { try WorkerNeed.workers(messagesPerSecond: 1e7, perWorker: 0.01) }
  }

  @Test func impossibleForecastsAreRefusedByName() throws {
    for expected in [-1, .nan, .infinity, 1e12] {
      let wrong = ForecastPeriod(
        queue: "orders", start: day, length: .seconds(1800), expected: expected, interval: 0...1)
      #expect(throws: StaffingError.self) { try StaffingPlan([wrong], assumptions()) }
    }
    let long = ForecastPeriod(queue: "orders", start: day, length: .seconds(1 << 40), expected: 1, interval: 0...1)
    #expect(throws: StaffingError.self) { try StaffingPlan([long], assumptions()) }
    #expect(throws: StaffingError.self) { try assumptions(shrinkage: 1) }
    #expect(throws: StaffingError.self) { try assumptions(ticketsPerAgent: 0) }
    let many = Array(repeating: period(0, 1), count: StaffingBounds.periods + 1)
    let error = #expect(throws: StaffingError.self) { try StaffingPlan(many, assumptions()) }
    #expect(error?.quantity == .periods)
  }
}
