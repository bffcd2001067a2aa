import DeskCore
import Testing

@testable import PolicyReading

@Suite("Policy syntax of inspections")
struct PolicyInspectionTests {
  private static let ground = """
    version: 1
    agents: [{ id: ann, since: 2026-03-02 }, { id: bob }]
    queues: { general: {}, complaints: {} }
    rules: [{ name: rest, queue: general }]
    default_queue: general
    triage: { queue: general, below: 0.35 }
    channels: { web: { replies: fetch } }

    """

  private func mistakes(_ section: String) -> [String] {
    do {
      _ = try PolicyDocument.load(yaml: Self.ground + section, version: 1)
      return []
    } catch {
      return error.mistakes.map { "\($0.path): \($0.problem)" }
    }
  }

  @Test func aPlanIsReadWhole() throws {
    let policy = try PolicyDocument.load(
      yaml: Self.ground + """
        inspection:
          seed: autumn
          share: 0.05
          queues: { complaints: full }
          agents: { bob: 0 }
          new_agents: 30d
          appeal: { within: 3d, by_inspector: true }
          form:
            courtesy: { title: { zh: 礼貌, en: Courtesy }, weight: 3, scale: 10 }
            solution: { title: { zh: 解决, en: Solution } }
        """, version: 1)
    #expect(
      policy.inspection
        == InspectionPlan(
          seed: "autumn", share: 0.05, queueShares: ["complaints": 1], agentShares: ["bob": 0],
          newUntil: ["ann": Instant(seconds: 1_772_409_600) + .seconds(30 * 86_400)],
          form: [
            InspectionCriterion(
              id: "courtesy", titles: [.chinese: "礼貌", .english: "Courtesy"], weight: 3, scale: 10),
            InspectionCriterion(id: "solution", titles: [.chinese: "解决", .english: "Solution"], weight: 1, scale: 5),
          ], appealTime: .seconds(3 * 86_400), inspectorDecidesAppeals: true))
    #expect(try PolicyDocument.load(yaml: Self.ground, version: 1).inspection == nil)
  }

  @Test func mistakesAreNamed() {
    let form = "form: { a: { title: { zh: 甲, en: A } } }"
    #expect(mistakes("inspection: { seed: s, \(form) }") == [])
    #expect(mistakes("inspection: { \(form) }") == ["inspection: 'seed' is missing"])
    #expect(mistakes("inspection: { seed: s }") == ["inspection: 'form' is missing"])
    #expect(mistakes("inspection: { seed: s, form: {} }") == ["inspection.form: the form has no criteria"])
    #expect(
      mistakes("inspection: { seed: s, share: 2, \(form) }")
        == ["inspection.share: '2' is not a number from 0 to 1"])
    #expect(
      mistakes("inspection: { seed: s, queues: { refunds: full }, \(form) }").first?.contains("unknown queue") == true)
    #expect(
      mistakes("inspection: { seed: s, agents: { eve: full }, \(form) }").first?.contains("unknown agent") == true)
    #expect(
      mistakes("inspection: { seed: s, form: { a: { title: { en: A } } } }")
        == ["inspection.form.a.title: 'zh' is missing"])
    #expect(
      mistakes("inspection: { seed: s, form: { a: { title: { zh: 甲, en: A }, scale: 0 } } }").count == 1)
    #expect(mistakes("inspection: { seed: s, appeal: { within: 1s }, \(form) }").count == 1)
    #expect(
      mistakes("inspection: { seed: s, \(form) }").isEmpty
        && mistakes("hooks: {}\ninspection: { sed: s, seed: s, \(form) }").first?.contains("'sed'") == true)
  }
}
