/// Decides whether Chinese runs give n-grams of three characters beside pairs.
///
/// Where examples are many they help (reviews), where posts are long and few they hurt, and each costs room in the model: so pairs
/// stay unless threes have more held-out examples right than chance explains.
struct HanGramSearch {
  let options: TrainingOptions
  /// The examples with pairs.
  let pairs: TrainingSet

  /// - Returns: the examples with the n-grams to learn from.
  func run(
    _ examples: [LabelledExample], progress: (TrainingProgress) -> Void
  ) throws(LanguageError) -> TrainingSet {
    guard
      let threes = TrainingSet(pairs, examples: examples, longestHanGram: FeatureExtractor.hanGrams.upperBound)
    else { return pairs }
    let costs = options.costs
    guard !costs.isEmpty else { return pairs }
    // In the middle of the costs, and with n-grams alone: what an encoder adds hardly depends on it.
    let choice = TrainingChoice(cost: costs[(costs.count - 1) / 2], encoderWeight: 0)
    var done = 0
    func held(_ set: TrainingSet) throws(LanguageError) -> HeldOutMargins? {
      let fitting = try HeldOutFitting(options: options, set: set)
      let total = 2 * fitting.parts.count
      var measured: [TrainingChoice: HeldOutMargins] = [:]
      try fitting.measure([choice], into: &measured, dense: { _, _ in nil }) {
        done += 1
        progress(TrainingProgress(phase: .searchingGrams, completed: done, total: total))
      }
      return measured[choice]
    }
    guard let short = try held(pairs), let long = try held(threes) else { return pairs }
    return Self.isBetter(long, than: short) ? threes : pairs
  }

  /// Whether one has more of the same examples right than the other, beyond chance (the sign test of `ModelContest`).
  static func isBetter(_ one: HeldOutMargins, than other: HeldOutMargins) -> Bool {
    var won = 0
    var lost = 0
    for index in 0..<one.count {
      let (isRight, wasRight) = (one.isRight(index), other.isRight(index))
      won += isRight && !wasRight ? 1 : 0
      lost += wasRight && !isRight ? 1 : 0
    }
    return ModelContest.chance(won: won, of: won + lost) <= ModelContest.chanceAtMost
  }
}
