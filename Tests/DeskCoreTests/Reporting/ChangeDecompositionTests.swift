import Testing

@testable import DeskCore

/// Decompositions calculated by hand.
@Suite struct ChangeDecompositionTests {
  /// Shares: `late` of `count` tickets.
  private func late(_ late: Double, of count: Int64) -> FigureTally {
    FigureTally(count: count, sum: late, squares: late)
  }

  private func near(_ value: Double?, _ expected: Double) -> Bool { abs((value ?? .infinity) - expected) < 1e-9 }

  @Test func aShareChangesByMixAndByRate() throws {
    // 26 % before, 40 % after: B has more of the tickets, and more of its own are late.
    let change = ChangeDecomposition(
      before: [("a", late(6, of: 60)), ("b", late(20, of: 40))],
      after: [("a", late(4, of: 40)), ("b", late(36, of: 60))],
      isCount: false)
    #expect(near(change.change, 0.14))
    // 1.96 · √(0.26 · 0.74 / 99 + 0.40 · 0.60 / 99)
    let margin = try #require(change.margin)
    #expect(abs(margin - 0.129_533) < 1e-5 && !change.isNoise)
    #expect(change.parts.map(\.key) == ["b", "a"], "the largest contribution first")
    let (b, a) = (change.parts[0], change.parts[1])
    // (0.4 + 0.6)/2 · (0.6 − 0.5), and (0.6 − 0.4) · ((0.5 + 0.6)/2 − 0.33)
    #expect(near(b.rate, 0.05) && near(b.mix, 0.044) && near(b.contribution, 0.094))
    #expect(near(a.rate, 0) && near(a.mix, 0.046) && near(a.contribution, 0.046))
    #expect(abs(b.margin - 0.102_06) < 1e-5 && b.isNoise, "0.094 lies inside of ± 0.102")
  }

  @Test func aPartThatIsMissingInOnePeriodIsAllMix() {
    let change = ChangeDecomposition(
      before: [("a", FigureTally(count: 10, sum: 10, squares: 10))],
      after: [("a", FigureTally(count: 5, sum: 5, squares: 5)), ("c", FigureTally(count: 5, sum: 15, squares: 45))],
      isCount: false)
    #expect(near(change.change, 1))
    #expect(change.parts.map(\.key) == ["c", "a"])
    #expect(near(change.parts[0].mix, 0.75) && near(change.parts[0].rate, 0))
    #expect(near(change.parts[1].mix, 0.25) && near(change.parts[1].rate, 0))
  }

  @Test func numbersOfTicketsDifferByPart() {
    func tickets(_ count: Int64) -> FigureTally {
      FigureTally(count: count, sum: Double(count), squares: Double(count))
    }
    let change = ChangeDecomposition(
      before: [("a", tickets(100)), ("b", tickets(100))], after: [("a", tickets(150)), ("b", tickets(90))],
      isCount: true)
    // 40 against 1.96 · √440 = 41.1; 50 against 1.96 · √250 = 31.0.
    #expect(change.change == 40 && change.isNoise)
    #expect(change.parts.map(\.contribution) == [50, -10])
    #expect(change.parts.map(\.isNoise) == [false, true])
    #expect(change.parts.map(\.mix) == [nil, nil] && change.parts.map(\.rate) == [nil, nil])
  }

  @Test func aFewTicketsAreNoise() {
    let change = ChangeDecomposition(
      before: [(nil, late(0, of: 4))], after: [(nil, late(4, of: 4))], isCount: false)
    #expect(change.change == 1 && change.isNoise, "all late instead of none, of four tickets each")
    #expect(change.parts.map(\.isNoise) == [true])
  }

  @Test func withoutTicketsInOnePeriodThereIsNoChangeOfAMean() {
    let change = ChangeDecomposition(before: [], after: [("a", late(1, of: 2))], isCount: false)
    #expect(change.change == nil && change.margin == nil && change.isNoise && change.parts.isEmpty)
  }

  /// Whatever the parts, they add up.
  @Test(arguments: UInt64(1)...20)
  func thePartsAddUp(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    func period() -> [(key: String?, tally: FigureTally)] {
      var parts: [(key: String?, tally: FigureTally)] = [("always", FigureTally(count: 3, sum: 7, squares: 20))]
      for number in 0..<12 where Bool.random(using: &random) {
        let count = Int64.random(in: 1...40, using: &random)
        let mean = Double.random(in: 0...9, using: &random)
        parts.append(
          (
            number == 0 ? nil : "p\(number)",
            FigureTally(count: count, sum: mean * Double(count), squares: mean * mean * Double(count) * 1.5)
          ))
      }
      return parts
    }
    for isCount in [false, true] {
      let change = ChangeDecomposition(before: period(), after: period(), isCount: isCount)
      let sum = change.parts.reduce(0) { $0 + $1.contribution }
      let whole = try #require(change.change)
      #expect(abs(whole - sum) < 1e-9)
      for part in change.parts where !isCount {
        #expect(near(part.contribution, (part.mix ?? .nan) + (part.rate ?? .nan)))
      }
    }
  }
}
