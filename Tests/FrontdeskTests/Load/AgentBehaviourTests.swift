import DeskCore
import Testing

@testable import LoadTesting

@Suite("Behaviour of simulated agents")
struct AgentBehaviourTests {
  @Test("The shares hold over many offers, and the same seed reproduces the behaviour")
  func shares() {
    let behaviour = AgentBehaviour(handleTime: .seconds(1), acceptShare: 0.8)
    func answers(_ seed: UInt64) -> [AgentBehaviour.Answer] {
      var random = SeededGenerator(seed: seed)
      return (0..<10_000).map { _ in behaviour.answer(using: &random) }
    }
    let first = answers(1)
    #expect(first == answers(1))
    #expect(first != answers(2))
    #expect((7700...8300).contains(first.count { $0 == .accept }))
    #expect((1400...1800).contains(first.count { $0 == .decline }))
    #expect((250...550).contains(first.count { $0 == .ignore }))
  }

  @Test("Handling takes between 0.5 and 1.5 times the mean")
  func times() {
    var random = SeededGenerator(seed: 3)
    let behaviour = AgentBehaviour(handleTime: .seconds(2), acceptShare: 1)
    #expect((0..<1000).allSatisfy { _ in (.seconds(1)...Duration.seconds(3)).contains(behaviour.time(using: &random)) })
  }

  @Test("Interruptions of every kind occur at the given rate, and never at rate zero")
  func interruptions() {
    var random = SeededGenerator(seed: 4)
    let restless = AgentBehaviour(handleTime: .seconds(1), acceptShare: 1, interruptionRate: 0.3)
    let drawn = (0..<10_000).compactMap { _ in restless.interruption(using: &random) }
    #expect((2800...3200).contains(drawn.count))
    #expect((1350...1650).contains(drawn.count { $0 == .transfer }))
    #expect((1200...1500).contains(drawn.count { $0 == .rest }))
    #expect((90...210).contains(drawn.count { $0 == .vanish }))
    let calm = AgentBehaviour(handleTime: .seconds(1), acceptShare: 1)
    #expect((0..<1000).allSatisfy { _ in calm.interruption(using: &random) == nil })
  }

  @Test("Replies are in the customer's language")
  func language() {
    #expect(ReplyTemplate.text(language: "zh-Hant", asks: true).contains("訂單"))
    #expect(ReplyTemplate.text(language: "zh-Hans", asks: true).contains("订单"))
    #expect(ReplyTemplate.text(language: "en", asks: false).hasPrefix("Hello"))
    #expect(ReplyTemplate.text(language: nil, asks: false).hasPrefix("Hello"))
  }
}
