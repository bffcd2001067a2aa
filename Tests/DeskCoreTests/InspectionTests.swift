import Testing

@testable import DeskCore

@Suite("Inspections") struct InspectionTests {
  private static let plan = InspectionPlan(
    seed: "s", share: 0.5,
    form: [
      InspectionCriterion(id: "courtesy", titles: [:], weight: 1, scale: 5),
      InspectionCriterion(id: "solution", titles: [:], weight: 3, scale: 2),
    ], appealTime: .seconds(100))
  private static let good = [InspectionMark("solution", 2), InspectionMark("courtesy", 3, comment: "short")]
  private static let bad = [InspectionMark("courtesy", 0), InspectionMark("solution", 0)]

  private var fresh: Inspection {
    Inspection(
      id: .number(1), ticket: .number(2), agent: "ann", authors: ["ann", "cid"], queue: "q", cause: .share,
      sampledAt: .morning)
  }

  /// Takes a step, and returns its effect or the refusal, which must change nothing.
  private func step(
    _ inspection: inout Inspection, _ event: InspectionEvent, at second: Int64, under plan: InspectionPlan? = Self.plan
  ) -> String {
    let before = inspection
    do throws(InspectionRefusal) {
      let effect = try inspection.handle(event, now: .at(second), under: plan)
      #expect(inspection.version == before.version + (effect == nil ? 0 : 1))
      if effect == nil { #expect(inspection == before) }
      return effect.map { "\($0)" } ?? "nothing"
    } catch {
      #expect(inspection == before)
      return "refused: \(error)"
    }
  }

  @Test func aResultIsScoredAppealedAndChanged() {
    var inspection = fresh
    #expect(step(&inspection, .scored(Self.good, remark: "well", by: "eve"), at: 0) == "scored(percent: 90)")
    #expect(inspection.result?.scores.lines.map(\.criterion) == ["courtesy", "solution"])
    #expect(inspection.result?.scores.lines.map(\.comment) == ["short", nil])
    #expect(inspection.canBeAppealed(at: .at(99)) && !inspection.canBeAppealed(at: .at(100)))
    #expect(step(&inspection, .appealed(reason: "why", by: "ann"), at: 99) == "appealed")
    #expect(!inspection.canBeAppealed(at: .at(99)))
    let decision = InspectionEvent.decided(Self.bad, reason: "seen again", by: "zed")
    #expect(step(&inspection, decision, at: 500) == "changed(from: 90, to: 0)")
    #expect(inspection.percent == 0 && inspection.result?.scores.percent == 90)
    #expect(InspectionState(inspection.phase) == .changed && inspection.version == 4)
  }

  @Test func anAppealCanBeUpheld() {
    var inspection = fresh
    _ = step(&inspection, .scored(Self.bad, remark: nil, by: "eve"), at: 0)
    _ = step(&inspection, .appealed(reason: "why", by: "ann"), at: 1)
    #expect(step(&inspection, .decided(nil, reason: "as seen", by: "zed"), at: 2) == "upheld(percent: 0)")
    #expect(InspectionState(inspection.phase) == .upheld && inspection.percent == 0)
  }

  @Test func repetitionsChangeNothing() {
    var inspection = fresh
    let score = InspectionEvent.scored(Self.good, remark: "well", by: "eve")
    let appeal = InspectionEvent.appealed(reason: "why", by: "ann")
    let decision = InspectionEvent.decided(Self.bad, reason: "seen", by: "zed")
    for event in [score, appeal, decision] {
      _ = step(&inspection, event, at: 1)
      // Later, and under another policy, as after a retry.
      #expect(step(&inspection, event, at: 1_000, under: nil) == "nothing")
    }
  }

  @Test func noOneInspectsTheirOwnTicketOrDecidesOnTheirOwnResult() {
    var inspection = fresh
    for name in ["ann", "cid"] as [AgentID] {
      #expect(step(&inspection, .scored(Self.good, remark: nil, by: name), at: 0) == "refused: ownTicket")
    }
    _ = step(&inspection, .scored(Self.good, remark: nil, by: "eve"), at: 0)
    _ = step(&inspection, .appealed(reason: "why", by: "ann"), at: 1)
    for (name, refusal) in [("ann", "ownTicket"), ("cid", "ownTicket"), ("eve", "ownResult")] as [(AgentID, String)] {
      #expect(step(&inspection, .decided(nil, reason: "r", by: name), at: 2) == "refused: \(refusal)")
    }
    let plan = InspectionPlan(
      seed: "s", share: 0, form: Self.plan.form, appealTime: .seconds(1), inspectorDecidesAppeals: true)
    #expect(step(&inspection, .decided(nil, reason: "r", by: "eve"), at: 2, under: plan) == "upheld(percent: 90)")
  }

  @Test func stepsOutOfOrderAreRefused() {
    var inspection = fresh
    let appeal = InspectionEvent.appealed(reason: "why", by: "ann")
    let decision = InspectionEvent.decided(nil, reason: "r", by: "zed")
    #expect(step(&inspection, appeal, at: 0) == "refused: notScored")
    #expect(step(&inspection, decision, at: 0) == "refused: notAppealed")
    #expect(step(&inspection, .scored(Self.good, remark: nil, by: "eve"), at: 0, under: nil) == "refused: noForm")
    _ = step(&inspection, .scored(Self.good, remark: nil, by: "eve"), at: 0)
    #expect(step(&inspection, .scored(Self.good, remark: nil, by: "zed"), at: 1) == "refused: alreadyScored")
    #expect(step(&inspection, .scored(Self.bad, remark: nil, by: "eve"), at: 1) == "refused: alreadyScored")
    #expect(step(&inspection, decision, at: 1) == "refused: notAppealed")
    #expect(step(&inspection, .appealed(reason: "why", by: "bob"), at: 1) == "refused: notYours")
    #expect(step(&inspection, appeal, at: 100) == "refused: \(InspectionRefusal.tooLate(.at(100)))")
    _ = step(&inspection, appeal, at: 99)
    #expect(step(&inspection, .appealed(reason: "more", by: "ann"), at: 99) == "refused: alreadyAppealed")
    _ = step(&inspection, decision, at: 200)
    #expect(step(&inspection, .decided(Self.bad, reason: "r", by: "zed"), at: 201) == "refused: alreadyDecided")
    #expect(step(&inspection, .appealed(reason: "again", by: "ann"), at: 201) == "refused: alreadyAppealed")
  }

  @Test func everyMistakeOfAFormIsNamed() {
    var inspection = fresh
    let marks = [InspectionMark("courtesy", 6), InspectionMark("courtesy", 1), InspectionMark("speed", 1)]
    #expect(
      throws: InspectionRefusal.form([
        .init(kind: .outOfRange(best: 5), criterion: "courtesy", position: 0),
        .init(kind: .repeated, criterion: "courtesy", position: 1),
        .init(kind: .unknown, criterion: "speed", position: 2),
        .init(kind: .missing, criterion: "solution", position: nil),
      ])
    ) { try inspection.handle(.scored(marks, remark: nil, by: "eve"), now: .morning, under: Self.plan) }
    #expect(step(&inspection, .scored([], remark: nil, by: "eve"), at: 0).contains("missing"))
  }

  // MARK: Selection

  private func ticket(_ number: UInt64) -> TicketID { TicketID(high: 0x019A_0000_0000_7000, low: number) }

  @Test func theSampleIsRepeatableHasItsShareAndDependsOnTheSeed() {
    func selected(_ plan: InspectionPlan) -> Set<UInt64> {
      Set((0..<10_000 as Range<UInt64>).filter { plan.sample(of: ticket($0), in: nil, at: .morning) != nil })
    }
    func plan(_ seed: String, _ share: Double) -> InspectionPlan {
      InspectionPlan(seed: seed, share: share, form: [], appealTime: .zero)
    }
    let tenth = selected(plan("a", 0.1))
    #expect((850...1_150).contains(tenth.count))
    #expect(tenth == selected(plan("a", 0.1)) && tenth != selected(plan("b", 0.1)))
    // A greater share only adds tickets.
    #expect(tenth.isSubset(of: selected(plan("a", 0.2))))
    #expect(selected(plan("a", 0)).isEmpty && selected(plan("a", 1)).count == 10_000)
  }

  @Test func queuesAgentsAndNewAgentsHaveTheirOwnShares() {
    let plan = InspectionPlan(
      seed: "s", share: 0, queueShares: ["full": 1, "none": 0], agentShares: ["all": 1, "never": 0],
      newUntil: ["new": .at(10), "never": .at(5)], form: [], appealTime: .zero)
    func sample(_ queue: QueueID?, at second: Int64) -> InspectionSample? {
      plan.sample(of: ticket(1), in: queue, at: .at(second))
    }
    #expect(
      sample("none", at: 7)
        == InspectionSample(others: nil, selected: ["all": .agent, "new": .newAgent], exempt: ["never"]))
    #expect(
      sample(nil, at: 4)
        == InspectionSample(others: nil, selected: ["all": .agent, "new": .newAgent, "never": .newAgent]))
    #expect(sample(nil, at: 10) == InspectionSample(others: nil, selected: ["all": .agent], exempt: ["never"]))
    // In a queue that is inspected in full no one is exempt.
    #expect(sample("full", at: 10) == InspectionSample(others: .queue))
    let nothing = InspectionPlan(seed: "s", share: 0, agentShares: ["never": 0], form: [], appealTime: .zero)
    #expect(nothing.sample(of: ticket(1), in: "q", at: .morning) == nil)
  }
}
