/// Learns a `LinearModel` from labelled examples.
///
/// Examples are held out to choose cost and weights by accuracy, to calibrate, and to measure; the vocabulary and its weights are
/// learned without them each time. The model itself is then fitted to all examples. Equal examples and options yield an
/// identical model, byte for byte. Nothing is printed; progress is reported to a callback.
public struct Trainer: Sendable {
  public let options: TrainingOptions

  public init(options: TrainingOptions = TrainingOptions()) { self.options = options }

  /// - Throws: `LanguageError` with code `training` if there are fewer than two labels with two examples, too many
  ///   labels, or impossible options.
  public func train(
    _ examples: [LabelledExample], progress: (TrainingProgress) -> Void = { _ in }
  ) throws(LanguageError) -> TrainingOutcome {
    let pairs = try TrainingSet(examples, encoder: options.encoder, progress: progress)
    let set = try HanGramSearch(options: options, pairs: pairs).run(examples, progress: progress)
    let fitting = try HeldOutFitting(options: options, set: set)
    let search = try ChoiceSearch(fitting: fitting).run(progress: progress)
    let second = try SecondStageSearch(fitting: fitting, first: search).run(progress: progress)
    let fits = second == nil ? 1 : 2
    progress(TrainingProgress(phase: .fitting, completed: 0, total: fits))
    let space = FeatureSpace(
      documents: set.texts, indices: Array(0..<set.texts.count), minimumDocuments: options.minimumDocuments)
    var parts = try fit(set, search, space)
    progress(TrainingProgress(phase: .fitting, completed: 1, total: fits))
    if let second {
      parts.second = fit(set, second, space)
      progress(TrainingProgress(phase: .fitting, completed: 2, total: fits))
    }
    let evaluation = second?.evaluation ?? search.evaluation
    let summary = TrainingSummary(
      examples: set.texts.count, features: space.count, seed: options.seed, cost: search.choice.cost,
      encoderWeight: search.choice.encoderWeight, temperature: Double(parts.temperature), folds: search.folds,
      heldOut: search.held.count, accuracy: evaluation.accuracy, macroF1: evaluation.macroF1,
      expectedCalibrationError: evaluation.expectedCalibrationError, automaticShareAt95: evaluation.automaticShareAt95)
    let model = LinearModel(parts, summary: summary)
    return TrainingOutcome(
      model: model,
      report: TrainingReport(
        summary: summary, evaluation: evaluation, costs: search.results,
        secondStage: second.map { TrainingReport.SecondStageResult($0, first: search.evaluation) },
        heads: HeadAgreement(examples), version: model.version, lonelyLabels: set.lonely))
  }

  /// Fits the first stage to all examples with the chosen parameters.
  private func fit(
    _ set: TrainingSet, _ search: ChoiceSearch.Outcome, _ space: FeatureSpace
  ) throws(LanguageError) -> LinearModel.Parts {
    let all = Array(0..<set.texts.count)
    let weight = Float(search.choice.encoderWeight)
    let distilled = weight > 0 ? set.distillation.map { (by: $0, map: $0.learn(from: all)) } : nil
    let rows = TrainingRows(
      documents: set.texts, indices: all, space: space,
      pooled: distilled.map { WeightedPool(texts: $0.by.pooled(by: $0.map), weight: weight) })
    let fitted = try LinearSolver.train(
      rows, labels: set.targets, labelCount: set.labels.count, cost: search.choice.cost, seed: options.seed)
    let blocks = LinearModel.blocks(labels: set.labels.count)
    var encoder: LinearModel.EncoderPart?
    if let distilled {
      encoder = LinearModel.EncoderPart(
        table: distilled.by.table(of: distilled.map),
        weights: fitted.weights[(space.count * blocks)...].map { $0 * weight })
    }
    let held = Array(0..<search.held.count)
    let temperature = Calibration.temperature(search.held, indices: held)
    return LinearModel.Parts(
      labels: set.labels, temperature: Float(temperature),
      sharpening: Calibration.sharpening(search.held, indices: held, temperature: temperature),
      hanGrams: set.hanGrams, space: space,
      weights: Array(fitted.weights.prefix(space.count * blocks)), bias: fitted.bias, encoder: encoder,
      scopeThreshold: Calibration.scopeThreshold(search.held, indices: held), second: nil)
  }

  /// Fits the second stage to all examples.
  private func fit(_ set: TrainingSet, _ search: SecondStageSearch.Outcome, _ space: FeatureSpace) -> SecondStage? {
    guard let sentences = set.sentences, let encoder = options.encoder?.encoder else { return nil }
    let all = Array(0..<set.texts.count)
    let whitening = search.choice.isWhitened ? Whitening(sentences, indices: all) : nil
    let weight = Float(search.choice.encoderWeight)
    let seen = whitening?.apply(to: sentences) ?? sentences
    let rows = TrainingRows(
      documents: set.texts, indices: all, space: space, pooled: WeightedPool(texts: seen, weight: weight))
    let fitted = DualSolver.train(
      rows, labels: set.targets, labelCount: set.labels.count, cost: search.choice.cost, seed: options.seed)
    let blocks = LinearModel.blocks(labels: set.labels.count)
    let calibration = search.calibration
    return SecondStage(
      fingerprint: encoder.fingerprint, doubt: calibration.doubt, whitening: whitening,
      grams: ByteWeights(fitted.weights.prefix(space.count * blocks), blocks: blocks),
      sentences: fitted.weights[(space.count * blocks)...].map { $0 * weight }, bias: fitted.bias,
      neighbours: search.neighbourShare > 0
        ? Neighbours(seen, indices: all, labels: set.targets, share: Float(search.neighbourShare)) : nil,
      temperature: Float(calibration.temperature), sharpening: calibration.sharpening,
      scopeThreshold: calibration.scopeThreshold)
  }
}

/// A trained model and its report.
public struct TrainingOutcome: Sendable {
  public let model: LinearModel
  public let report: TrainingReport
}
