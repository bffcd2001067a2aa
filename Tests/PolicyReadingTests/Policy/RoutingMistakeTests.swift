import DeskCore
import Testing

@testable import PolicyReading

/// Mistakes of rules and queues in a file whose names all exist.
@Suite("Rules and queues that cannot work")
struct RoutingMistakeTests {
  private static let rest = "  - { name: rest, queue: general }"

  private func problems(_ piece: String, by replacement: String) throws -> [String] {
    try PolicySamples.mistakes(in: PolicySamples.spoiled(piece, by: replacement)).map { mistake in
      "\(mistake.line):\(mistake.column) \(mistake.path): \(mistake.problem)"
    }
  }

  @Test func aRuleCoveredByAnEarlierOneIsUnreachable() throws {
    let rules = """
        - { name: narrow, when: { category: logistics, tier: vip }, queue: general }
        - { name: half, when: { urgency: high }, queue: general }
        - { name: other-half, when: { urgency: [low, normal] }, queue: general }
        - { name: never, when: { channel: web }, queue: general }
        - { name: haste, when: { any: [{ urgency_at_least: normal }, { urgency: low }] }, queue: general }
      """
    let found = try problems(Self.rest, by: rules)
    #expect(
      found == [
        "27:5 rules[1]: the rule is never reached: 'parcels' matches before it"
      ])
  }

  @Test func aRuleCoveredByTwoEarlierOnesIsUnreachable() throws {
    let rules = """
        - { name: half, when: { urgency: high }, queue: general }
        - { name: other-half, when: { urgency: [low, normal] }, queue: general }
        - { name: haste, when: { urgency_at_least: normal, words: [now] }, queue: general }
      """
    let found = try problems(Self.rest, by: rules)
    #expect(
      found == [
        "29:5 rules[3]: the rule is never reached: 'half' and 'other-half' match before it"
      ])
  }

  @Test func aRuleThatContradictsItselfOrTriageNeverMatches() throws {
    let rules = """
        - { name: both, when: { all: [{ channel: web }, { channel: app }] }, queue: general }
        - { name: unsure, when: { confidence_below: 0.3 }, queue: general }
        - { name: unsurer, when: { confidence_below: 0.5 }, queue: general }
        - { name: neither, when: { during: office, outside: office }, queue: general }
      """
    let found = try problems(Self.rest, by: rules)
    #expect(
      found == [
        "27:5 rules[1]: the rule never matches: its parts contradict each other",
        "28:5 rules[2]: the rule is never reached: labels below 0.35 go to triage before any rule",
        "30:5 rules[4]: the rule never matches: its parts contradict each other",
      ])
  }

  @Test func aKeywordThatNoMessageCanContainIsRefused() throws {
    let rules = """
        - { name: unseen, when: { words: [sue, " ", "\\u200B", "\\u00AD\\u3000"] }, queue: general }
        - { name: unseen-too, when: { not: { words: "\\u3164" } }, queue: general }
      """
    let found = try problems(Self.rest, by: rules)
    let problem = "the keyword has only white space and invisible characters, so no message contains it"
    #expect(
      found == [
        "27:42 rules[1].when.words[1]: \(problem)", "27:47 rules[1].when.words[2]: \(problem)",
        "27:57 rules[1].when.words[3]: \(problem)", "28:47 rules[2].when.not.words: \(problem)",
      ])
  }

  @Test func overflowCyclesAreRefused() throws {
    let queues = """
        general: { limit: 5, overflow: second }
        second: { limit: 5, overflow: third }
        third: { limit: 5, overflow: general }
        alone: { limit: 5, overflow: alone }
        outside: { limit: 5, overflow: general }
        endless: { overflow: general }
        lost: { limit: 5, overflow: nowhere }
      """
    let found = try problems("  general: {}", by: queues)
    #expect(
      found == [
        "24:34 queues.general.overflow: overflow forms a cycle: general → second → third → general",
        "27:32 queues.alone.overflow: overflow forms a cycle: alone → alone",
        "29:24 queues.endless.overflow: the queue has no limit, so it never overflows",
        "30:31 queues.lost.overflow: unknown queue 'nowhere'",
      ])
  }

  @Test func aQueueWithoutCapableAgentsIsReported() throws {
    let found = try problems("  general: {}", by: "  general: { skills: { shipping: 5, rare: 2 } }")
    #expect(
      found == [
        "24:22 queues.general.skills: no agent of the queue 'general' has all skills that the queue requires"
      ])
    let relaxed = "  general: { skills: { shipping: 5, rare: 2 }, relaxation: [{ after: 1m, anyone: true }] }"
    #expect(try problems("  general: {}", by: relaxed).isEmpty)
  }

  @Test func noRelaxationStepMayFollowTheLast() throws {
    let steps = "relaxation: [{ after: 1m, anyone: true }, { after: 2m, reserve: true }]"
    let found = try problems("  general: {}", by: "  general: { \(steps) }")
    #expect(
      found == [
        "24:56 queues.general.relaxation[1]: nothing is left to relax after 'anyone'"
      ])
  }

  @Test func headStartsAreReadAndTheOthersKeepTheirDefaults() throws {
    let usual = try PolicyDocument.load(yaml: PolicySamples.sound, version: 1)
    #expect(
      usual.headStarts == HeadStarts(high: .seconds(600), vip: .seconds(300), keyAccount: .seconds(900)))
    let text = try PolicySamples.spoiled(
      "default_queue: general", by: "head_starts: { high: 0s, key_account: 24h }\ndefault_queue: general")
    let policy = try PolicyDocument.load(yaml: text, version: 1)
    #expect(policy.headStarts == HeadStarts(high: .zero, vip: .seconds(300), keyAccount: .seconds(86_400)))
  }

  @Test func aHeadStartMistakeIsReportedWithItsPlace() throws {
    let found = try problems(
      "default_queue: general", by: "head_starts: { high: 10m, vip: 1d1s }\ndefault_queue: general")
    #expect(found == ["28:32 head_starts.vip: '1d1s' is too short or too long"])
  }

  @Test func routingOptionsAreRead() throws {
    let text = try PolicySamples.spoiled(
      "  general: {}", by: "  general: { dedicated_wait: 2m, overdue_turn: 4, limit: 9, overflow: parcels }")
    let rules =
      "  - { name: rest, when: { outside: office, tier_at_least: vip, product_line: phones }, queue: general }"
    let policy = try PolicyDocument.load(yaml: text.replacing(Self.rest, with: rules), version: 1)
    let queue = try #require(policy.queues["general"])
    #expect(queue.dedicatedWait == .seconds(120) && queue.overdueTurn == 4)
    #expect(queue.limit == 9 && queue.overflow == "parcels")
    #expect(
      policy.rules.last?.condition
        == .all([.oneOf(.productLine, ["phones"]), .tier(atLeast: .vip), .not(.during("office"))]))
  }
}
