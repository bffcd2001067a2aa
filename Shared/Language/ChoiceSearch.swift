/// Chooses the solver's cost and the encoder's weight by accuracy on examples that are held out.
///
/// First the weight, at a middling cost, then the cost at that weight: the two hardly depend on each other, and searching
/// both together would take twice as long. The vocabulary and its weights are learned without the held-out examples each time.
struct ChoiceSearch {
  struct Choice: Hashable {
    let cost: Double
    /// 0 leaves the encoder out.
    let encoderWeight: Double
  }

  struct Outcome {
    let choice: Choice
    let held: HeldOutMargins
    /// What the held-out examples say about the choice.
    let evaluation: Evaluation
    let folds: Int
    let results: [TrainingReport.CostResult]
  }

  let options: TrainingOptions
  let set: TrainingSet

  func run(progress: (TrainingProgress) -> Void) throws(LanguageError) -> Outcome {
    let costs = options.costs
    guard !costs.isEmpty, costs.allSatisfy({ $0 > 0 && $0.isFinite }) else {
      throw LanguageError(.training, "a cost is not above 0", remedy: "name costs such as 0.3, 0.5, 1, 2")
    }
    let weights = options.encoder == nil ? [0] : options.encoderWeights
    guard !weights.isEmpty, weights.allSatisfy({ $0 >= 0 && $0.isFinite }) else {
      throw LanguageError(
        .training, "a weight of the encoder is below 0", remedy: "name weights such as 0, 0.5, 1, 1.5")
    }
    let parts = try heldOutParts()
    let total = parts.count * (weights.count + costs.count - 1)
    var measured: [Choice: HeldOutMargins] = [:]
    var done = 0
    progress(TrainingProgress(phase: .searching, completed: 0, total: total))
    let tell = {
      done += 1
      progress(TrainingProgress(phase: .searching, completed: done, total: total))
    }
    let middling = costs[(costs.count - 1) / 2]
    try measure(weights.map { Choice(cost: middling, encoderWeight: $0) }, parts, &measured, tell)
    let weight = best(measured).encoderWeight
    let others = costs.filter { $0 != middling }
    try measure(others.map { Choice(cost: $0, encoderWeight: weight) }, parts, &measured, tell)
    let choice = best(measured)
    let held = measured[choice] ?? HeldOutMargins(labelCount: set.labels.count)
    let results = measured.map { choice, held in
      TrainingReport.CostResult(cost: choice.cost, encoderWeight: choice.encoderWeight, accuracy: held.accuracy())
    }
    return Outcome(
      choice: choice, held: held,
      evaluation: Evaluation(outcomes: Calibration.outcomes(held), labels: set.labels), folds: parts.count,
      results: results.sorted { ($0.encoderWeight, $0.cost) < ($1.encoderWeight, $1.cost) })
  }

  /// Of equal accuracies the smaller weight and cost, whose model is the simpler one.
  private func best(_ measured: [Choice: HeldOutMargins]) -> Choice {
    let ranked = measured.map { (choice: $0, accuracy: $1.accuracy()) }.min {
      (-$0.accuracy, $0.choice.encoderWeight, $0.choice.cost) < (-$1.accuracy, $1.choice.encoderWeight, $1.choice.cost)
    }
    return ranked?.choice ?? Choice(cost: 1, encoderWeight: 0)
  }

  private func measure(
    _ choices: [Choice], _ parts: [[Int]], _ measured: inout [Choice: HeldOutMargins], _ tell: () -> Void
  ) throws(LanguageError) {
    for heldOut in parts {
      let isHeld = Set(heldOut)
      let kept = (0..<set.texts.count).filter { !isHeld.contains($0) }
      let space = FeatureSpace(documents: set.texts, indices: kept, minimumDocuments: options.minimumDocuments)
      let targets = kept.map { set.targets[$0] }
      // Choices that differ in cost only share their rows.
      var prepared: (weight: Double, learned: TrainingRows, heldOut: TrainingRows)?
      for choice in choices {
        if prepared?.weight != choice.encoderWeight {
          let pooled = set.pooled(weight: choice.encoderWeight)
          prepared = (
            choice.encoderWeight,
            TrainingRows(documents: set.texts, indices: kept, space: space, pooled: pooled),
            TrainingRows(documents: set.texts, indices: heldOut, space: space, pooled: pooled)
          )
        }
        guard let (_, learned, rows) = prepared else { continue }
        let fitted = try solve(learned, targets, cost: choice.cost)
        var held = measured[choice] ?? HeldOutMargins(labelCount: set.labels.count)
        for (row, document) in heldOut.enumerated() {
          let margins = rows.margins(row, of: fitted)
          if set.isOutside(document) {
            held.append(outside: margins)
          } else {
            held.append(margins, truth: set.targets[document])
          }
        }
        measured[choice] = held
        tell()
      }
    }
  }

  /// LIBLINEAR for n-grams alone; with the encoder's numbers in every row our own solver, which takes eight of them at a time
  /// and a fraction of the time for a model that is thrown away.
  private func solve(_ rows: TrainingRows, _ targets: [Int], cost: Double) throws(LanguageError) -> LinearWeights {
    guard rows.blocks > 0 else {
      return try LinearSolver.train(
        rows, labels: targets, labelCount: set.labels.count, cost: cost, seed: options.seed)
    }
    return DualSolver.train(rows, labels: targets, labelCount: set.labels.count, cost: cost, seed: options.seed)
  }

  /// The examples held out in each round, drawn so that each label has its share in each.
  private func heldOutParts() throws(LanguageError) -> [[Int]] {
    var generator = SeededGenerator(seed: options.seed)
    let (folds, rounds) = try folds(examples: set.texts.count)
    var parts = [[Int]](repeating: [], count: folds)
    var next = 0
    // The number behind the last label is that of the examples out of scope.
    for label in 0...set.labels.count {
      var members = set.targets.indices.filter { set.targets[$0] == label }
      members.shuffle(using: &generator)
      for member in members {
        parts[next % folds].append(member)
        next += 1
      }
    }
    return parts.prefix(rounds).map { $0.sorted() }
  }

  /// Into how many parts the examples fall, and how many of them are held out in turn.
  private func folds(examples: Int) throws(LanguageError) -> (folds: Int, rounds: Int) {
    switch options.validation {
    case .automatic:
      return examples <= TrainingOptions.foldedExamples ? (5, 5) : (7, 1)
    case .folds(let count):
      guard count >= 2, count <= examples else {
        throw LanguageError(
          .training, "\(count) folds cannot be made of \(examples) examples", remedy: "choose from 2 to 20 folds")
      }
      return (count, count)
    case .heldOut(let share):
      guard (0.01...0.5).contains(share) else {
        throw LanguageError(
          .training, "a held-out share of \(share) is impossible", remedy: "choose a share from 0.01 to 0.5")
      }
      return (max(2, Int((1 / share).rounded())), 1)
    }
  }
}
