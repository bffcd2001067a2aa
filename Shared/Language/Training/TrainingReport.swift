internal import DeskCore

/// The results of a training run, for people (`table()`) and programs (it is `Codable`).
///
/// All figures come from examples that the measured model had not seen. The cost was chosen on the same examples, which
/// inflates the accuracy by a few tenths of a percent at most; the calibration error is not affected (see `Calibration`).
public struct TrainingReport: Sendable, Equatable, Codable {
  public struct CostResult: Sendable, Equatable, Codable {
    public var cost: Double
    public var encoderWeight: Double
    /// Whether sentence rows were whitened; second stage only.
    public var isWhitened = false
    /// Accuracy on held-out examples with this cost, of both stages if there are two.
    public var accuracy: Double

    enum CodingKeys: String, CodingKey {
      case cost
      case encoderWeight = "encoder_weight"
      case isWhitened = "whitened"
      case accuracy
    }

    fileprivate var text: String {
      let encoder = encoderWeight > 0 ? " with encoder \(encoderWeight)\(isWhitened ? " whitened" : "")" : ""
      return "\(cost)\(encoder): \(Evaluation.percent(accuracy))"
    }
  }

  /// The second stage's results. `evaluation` then covers both stages together.
  public struct SecondStageResult: Sendable, Equatable, Codable {
    public var cost: Double
    public var encoderWeight: Double
    public var isWhitened: Bool
    /// The weight of the neighbours' votes relative to the margins; 0 if they are not used.
    public var neighbourShare: Double
    /// Confidence after the first stage below which the second runs.
    public var doubt: Double
    /// The share of held-out examples that went to the second stage.
    public var share: Double
    /// The first stage's figures alone.
    public var firstStage: Evaluation
    public var costs: [CostResult]

    enum CodingKeys: String, CodingKey {
      case cost
      case encoderWeight = "encoder_weight"
      case isWhitened = "whitened"
      case neighbourShare = "neighbour_share"
      case doubt, share
      case firstStage = "first_stage"
      case costs
    }

    init(_ outcome: SecondStageSearch.Outcome, first: Evaluation) {
      cost = outcome.choice.cost
      encoderWeight = outcome.choice.encoderWeight
      isWhitened = outcome.choice.isWhitened
      neighbourShare = outcome.neighbourShare
      doubt = Double(outcome.calibration.doubt)
      share = outcome.share
      firstStage = first
      costs = outcome.results
    }

    fileprivate var lines: [String] {
      [
        "second stage                 cost \(cost), encoder weight \(encoderWeight)\(isWhitened ? ", whitened" : "")"
          + (neighbourShare > 0 ? ", neighbour weight \(neighbourShare)" : ""),
        "used below confidence        \(Evaluation.decimal(doubt, places: 2)), for "
          + "\(Evaluation.percent(share)) of messages",
        "accuracy of both, by cost    \(costs.map(\.text).joined(separator: "   "))",
        "first stage alone            accuracy \(Evaluation.percent(firstStage.accuracy)), calibration error "
          + "\(Evaluation.percent(firstStage.expectedCalibrationError)), automatic "
          + Evaluation.percent(firstStage.automaticShareAt95),
      ]
    }
  }

  public var summary: TrainingSummary
  public var evaluation: Evaluation
  public var costs: [CostResult]
  public var secondStage: SecondStageResult?
  public var heads: HeadAgreement
  /// The version of the model.
  public var version: String
  /// Labels with a single example: learned, but their accuracy is unknown.
  public var lonelyLabels: [String]

  enum CodingKeys: String, CodingKey {
    case summary, evaluation, costs
    case secondStage = "second_stage"
    case heads, version
    case lonelyLabels = "single_example_labels"
  }

  private static let lonelyLabelsNamed = 10

  /// Returns the report as lines for a terminal.
  public func table() -> String {
    let searched = costs.map(\.text).joined(separator: "   ")
    var lines = [
      "model                        \(version)",
      "trained on                   \(summary.examples) examples, \(evaluation.labels.count) labels, "
        + "\(summary.features) features, seed \(summary.seed)",
      "held out                     \(summary.heldOut) examples in \(summary.folds) part(s)",
      "accuracy by cost             \(searched)",
      "chosen                       cost \(summary.cost), encoder weight \(summary.encoderWeight), temperature "
        + Evaluation.decimal(summary.temperature, places: 2),
    ]
    lines += secondStage?.lines ?? []
    lines += [evaluation.table(), evaluation.labelTable()]
    if let agreement = heads.table() {
      lines.append(agreement)
    }
    if !lonelyLabels.isEmpty {
      let names = lonelyLabels.prefix(Self.lonelyLabelsNamed).joined(separator: ", ")
      let rest = lonelyLabels.count > Self.lonelyLabelsNamed ? ", ..." : ""
      lines.append(
        "warning: \(lonelyLabels.count) label(s) have a single example (\(names)\(rest)); they will rarely be "
          + "predicted, and their accuracy is unknown. Add examples for them, or remove them.")
    }
    return lines.joined(separator: "\n")
  }
}

/// How the word-list heads agree with the urgency and sentiment labels given by people, if any. These heads are not
/// trained, so all examples count.
public struct HeadAgreement: Sendable, Equatable, Codable {
  public var urgencyExamples = 0
  public var urgencyRight = 0
  public var sentimentExamples = 0
  public var sentimentRight = 0

  enum CodingKeys: String, CodingKey {
    case urgencyExamples = "urgency_examples"
    case urgencyRight = "urgency_right"
    case sentimentExamples = "sentiment_examples"
    case sentimentRight = "sentiment_right"
  }

  public init(_ examples: [LabelledExample]) {
    let normaliser = Normaliser()
    let urgencyHead = UrgencyHead()
    let sentimentHead = SentimentHead()
    var normalised = NormalisedText()
    for example in examples where example.urgency != nil || example.sentiment != nil {
      normalised.removeAll()
      normaliser.append(example.text, to: &normalised)
      if let urgency = example.urgency {
        urgencyExamples += 1
        urgencyRight += urgencyHead.assess(normalised).level == urgency ? 1 : 0
      }
      if let sentiment = example.sentiment {
        sentimentExamples += 1
        sentimentRight += sentimentHead.assess(normalised).polarity == sentiment ? 1 : 0
      }
    }
  }

  /// Returns the agreement as lines for a terminal, if there are such labels.
  public func table() -> String? {
    let rows = [("urgency", urgencyRight, urgencyExamples), ("sentiment", sentimentRight, sentimentExamples)]
    let lines = rows.filter { $0.2 > 0 }.map { name, right, count in
      "word-list \(name)".padded(to: 29) + Evaluation.percent(Double(right) / Double(count)) + " of \(count)"
    }
    return lines.isEmpty ? nil : lines.joined(separator: "\n")
  }
}
