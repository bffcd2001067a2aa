/// How two stages work together, learned and measured on the same held-out examples: which messages go to the second stage,
/// and with what confidence it labels them.
struct StagedCalibration {
  /// Confidence after the first stage below which the second runs.
  let doubt: Float
  let temperature: Double
  let sharpening: PlattScaling
  let scopeThreshold: Float

  /// The accuracy that may be given up for running the second stage less often.
  static let accuracyLoss = 0.0005
  /// Doubt thresholds that are tried.
  private static let doubts = (1...100).map { Float($0) / 100 }

  /// The first stage's result for each held-out example, evaluated with parameters fitted on the other half.
  struct FirstStageResult {
    let outcomes: [Evaluation.Outcome]

    /// - Parameter held: examples with a label first, then those that belong to none.
    init(_ held: HeldOutMargins) { outcomes = Calibration.outcomes(held) }

    func isDoubtful(_ index: Int, below doubt: Float) -> Bool {
      outcomes[index].isRefused || outcomes[index].confidence < doubt
    }
  }

  /// - Parameters:
  ///   - second: the same examples as `look`, in the same order.
  ///   - indices: the labelled examples to learn from.
  init(_ look: FirstStageResult, second: HeldOutMargins, indices: [Int], doubt: Float) {
    let doubtful = indices.filter { look.isDoubtful($0, below: doubt) }
    // With few doubtful examples, all labelled ones are used.
    let learned = doubtful.count >= 100 ? doubtful : indices
    self.doubt = doubt
    temperature = Calibration.temperature(second, indices: learned)
    sharpening = Calibration.sharpening(second, indices: learned, temperature: temperature)
    let right = indices.count { index in
      look.isDoubtful(index, below: doubt) ? second.isRight(index) : look.outcomes[index].guess == second.truths[index]
    }
    scopeThreshold = Calibration.scopeThreshold(
      second.highestOfRight(doubtful), lost: Int(Double(right) * Calibration.scopeLoss))
  }

  /// Returns the lowest doubt threshold that gives up no more than `accuracyLoss`.
  static func doubt(_ look: FirstStageResult, second: HeldOutMargins) -> Float {
    let accuracies = doubts.map { accuracy(look, second: second, doubt: $0) }
    let best = accuracies.max() ?? 0
    return zip(doubts, accuracies).first { $0.1 >= best - accuracyLoss }?.0 ?? 1
  }

  /// Returns the share of labelled examples that are classified correctly with this doubt threshold.
  static func accuracy(_ look: FirstStageResult, second: HeldOutMargins, doubt: Float) -> Double {
    guard second.count > 0 else { return 0 }
    let right = (0..<second.count).count { index in
      look.isDoubtful(index, below: doubt) ? second.isRight(index) : look.outcomes[index].guess == second.truths[index]
    }
    return Double(right) / Double(second.count)
  }

  /// Returns the outcomes of both stages together. No example is evaluated with parameters fitted on it.
  static func outcomes(_ look: FirstStageResult, second: HeldOutMargins, doubt: Float) -> [Evaluation.Outcome] {
    let halves = [
      Array(stride(from: 1, to: second.count, by: 2)), Array(stride(from: 0, to: second.count, by: 2)),
    ].map { StagedCalibration(look, second: second, indices: $0, doubt: doubt) }
    let inside = (0..<second.count).map { index in
      guard look.isDoubtful(index, below: doubt) else { return look.outcomes[index] }
      let learned = halves[index % 2]
      return learned.outcome(second.row(index), truth: second.truths[index])
    }
    let outside = (0..<second.outsideCount).map { index in
      guard look.isDoubtful(second.count + index, below: doubt) else { return look.outcomes[second.count + index] }
      return halves[index % 2].outcome(second.outsideRow(index), truth: Evaluation.Outcome.outside)
    }
    return inside + outside
  }

  private func outcome(_ row: ArraySlice<Float>, truth: Int) -> Evaluation.Outcome {
    var (guess, probabilities) = Calibration.guess(row, temperature)
    sharpening.apply(to: &probabilities)
    return Evaluation.Outcome(
      truth: truth, guess: guess, confidence: probabilities[guess],
      isRefused: row.max() ?? -.infinity < scopeThreshold)
  }
}
