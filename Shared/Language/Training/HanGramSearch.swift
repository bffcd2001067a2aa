/// Decides which n-grams Chinese runs yield in addition to characters and bigrams.
///
/// Run starts, run ends and negations help with short questions and reviews, trigrams with large sets of reviews; on long posts both
/// only enlarge the model. So each is used only if it improves held-out accuracy significantly.
struct HanGramSearch {
  let options: TrainingOptions
  /// The examples with bigrams.
  let pairs: TrainingSet

  /// - Returns: the examples with the selected n-grams.
  func run(
    _ examples: [LabelledExample], progress: (TrainingProgress) -> Void
  ) throws(LanguageError) -> TrainingSet {
    let costs = options.costs
    guard !costs.isEmpty else { return pairs }
    // At the median cost and with n-grams alone: an encoder's contribution hardly depends on it.
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

  /// Whether one classifies significantly more of the same examples correctly than the other (the sign test of `ModelContest`).
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
