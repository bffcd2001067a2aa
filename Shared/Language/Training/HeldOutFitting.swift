import DeskCore

/// A set of hyperparameters, chosen by accuracy on held-out examples.
struct TrainingChoice: Hashable {
  let cost: Double
  /// The weight of the dense features relative to the n-grams; 0 omits them.
  let encoderWeight: Double
  /// Whether sentence rows are whitened first.
  var isWhitened = false
}

/// Fits models without each held-out part in turn and keeps their margins for that part. The vocabulary and its
/// weights are learned without the held-out examples each time.
struct HeldOutFitting {
  let options: TrainingOptions
  let set: TrainingSet
  /// The examples held out in each round, ascending.
  let parts: [[Int]]

  init(options: TrainingOptions, set: TrainingSet) throws(LanguageError) {
    self.options = options
    self.set = set
    parts = try Self.parts(of: set, options)
  }

  /// Measures every choice, one part after the other.
  ///
  /// - Parameters:
  ///   - dense: returns each text's dense features, given the examples to learn from; called only if a choice gives them
  ///     a weight.
  ///   - tell: called after each fit.
  func measure(
    _ choices: [TrainingChoice], into measured: inout [TrainingChoice: HeldOutMargins],
    dense: (TrainingChoice, [Int]) -> PooledTexts?, tell: () -> Void
  ) throws(LanguageError) {
    for heldOut in parts {
      let isHeld = Set(heldOut)
      let kept = (0..<set.texts.count).filter { !isHeld.contains($0) }
      let space = FeatureSpace(documents: set.texts, indices: kept, minimumDocuments: options.minimumDocuments)
      let targets = kept.map { set.targets[$0] }
      // Choices that differ in cost only share their rows.
      var prepared: (choice: TrainingChoice, learned: TrainingRows, heldOut: TrainingRows)?
      for choice in choices {
        if prepared?.choice.encoderWeight != choice.encoderWeight || prepared?.choice.isWhitened != choice.isWhitened {
          let texts = choice.encoderWeight > 0 ? dense(choice, kept) : nil
          let pooled = texts.map { WeightedPool(texts: $0, weight: Float(choice.encoderWeight)) }
          prepared = (
            choice, TrainingRows(documents: set.texts, indices: kept, space: space, pooled: pooled),
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

  /// Returns the neighbour votes for each held-out example, in the order in which `measure` keeps margins.
  ///
  /// - Parameter dense: returns the encoder's row of each text, given the examples to learn from.
  func neighbourVotes(_ dense: ([Int]) -> PooledTexts) -> HeldOutMargins {
    var votes = HeldOutMargins(labelCount: set.labels.count)
    for heldOut in parts {
      let isHeld = Set(heldOut)
      let kept = (0..<set.texts.count).filter { !isHeld.contains($0) }
      let texts = dense(kept)
      let search = NeighbourSearch(Neighbours(texts, indices: kept, labels: set.targets, share: 1))
      for first in stride(from: 0, to: heldOut.count, by: LanguageLimits.lookedAtTogether) {
        let few = heldOut[first..<min(first + LanguageLimits.lookedAtTogether, heldOut.count)]
        let found = search.votes(
          of: few.map { texts.row($0) }, blocks: LinearModel.blocks(labels: set.labels.count))
        for (document, row) in zip(few, found) {
          if set.isOutside(document) {
            votes.append(outside: row)
          } else {
            votes.append(row, truth: set.targets[document])
          }
        }
      }
    }
    return votes
  }

  /// Uses LIBLINEAR for n-grams alone; with dense features in every row it uses `DualSolver`, which processes eight at a time
  /// and takes a fraction of the time for a model that is discarded.
  private func solve(_ rows: TrainingRows, _ targets: [Int], cost: Double) throws(LanguageError) -> LinearWeights {
    guard rows.blocks > 0 else {
      return try LinearSolver.train(
        rows, labels: targets, labelCount: set.labels.count, cost: cost, seed: options.seed)
    }
    return DualSolver.train(rows, labels: targets, labelCount: set.labels.count, cost: cost, seed: options.seed)
  }

  /// Draws stratified parts: each label has its share in each part.
  private static func parts(of set: TrainingSet, _ options: TrainingOptions) throws(LanguageError) -> [[Int]] {
    var generator = SeededGenerator(seed: options.seed)
    let (folds, rounds) = try folds(options.validation, examples: set.texts.count)
    var parts = [[Int]](repeating: [], count: folds)
    var next = 0
    // The number after the last label denotes out-of-scope examples.
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

  /// Returns the number of parts and how many of them are held out in turn.
  private static func folds(
    _ validation: TrainingOptions.Validation, examples: Int
  ) throws(LanguageError) -> (folds: Int, rounds: Int) {
    switch validation {
    case .automatic:
      return examples <= TrainingOptions.foldedExamples ? (5, 5) : (7, 1)
    case .folds(let count):
      guard count >= 2, count <= examples else {
        throw LanguageError(
          .training, "\(examples) examples cannot be split into \(count) folds", remedy: "choose from 2 to 20 folds")
      }
      return (count, count)
    case .heldOut(let share):
      guard (0.01...0.5).contains(share) else {
        throw LanguageError(
          .training, "the held-out share \(share) is out of range", remedy: "choose a share from 0.01 to 0.5")
      }
      return (max(2, Int((1 / share).rounded())), 1)
    }
  }
}

extension [TrainingChoice: HeldOutMargins] {
  /// Returns the choice with the highest accuracy; ties go to the smaller weight and cost, which give the simpler model.
  func best(by accuracy: (HeldOutMargins) -> Double) -> TrainingChoice? {
    map { (choice: $0, accuracy: accuracy($1)) }.min {
      (-$0.accuracy, $0.choice.encoderWeight, $0.choice.cost, $0.choice.isWhitened ? 1 : 0)
        < (-$1.accuracy, $1.choice.encoderWeight, $1.choice.cost, $1.choice.isWhitened ? 1 : 0)
    }?.choice
  }
}
