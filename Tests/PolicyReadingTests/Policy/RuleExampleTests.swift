import DeskCore
import Foundation
import Testing

@testable import PolicyReading

@Suite("Examples for rules")
struct RuleExampleTests {
  private func read(_ yaml: String) throws -> [RuleExample] {
    let policy = try PolicyDocument.load(yaml: PolicySamples.sound, version: 1)
    return try RuleExamples(bytes: Array(yaml.utf8), for: policy).examples
  }

  @Test func samplePolicyExamplesGiveTheExpectedResults() throws {
    let deploy = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appending(path: "deploy")
    let policy = try PolicyBundle(
      bytes: Data(contentsOf: deploy.appending(path: "desk.yaml")), version: 1, folder: deploy.path
    ).document.policy
    let bytes = try Data(contentsOf: deploy.appending(path: "desk.examples.yaml"))
    let examples = try RuleExamples(bytes: bytes, for: policy).examples
    #expect(examples.count >= 10)
    for example in examples { #expect(example.difference(under: policy)?.differences == nil, "\(example.name)") }
  }

  @Test func differencesAreNamedWithTheirReason() throws {
    let examples = try read(
      """
      examples:
        - name: parcels
          message: { channel: web, category: logistics, at: "2026-10-01T10:00:00+08:00" }
          expect: { queue: general, priority: low, rule: rest }
        - name: fine
          message: { channel: web, category: other, confidence: 0.2 }
          expect: { triage: true, rule: none }
      """)
    let policy = try PolicyDocument.load(yaml: PolicySamples.sound, version: 1)
    let difference = try #require(examples[0].difference(under: policy))
    #expect(
      difference.differences == [
        "queue: expected general, is parcels", "priority: expected low, is high", "rule: expected rest, is parcels",
      ])
    #expect(difference.explanation.decision.rule == "parcels")
    #expect(examples[0].facts.openedAt == Instant(seconds: 1_790_820_000))
    #expect(examples[1].difference(under: policy) == nil && examples[0].line == 2)
  }

  @Test(arguments: [
    ("{}", "'examples' is missing"), ("examples: []", "there are no examples"),
    ("examples: [{ name: a, message: { category: x }, expect: { triage: true } }]", "'channel' is missing"),
    (
      "examples: [{ name: a, message: { channel: fax, category: x }, expect: { triage: true } }]",
      "unknown channel 'fax'"
    ),
    ("examples: [{ name: a, message: { channel: web, category: x }, expect: { rule: no } }]", "unknown rule 'no'"),
    ("examples: [{ name: a, message: { channel: web, category: x }, expect: {} }]", "there are no expectations"),
    (
      "examples: [{ name: a, message: { channel: web, category: x, at: noon }, expect: { triage: true } }]",
      "'noon' is not a valid RFC 3339 timestamp"
    ),
    (
      "examples: [{ name: a, message: { channel: web, category: x, at: 300000-01-01T00:00:00Z }, expect: { triage: true } }]",
      "'300000-01-01T00:00:00Z' is not a valid RFC 3339 timestamp"
    ),
    (
      "examples: [{ name: a, message: { channel: web, category: x, at: 2026-02-30T00:00:00Z }, expect: { triage: true } }]",
      "'2026-02-30T00:00:00Z' is not a valid RFC 3339 timestamp"
    ),
    (
      "examples: [{ name: a, message: { channel: web, category: x, at: 2026-02-28T24:00:00Z }, expect: { triage: true } }]",
      "'2026-02-28T24:00:00Z' is not a valid RFC 3339 timestamp"
    ),
    ("examples: [", "did not find expected node content"),
  ])
  func mistakesAreNamed(_ yaml: String, _ problem: String) {
    let error = #expect(throws: PolicyMistakes.self) { try read(yaml) }
    #expect(error?.mistakes.first?.problem.contains(problem) ?? false, "\(error?.description ?? "")")
  }

  @Test func anotherEncodingIsRefusedWithItsPosition() throws {
    let policy = try PolicyDocument.load(yaml: PolicySamples.sound, version: 1)
    let error = #expect(throws: PolicyMistakes.self) {
      try RuleExamples(bytes: Array("examples:\n  - name: caf".utf8) + [0xE9], for: policy)
    }
    #expect(error?.mistakes.map { "\($0.line):\($0.column) \($0.problem)" } == ["2:14 the file is not UTF-8"])
  }
}
