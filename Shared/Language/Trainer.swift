/// Learns a `LinearModel` from labelled examples.
///
/// Examples are held out to choose the cost by accuracy, to calibrate, and to measure; the vocabulary and its weights are
/// learned without them each time. The model itself is then fitted to all examples. Equal examples and options give an
/// equal model, byte for byte. Nothing is printed; progress is told to a callback.
public struct Trainer: Sendable {
  public let options: TrainingOptions

  public init(options: TrainingOptions = TrainingOptions()) { self.options = options }

  /// - Throws: `LanguageError` with code `training` if there are fewer than two labels, fewer than two examples of a
  ///   label, too many labels, or impossible options.
  public func train(
    _ examples: [LabelledExample], progress: (TrainingProgress) -> Void = { _ in }
  ) throws(LanguageError) -> TrainingOutcome {
    let set = try TrainingSet(examples, progress: progress)
    let search = try search(set, progress: progress)
    progress(TrainingProgress(phase: .fitting, completed: 0, total: 1))
    let all = Array(0..<set.texts.count)
    let space = FeatureSpace(documents: set.texts, indices: all, minimumDocuments: options.minimumDocuments)
    var matrix = SparseMatrix(documents: set.texts, indices: all, space: space)
    let fitted = try LinearSolver.train(
      &matrix, labels: set.targets, labelCount: set.labels.count, cost: search.cost, seed: options.seed)
    let evaluation = Evaluation(outcomes: Calibration.outcomes(search.held), labels: set.labels)
    let temperature = Calibration.temperature(search.held, indices: Array(0..<search.held.count))
    let summary = TrainingSummary(
      examples: examples.count, features: space.count, seed: options.seed, cost: search.cost, temperature: temperature,
      folds: search.folds, heldOut: search.held.count, accuracy: evaluation.accuracy, macroF1: evaluation.macroF1,
      expectedCalibrationError: evaluation.expectedCalibrationError, automaticShareAt95: evaluation.automaticShareAt95)
    let model = LinearModel(
      labels: set.labels, temperature: Float(temperature), summary: summary,
      version: ModelFile.version(
        labels: set.labels, temperature: Float(temperature), space: space, weights: fitted.weights, bias: fitted.bias),
      space: space, weights: fitted.weights, bias: fitted.bias)
    progress(TrainingProgress(phase: .fitting, completed: 1, total: 1))
    return TrainingOutcome(
      model: model,
      report: TrainingReport(
        summary: summary, evaluation: evaluation, costs: search.results,
        heads: HeadAgreement(examples), version: model.version))
  }
}

/// A trained model and what is known about it.
public struct TrainingOutcome: Sendable {
  public let model: LinearModel
  public let report: TrainingReport
}

// MARK: - Choosing the cost

extension Trainer {
  private struct Search {
    let cost: Double
    let held: HeldOutMargins
    let folds: Int
    let results: [TrainingReport.CostResult]
  }

  private func search(
    _ set: TrainingSet, progress: (TrainingProgress) -> Void
  ) throws(LanguageError) -> Search {
    let costs = options.costs
    guard !costs.isEmpty, costs.allSatisfy({ $0 > 0 && $0.isFinite }) else {
      throw LanguageError(.training, "a cost is not above 0", remedy: "name costs such as 0.3, 0.5, 1, 2")
    }
    let parts = try heldOutParts(set)
    var held = costs.map { _ in HeldOutMargins(labelCount: set.labels.count) }
    let total = parts.count * costs.count
    progress(TrainingProgress(phase: .searching, completed: 0, total: total))
    for (part, heldOut) in parts.enumerated() {
      let isHeld = Set(heldOut)
      let kept = (0..<set.texts.count).filter { !isHeld.contains($0) }
      let space = FeatureSpace(documents: set.texts, indices: kept, minimumDocuments: options.minimumDocuments)
      var matrix = SparseMatrix(documents: set.texts, indices: kept, space: space)
      let rows = SparseMatrix(documents: set.texts, indices: heldOut, space: space)
      let targets = kept.map { set.targets[$0] }
      for (choice, cost) in costs.enumerated() {
        let fitted = try LinearSolver.train(
          &matrix, labels: targets, labelCount: set.labels.count, cost: cost, seed: options.seed)
        for (row, document) in heldOut.enumerated() {
          held[choice].append(rows.margins(row, of: fitted), truth: set.targets[document])
        }
        progress(
          TrainingProgress(phase: .searching, completed: part * costs.count + choice + 1, total: total))
      }
    }
    let results = zip(costs, held).map { TrainingReport.CostResult(cost: $0, accuracy: $1.accuracy()) }
    // Of equal accuracies the smaller cost, whose model is the simpler one.
    let order = results.indices.sorted {
      (-results[$0].accuracy, results[$0].cost) < (-results[$1].accuracy, results[$1].cost)
    }
    let best = order[0]
    return Search(cost: costs[best], held: held[best], folds: parts.count, results: results)
  }

  /// The examples held out in each round, drawn so that each label has its share in each.
  private func heldOutParts(_ set: TrainingSet) throws(LanguageError) -> [[Int]] {
    var generator = SeededGenerator(seed: options.seed)
    let (folds, rounds) = try folds(examples: set.texts.count)
    var parts = [[Int]](repeating: [], count: folds)
    var next = 0
    for label in set.labels.indices {
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

// MARK: - Examples

/// Labelled examples as counted n-grams and label numbers.
private struct TrainingSet {
  let labels: [String]
  let targets: [Int]
  let texts: CountedTexts

  /// Examples between two reports of progress.
  private static let reportEvery = 1_000

  init(_ examples: [LabelledExample], progress: (TrainingProgress) -> Void) throws(LanguageError) {
    var counts: [String: Int] = [:]
    for example in examples {
      counts[example.label, default: 0] += 1
    }
    try Self.check(counts)
    labels = counts.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    let numbers = Dictionary(uniqueKeysWithValues: labels.enumerated().map { ($1, $0) })
    targets = examples.map { numbers[$0.label] ?? 0 }
    let normaliser = Normaliser()
    let extractor = FeatureExtractor()
    var normalised = NormalisedText()
    var counter = GramCounter()
    var texts = CountedTexts()
    for (index, example) in examples.enumerated() {
      normalised.removeAll()
      normaliser.append(example.text, to: &normalised)
      extractor.count(normalised, into: &counter)
      texts.append(counter)
      if index % Self.reportEvery == 0 {
        progress(TrainingProgress(phase: .reading, completed: index, total: examples.count))
      }
    }
    self.texts = texts
  }

  private static func check(_ counts: [String: Int]) throws(LanguageError) {
    guard counts.count >= 2 else {
      throw LanguageError(
        .training, "the examples have \(counts.count) label(s), at least 2 are needed",
        remedy: "add examples of another label")
    }
    guard counts.count <= LanguageLimits.labels else {
      throw LanguageError(
        .training, "the examples have \(counts.count) labels, at most \(LanguageLimits.labels) are possible",
        remedy: "check that the label column holds labels, not texts")
    }
    let lonely = counts.filter { $0.value < 2 }.count
    guard lonely == 0 else {
      throw LanguageError(
        .training, "\(lonely) label(s) have a single example", remedy: "add examples to them or leave them out")
    }
  }
}
