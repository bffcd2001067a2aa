/// Decides what Chinese runs give beside their characters and pairs.
///
/// Beginnings, ends and negations help with short questions and reviews, threes with reviews in great number; on long posts both only
/// cost room in the model. So each stays out unless with it more held-out examples come out right than chance explains.
struct HanGramSearch {
  let options: TrainingOptions
  /// The examples with pairs.
  let pairs: TrainingSet

  /// - Returns: the examples with the n-grams to learn from.
  func run(
    _ examples: [LabelledExample], progress: (TrainingProgress) -> Void
  ) throws(LanguageError) -> TrainingSet {
    let costs = options.costs
    guard !costs.isEmpty else { return pairs }
    // In the middle of the costs, and with n-grams alone: what an encoder adds hardly depends on it.
    let choice = TrainingChoice(cost: costs[(costs.count - 1) / 2], encoderWeight: 0)
    let sets = HanGrams.allCases.dropFirst().compactMap { TrainingSet(pairs, examples: examples, hanGrams: $0) }
    guard !sets.isEmpty else { return pairs }
    var done = 0
    func held(_ set: TrainingSet) throws(LanguageError) -> HeldOutMargins? {
      let fitting = try HeldOutFitting(options: options, set: set)
      let total = (sets.count + 1) * fitting.parts.count
      var measured: [TrainingChoice: HeldOutMargins] = [:]
      try fitting.measure([choice], into: &measured, dense: { _, _ in nil }) {
        done += 1
        progress(TrainingProgress(phase: .searchingGrams, completed: done, total: total))
      }
      return measured[choice]
    }
    var chosen = pairs
    guard var best = try held(pairs) else { return pairs }
    for set in sets {
      guard let margins = try held(set), Self.isBetter(margins, than: best) else { continue }
      (chosen, best) = (set, margins)
    }
    return chosen
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
