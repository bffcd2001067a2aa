import Testing

@testable import DeskCore

@Suite("Which conditions follow from others")
struct ConditionImplicationTests {
  private static func any(_ random: inout SeededGenerator, depth: Int = 0) -> Condition {
    func pick<Value>(_ values: [Value]) -> Value { values[Int.random(in: 0..<values.count, using: &random)] }
    func parts() -> [Condition] {
      (0..<Int.random(in: 1...3, using: &random)).map { _ in any(&random, depth: depth + 1) }
    }
    switch Int.random(in: 0..<(depth < 2 ? 10 : 7), using: &random) {
    case 0: return .oneOf(.category, pick([["a"], ["b"], ["a", "b"], ["b", "c"]]))
    case 1: return .oneOf(.urgency, pick([["low"], ["normal", "high"], ["high"]]))
    case 2: return .urgency(atLeast: pick(Urgency.allCases))
    case 3: return .tier(atLeast: pick(CustomerTier.allCases))
    case 4: return .confidence(atLeast: pick([0.2, 0.5, 0.8]))
    case 5: return .words(pick([["x"], ["x", "y"], ["y"]]))
    case 6: return pick([.always, .during("office"), .oneOf(.tier, ["vip"])])
    case 7: return .all(parts())
    case 8: return .any(parts())
    default: return .not(any(&random, depth: depth + 1))
    }
  }

  /// Facts of every kind that the conditions above use.
  private static let everyKind: [RoutingFacts] = {
    var all: [RoutingFacts] = []
    for category in ["a", "b", "c", "d"] {
      for urgency in Urgency.allCases {
        for tier in CustomerTier.allCases {
          for confidence in [0.1, 0.3, 0.6, 0.9] {
            for text in ["", "x", "y", "x y"] {
              for open in [[], ["office"]] as [Set<CalendarID>] {
                let labels = Labels.sample(category: category, confidence: confidence, urgency: urgency)
                var facts = RoutingFacts(channel: "web", tier: tier, labels: labels, text: text, openedAt: .morning)
                facts.hours = .open(open)
                all.append(facts)
              }
            }
          }
        }
      }
    }
    return all
  }()

  @Test(arguments: UInt64(1)...5)
  func positiveAnswersAreAlwaysCorrect(_ seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<60 {
      let left = Self.any(&random)
      let right = Self.any(&random)
      let third = Self.any(&random)
      let follows = left.implies(right)
      let shadow = left.shadow(of: [right, third])
      let isNever = left.isNever
      guard follows || shadow != nil || isNever else { continue }
      for facts in Self.everyKind where left.holds(for: facts) {
        #expect(!isNever, "\(left)")
        if follows { #expect(right.holds(for: facts), "\(left) ⇒ \(right)") }
        if shadow != nil {
          #expect(right.holds(for: facts) || third.holds(for: facts), "\(left) after \(right), \(third)")
        }
      }
    }
  }

  @Test func commonShadowedConditionsAreDetected() {
    let complaint = Condition.oneOf(.category, ["complaint"])
    let important = Condition.all([complaint, .oneOf(.tier, ["vip"])])
    #expect(important.shadow(of: [.confidence(atLeast: 0.4), complaint]) == [1])
    #expect(complaint.shadow(of: [important]) == nil)
    #expect(
      Condition.oneOf(.category, ["a", "b"]).shadow(of: [.oneOf(.category, ["a", "c"]), .oneOf(.category, ["b"])]) == [
        0, 1,
      ])
    #expect(Condition.urgency(atLeast: .high).implies(.oneOf(.urgency, ["high", "normal"])))
    #expect(Condition.all([complaint, .oneOf(.category, ["refund"])]).isNever)
    #expect(Condition.all([complaint, .not(complaint)]).isNever)
    #expect(Condition.not(.confidence(atLeast: 0.3)).implies(.not(.confidence(atLeast: 0.35))))
    #expect(!Condition.not(.confidence(atLeast: 0.4)).implies(.not(.confidence(atLeast: 0.35))))
  }
}
