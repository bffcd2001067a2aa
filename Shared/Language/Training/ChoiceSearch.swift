/// Chooses the first stage's cost and the word table's weight by accuracy on held-out examples.
///
/// First the weight at a medium cost, then the cost at that weight: the two are nearly independent, and a joint search
/// would take twice as long.
struct ChoiceSearch {
  struct Outcome {
    let choice: TrainingChoice
    let held: HeldOutMargins
    /// The choice's figures on held-out examples.
    let evaluation: Evaluation
    let folds: Int
    let results: [TrainingReport.CostResult]
  }

  let fitting: HeldOutFitting

  func run(progress: (TrainingProgress) -> Void) throws(LanguageError) -> Outcome {
    let options = fitting.options
    let costs = options.costs
    guard !costs.isEmpty, costs.allSatisfy({ $0 > 0 && $0.isFinite }) else {
      throw LanguageError(.training, "a cost is not greater than 0", remedy: "use costs such as 0.3, 0.5, 1, 2")
    }
    let weights = options.encoder == nil ? [0] : options.encoderWeights
    guard !weights.isEmpty, weights.allSatisfy({ $0 >= 0 && $0.isFinite }) else {
      throw LanguageError(
        .training, "an encoder weight is negative", remedy: "use weights such as 0, 0.5, 1, 1.5")
    }
    let total = fitting.parts.count * (weights.count + costs.count - 1)
    var measured: [TrainingChoice: HeldOutMargins] = [:]
    var done = 0
    progress(TrainingProgress(phase: .searching, completed: 0, total: total))
    let tell = {
      done += 1
      progress(TrainingProgress(phase: .searching, completed: done, total: total))
    }
    let set = fitting.set
    // Each part's table is learned once, on the other parts.
    var tables: [[Int]: PooledTexts] = [:]
    let dense = { (_: TrainingChoice, kept: [Int]) -> PooledTexts? in
      if let table = tables[kept] { return table }
      let table = set.distillation.map { $0.pooled(by: $0.learn(from: kept)) }
      tables[kept] = table
      return table
    }
    let middling = costs[(costs.count - 1) / 2]
    try fitting.measure(
      weights.map { TrainingChoice(cost: middling, encoderWeight: $0) }, into: &measured, dense: dense, tell: tell)
    let weight = measured.best { $0.accuracy() }?.encoderWeight ?? 0
    let others = costs.filter { $0 != middling }
    try fitting.measure(
      others.map { TrainingChoice(cost: $0, encoderWeight: weight) }, into: &measured, dense: dense, tell: tell)
    let choice = measured.best { $0.accuracy() } ?? TrainingChoice(cost: middling, encoderWeight: 0)
    let held = measured[choice] ?? HeldOutMargins(labelCount: set.labels.count)
    let results = measured.map { choice, held in
      TrainingReport.CostResult(cost: choice.cost, encoderWeight: choice.encoderWeight, accuracy: held.accuracy())
    }
    return Outcome(
      choice: choice, held: held,
      evaluation: Evaluation(outcomes: Calibration.outcomes(held), labels: set.labels), folds: fitting.parts.count,
      results: results.sorted { ($0.encoderWeight, $0.cost) < ($1.encoderWeight, $1.cost) })
  }
}
