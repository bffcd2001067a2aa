import Testing

@testable import Language

@Suite struct ModelContestTests {
  private static let chances: [(won: Int, throwCount: Int, chance: Double)] = [
    (0, 0, 1), (0, 5, 1), (5, 5, 0.03125), (4, 5, 0.1875), (3, 4, 0.3125), (10, 10, 0.0009765625),
  ]

  @Test("computes the probability of at least that many heads", arguments: chances)
  func computesTheProbability(case expected: (won: Int, throwCount: Int, chance: Double)) {
    #expect(abs(ModelContest.chance(won: expected.won, of: expected.throwCount) - expected.chance) < 1e-12)
  }

  @Test func winningNeedsASignificantDifference() {
    #expect(ModelContest(won: 20, lost: 2).isWon)
    #expect(!ModelContest(won: 12, lost: 9).isWon)
    #expect(!ModelContest(won: 8, lost: 0).isWon, "too few messages to decide")
    #expect(ModelContest(won: 8, lost: 0, bothRight: 12).isWon)
    #expect(!ModelContest(won: 0, lost: 0, bothRight: 100).isWon)
    #expect(ModelContest(won: 2, lost: 20).isLost)
    #expect(!ModelContest(won: 9, lost: 12).isLost)
  }

  /// A model trained on `ToyExamples` with two labels renamed, so that it is wrong about them.
  private func models() throws -> (good: MessageClassifier, bad: MessageClassifier) {
    let swapped = ToyExamples.all.map { example in
      var example = example
      example.label = ["refund": "account", "account": "refund"][example.label] ?? example.label
      return example
    }
    var options = TrainingOptions()
    options.costs = [1]
    options.validation = .folds(3)
    return (
      MessageClassifier(model: try ToyExamples.model()),
      MessageClassifier(model: try Trainer(options: options).train(swapped).model)
    )
  }

  @Test func countsCategoriesOnlyOneModelGetsRight() throws {
    let (good, bad) = try models()
    let contest = ModelContest(ToyExamples.all, champion: bad, challenger: good)
    #expect(contest.examples == ToyExamples.all.count)
    #expect(contest.challengerRight == ToyExamples.all.count)
    #expect(contest.won == 12 && contest.lost == 0)
    let other = ModelContest(ToyExamples.all, champion: good, challenger: bad)
    #expect(other.won == 0 && other.lost == 12 && other.isLost && !other.isWon)
  }

  @Test func reportsChangedLabels() throws {
    let (good, bad) = try models()
    let messages = ToyExamples.all.map { MessageText(text: $0.text) }
    let same = ModelComparison(messages, champion: good, challenger: good)
    #expect(same.agreement == 1 && same.changes.isEmpty && same.messages == messages.count)
    let changed = ModelComparison(messages, champion: good, challenger: bad)
    #expect(abs(changed.agreement - 1 / 3.0) < 1e-9)
    #expect(changed.changes.map(\.count) == [6, 6])
    #expect(changed.changes.map(\.from) == ["account", "refund"])
    #expect(ModelComparison([], champion: good, challenger: bad).agreement == 1)
  }
}
