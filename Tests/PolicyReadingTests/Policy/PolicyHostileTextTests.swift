import DeskCore
import Testing

@testable import PolicyReading

@Suite("Malicious or invalid policy files")
struct PolicyHostileTextTests {
  private func problems(_ yaml: String) -> [String] {
    PolicySamples.mistakes(in: yaml).map(\.problem)
  }

  @Test func anchorsAndAliasesAreRefused() {
    let mistakes = PolicySamples.mistakes(
      in: PolicySamples.sound.replacing("web: { weight: 2,", with: "web: &web { weight: 2,")
        .replacing("app: {}", with: "app: *web"))
    #expect(Set(mistakes.map(\.path)) == ["channels.web", "channels.app"])
    // The parser keeps no position for an alias, so both are reported at the anchor.
    #expect(Set(mistakes.map(\.line)) == [33])
    #expect(Set(mistakes.map(\.problem)) == ["anchors and aliases are not allowed"])
  }

  @Test func anAliasChainIsRefusedBeforeParsing() {
    var yaml = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n"
    for level in 1...30 {
      yaml += "a\(level): &a\(level) [\((0..<9).map { _ in "*a\(level - 1)" }.joined(separator: ","))]\n"
    }
    yaml += "? *a30\n: 1\n"
    #expect(problems(yaml) == ["too many words begin with '*'"])
  }

  @Test(arguments: ["[", "{a: ", "- ", "? ", "all: [{ not: {"])
  func deepNestingIsRefused(_ opening: String) {
    #expect(problems(String(repeating: opening, count: 20_000)) == ["the file is nested too deeply"])
    let closed = String(repeating: "[", count: 900) + String(repeating: "]", count: 900)
    #expect(problems("version: \(closed)").contains("a list is not allowed here"))
  }

  @Test func conditionNestingIsLimited() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "{ not: ", count: depth) + "{ category: x }" + String(repeating: " }", count: depth)
    }
    func mistakes(_ depth: Int) throws -> [PolicyMistake] {
      PolicySamples.mistakes(in: try PolicySamples.spoiled("{ category: logistics }", by: nested(depth)))
    }
    #expect(try mistakes(PolicyLimits.conditionDepth - 1).isEmpty)
    #expect(
      try mistakes(PolicyLimits.conditionDepth).map(\.problem) == [
        "conditions are nested deeper than \(PolicyLimits.conditionDepth)"
      ])
  }

  @Test func aTooLargeFileIsRefusedBeforeParsing() {
    let large = PolicySamples.sound + "#" + String(repeating: "x", count: PolicyLimits.bytes)
    #expect(problems(large) == ["the file is larger than \(PolicyLimits.bytes) bytes"])
    #expect(throws: PolicyMistakes.self) { try PolicyDocument(bytes: Array(large.utf8), version: 1, environment: [:]) }
  }

  @Test func invalidYAMLIsReportedWithItsPosition() {
    let broken = PolicySamples.mistakes(in: "version: 1\nqueues:\n  a: [1, 2\nrules: x\n")
    #expect(broken.count == 1)
    #expect(broken.first?.line == 4)
    let twice = PolicySamples.mistakes(in: "version: 1\nqueues: {}\nqueues: {}\n")
    #expect(twice.map(\.problem) == ["declared twice in one mapping: 'queues'"])
    #expect(twice.first?.line == 2)
    #expect(PolicySamples.mistakes(in: "a: \u{1}b").map(\.line) == [1])
    #expect(problems("a: 1\n---\nb: 2\n").count == 1)
  }

  @Test(arguments: ["", "\n", "# only words", "~", "version", "[]", "- a", "!!binary x", "--- |\n x", "\u{FEFF}"])
  func emptyAndUnrelatedDocumentsAreMistakesToo(_ yaml: String) {
    #expect(!problems(yaml).isEmpty)
  }

  @Test func invalidUTF8IsReportedWithItsPosition() {
    let bytes = Array("version: 1\n物流: ".utf8) + [0xFF, 0xFE]
    do throws(PolicyMistakes) {
      _ = try PolicyDocument(bytes: bytes, version: 1, environment: [:])
      Issue.record("it was taken")
    } catch {
      #expect(error.mistakes.map(\.problem) == ["the file is not UTF-8"])
      #expect(error.mistakes.map(\.line) == [2])
      #expect(error.mistakes.map(\.column) == [5])
    }
  }

  @Test(arguments: UInt64(1)...12)
  func randomBytesDoNotCrashTheReader(_ seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let sound = Array(PolicySamples.sound.utf8)
    let pieces = [
      "[", "]", "{", "}", ": ", "- ", "&a ", "*a ", "!!int ", "\"", "'", "\n", "  ", "|", ">", "?", "\u{0}", "\u{FEFF}",
      "..", "~", "%", "物",
    ]
    for _ in 0..<150 {
      var bytes = sound
      for _ in 0..<Int.random(in: 1...12, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.removeSubrange(place..<min(bytes.count - 1, place + Int.random(in: 1...40, using: &random)))
        case 2: bytes.insert(contentsOf: pieces[Int.random(in: 0..<pieces.count, using: &random)].utf8, at: place)
        default:
          let from = Int.random(in: 0..<bytes.count, using: &random)
          bytes.insert(contentsOf: Array(bytes[from..<min(bytes.count, from + 30)]), at: place)
        }
      }
      do throws(PolicyMistakes) {
        let read = try PolicyDocument(bytes: bytes, version: 1, environment: [:])
        #expect(read.policy.queues[read.policy.defaultQueue] != nil)
      } catch {
        #expect(!error.mistakes.isEmpty)
        #expect(error.mistakes.allSatisfy { $0.line >= 1 && $0.column >= 1 && !$0.problem.isEmpty })
      }
    }
    for _ in 0..<100 {
      let bytes = (0..<Int.random(in: 0...300, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
      #expect(throws: PolicyMistakes.self) { try PolicyDocument(bytes: bytes, version: 1, environment: [:]) }
    }
  }
}
