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
    let set = try TrainingSet(examples, encoder: options.encoder?.table, progress: progress)
    let search = try ChoiceSearch(options: options, set: set).run(progress: progress)
    progress(TrainingProgress(phase: .fitting, completed: 0, total: 1))
    let model = try fit(set, search)
    progress(TrainingProgress(phase: .fitting, completed: 1, total: 1))
    return TrainingOutcome(
      model: model,
      report: TrainingReport(
        summary: model.summary, evaluation: search.evaluation, costs: search.results,
        heads: HeadAgreement(examples), version: model.version))
  }

  /// The model of all examples with what the search chose.
  private func fit(_ set: TrainingSet, _ search: ChoiceSearch.Outcome) throws(LanguageError) -> LinearModel {
    let all = Array(0..<set.texts.count)
    let space = FeatureSpace(documents: set.texts, indices: all, minimumDocuments: options.minimumDocuments)
    let rows = TrainingRows(
      documents: set.texts, indices: all, space: space, pooled: set.pooled(weight: search.choice.encoderWeight))
    let fitted = try LinearSolver.train(
      rows, labels: set.targets, labelCount: set.labels.count, cost: search.choice.cost, seed: options.seed)
    let blocks = LinearModel.blocks(labels: set.labels.count)
    var encoder: LinearModel.EncoderPart?
    if search.choice.encoderWeight > 0, let table = options.encoder?.table {
      let weight = Float(search.choice.encoderWeight)
      encoder = LinearModel.EncoderPart(
        table: table, weights: fitted.weights[(space.count * blocks)...].map { $0 * weight })
    }
    let weights = Array(fitted.weights.prefix(space.count * blocks))
    let held = Array(0..<search.held.count)
    let temperature = Calibration.temperature(search.held, indices: held)
    let sharpening = Calibration.sharpening(search.held, indices: held, temperature: temperature)
    let scopeThreshold = Calibration.scopeThreshold(search.held, indices: held)
    let evaluation = search.evaluation
    let summary = TrainingSummary(
      examples: set.texts.count, features: space.count, seed: options.seed, cost: search.choice.cost,
      encoderWeight: search.choice.encoderWeight, temperature: temperature, folds: search.folds,
      heldOut: search.held.count, accuracy: evaluation.accuracy, macroF1: evaluation.macroF1,
      expectedCalibrationError: evaluation.expectedCalibrationError, automaticShareAt95: evaluation.automaticShareAt95)
    return LinearModel(
      labels: set.labels, temperature: Float(temperature), sharpening: sharpening, summary: summary,
      version: ModelFile.version(
        labels: set.labels, temperature: Float(temperature), sharpening: sharpening, scopeThreshold: scopeThreshold,
        space: space,
        weights: weights, bias: fitted.bias, encoder: encoder),
      space: space, weights: weights, bias: fitted.bias, encoder: encoder, scopeThreshold: scopeThreshold)
  }
}

/// A trained model and what is known about it.
public struct TrainingOutcome: Sendable {
  public let model: LinearModel
  public let report: TrainingReport
}
