/// Chooses the second stage's parameters: the encoder's weight, whether its rows are whitened, the cost, the doubt threshold,
/// and finally the weight of the neighbours' votes. Each choice is judged by the accuracy of both stages together; no second
/// stage at all is a valid outcome.
struct SecondStageSearch {
  struct Outcome {
    let choice: TrainingChoice
    /// The weight of the neighbours' votes relative to the margins; 0 omits them.
    let neighbourShare: Double
    let calibration: StagedCalibration
    let evaluation: Evaluation
    /// The share of held-out examples that went to the second stage.
    let share: Double
    let results: [TrainingReport.CostResult]
  }

  /// Candidate weights of the neighbours' votes, in addition to 0.
  static let neighbourShares = [0.05, 0.1, 0.15]

  let fitting: HeldOutFitting
  let first: ChoiceSearch.Outcome

  /// - Returns: nil if the first stage alone does as well.
  func run(progress: (TrainingProgress) -> Void) throws(LanguageError) -> Outcome? {
    let set = fitting.set
    let weights = fitting.options.encoderWeights.filter { $0 > 0 }
    guard let sentences = set.sentences, !weights.isEmpty else { return nil }
    let look = StagedCalibration.FirstStageResult(first.held)
    let costs = fitting.options.costs
    // With many more features per row a smaller cost suffices; the search starts from the first stage's cost.
    let others = costs.filter { $0 != first.choice.cost && $0 <= first.choice.cost * 2 }
    let total = fitting.parts.count * (weights.count + 1 + others.count) + 1
    var done = 0
    progress(TrainingProgress(phase: .searchingSecond, completed: 0, total: total))
    func tell() {
      done += 1
      progress(TrainingProgress(phase: .searchingSecond, completed: done, total: total))
    }
    let dense = { (choice: TrainingChoice, kept: [Int]) in
      choice.isWhitened ? Whitening(sentences, indices: kept).apply(to: sentences) : sentences
    }
    var measured: [TrainingChoice: HeldOutMargins] = [:]
    let accuracy = { (held: HeldOutMargins) in
      StagedCalibration.accuracy(look, second: held, doubt: StagedCalibration.doubt(look, second: held))
    }
    try fitting.measure(
      weights.map { TrainingChoice(cost: first.choice.cost, encoderWeight: $0) }, into: &measured, dense: dense,
      tell: tell)
    guard let straight = measured.best(by: accuracy) else { return nil }
    let weight = straight.encoderWeight
    try fitting.measure(
      [TrainingChoice(cost: straight.cost, encoderWeight: weight, isWhitened: true)], into: &measured, dense: dense,
      tell: tell)
    guard let shaped = measured.best(by: accuracy) else { return nil }
    try fitting.measure(
      others.map { TrainingChoice(cost: $0, encoderWeight: weight, isWhitened: shaped.isWhitened) }, into: &measured,
      dense: dense, tell: tell)
    guard let choice = measured.best(by: accuracy), let held = measured[choice] else { return nil }
    let results = measured.map { choice, held in
      TrainingReport.CostResult(
        cost: choice.cost, encoderWeight: choice.encoderWeight, isWhitened: choice.isWhitened,
        accuracy: accuracy(held))
    }
    let votes = fitting.neighbourVotes { dense(choice, $0) }
    var best = (share: 0.0, held: held, accuracy: accuracy(held))
    for share in Self.neighbourShares {
      let voted = held.adding(Float(share), times: votes)
      let reached = accuracy(voted)
      if reached > best.accuracy { best = (share, voted, reached) }
    }
    tell()
    return outcome(choice, best.share, best.held, look, results)
  }

  private func outcome(
    _ choice: TrainingChoice, _ neighbourShare: Double, _ held: HeldOutMargins,
    _ look: StagedCalibration.FirstStageResult,
    _ results: [TrainingReport.CostResult]
  ) -> Outcome? {
    let doubt = StagedCalibration.doubt(look, second: held)
    guard StagedCalibration.accuracy(look, second: held, doubt: doubt) > first.held.accuracy() else { return nil }
    let all = Array(0..<held.count)
    let doubtful = all.count { look.isDoubtful($0, below: doubt) }
    return Outcome(
      choice: choice, neighbourShare: neighbourShare,
      calibration: StagedCalibration(look, second: held, indices: all, doubt: doubt),
      evaluation: Evaluation(
        outcomes: StagedCalibration.outcomes(look, second: held, doubt: doubt), labels: fitting.set.labels),
      share: Double(doubtful) / Double(max(1, all.count)),
      results: results.sorted {
        ($0.isWhitened ? 1 : 0, $0.encoderWeight, $0.cost) < ($1.isWhitened ? 1 : 0, $1.encoderWeight, $1.cost)
      })
  }
}
