import DeskCore
import Testing

@testable import PolicyReading

@Suite("Policy syntax of reply rules")
struct PolicyReplyRulesTests {
  private static let ground = """
    version: 1
    agents: [{ id: ann, capacity: 4 }]
    queues: { general: {} }
    rules: [{ name: rest, queue: general }]
    default_queue: general
    triage: { queue: general, below: 0.35 }
    channels: { web: { replies: fetch } }

    """

  private func mistakes(_ rules: String) -> [String] {
    do {
      _ = try PolicyDocument.load(yaml: Self.ground + rules, version: 1)
      return []
    } catch {
      return error.mistakes.map { "\($0.line):\($0.column) \($0.path): \($0.problem)" }
    }
  }

  @Test func rulesAreReadInOrder() throws {
    let policy = try PolicyDocument.load(
      yaml: Self.ground + """
        reply_rules:
          promises: { action: note, terms: guaranteed }
          insults:
            action: block
            languages: [zh, en]
            terms: [idiot, 傻逼]
            message: { zh: 请换一种说法。, en: Please rephrase it. }
        """, version: 1)
    #expect(
      policy.replyRules.rules == [
        ReplyRule(id: "promises", action: .note, terms: ["guaranteed"]),
        ReplyRule(
          id: "insults", action: .block, languages: ["zh", "en"], terms: ["idiot", "傻逼"],
          messages: [.chinese: "请换一种说法。", .english: "Please rephrase it."]),
      ])
    #expect(policy.replyRules.inspect("I-D-I-O-T", language: "en").isBlocked)
    #expect(try PolicyDocument.load(yaml: Self.ground, version: 1).replyRules == ReplyRules())
  }

  @Test func mistakesAreNamedWithTheirPlace() {
    #expect(
      mistakes("reply_rules:\n  a: { action: stop, terms: [xy], message: { zh: 请, en: Hi } }")
        == ["9:16 reply_rules.a.action: unknown value 'stop'"])
    #expect(
      mistakes("reply_rules:\n  a: { action: note, terms: [xy, ' X', 滚] }") == [
        "9:34 reply_rules.a.terms[1]: the term ' X' has fewer than two visible characters",
        "9:40 reply_rules.a.terms[2]: the term '滚' has fewer than two visible characters",
      ])
    #expect(
      mistakes("reply_rules:\n  a: { action: note, terms: [xy, ＸＹ] }")
        == ["9:34 reply_rules.a.terms[1]: 'ＸＹ' is listed twice"])
    #expect(
      mistakes("reply_rules:\n  a: { action: warn, terms: [xy] }") == ["9:6 reply_rules.a: 'message' is missing"])
    #expect(
      mistakes("reply_rules:\n  a: { action: block, terms: [xy], message: { en: Hi } }")
        == ["9:45 reply_rules.a.message: 'zh' is missing"])
    #expect(mistakes("reply_rules:\n  a: { action: note, terms: [] }").first?.contains("no terms") == true)
    #expect(mistakes("reply_rules:\n  a: { action: note }").first?.contains("'terms' is missing") == true)
    #expect(mistakes("reply_rules:\n  a: { actoin: note, terms: [xy] }").contains { $0.contains("'actoin'") })
    #expect(mistakes("reply_rules: [xy]").count == 1)
  }

  @Test func theTermsOfAllRulesAreLimited() {
    let terms = (0...PolicyLimits.replyTerms / 2).map { "term\($0)" }.joined(separator: ", ")
    let one = "{ action: note, terms: [\(terms)] }"
    #expect(mistakes("reply_rules: { a: \(one) }") == [])
    #expect(mistakes("reply_rules: { a: \(one), b: \(one) }").first?.contains("5002 terms") == true)
  }
}
