/// What a training found, for people (`table()`) and programs (it is `Codable`).
///
/// All figures come from examples that the measured model had not seen. The cost was chosen on the same examples, which
/// flatters the accuracy by a few tenths of a percent at most; the calibration error is free of that (see `Calibration`).
public struct TrainingReport: Sendable, Equatable, Codable {
  public struct CostResult: Sendable, Equatable, Codable {
    public var cost: Double
    public var encoderWeight: Double
    /// Accuracy on held-out examples with this cost.
    public var accuracy: Double

    enum CodingKeys: String, CodingKey {
      case cost
      case encoderWeight = "encoder_weight"
      case accuracy
    }

    fileprivate var text: String {
      "\(cost)\(encoderWeight > 0 ? " with encoder \(encoderWeight)" : ""): \(Evaluation.percent(accuracy))"
    }
  }

  public var summary: TrainingSummary
  public var evaluation: Evaluation
  public var costs: [CostResult]
  public var heads: HeadAgreement
  /// The version of the model.
  public var version: String

  /// The report as lines for a terminal.
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
      evaluation.table(),
      evaluation.labelTable(),
    ]
    if let agreement = heads.table() {
      lines.append(agreement)
    }
    return lines.joined(separator: "\n")
  }
}

/// How the word-list heads agree with the urgency and sentiment that people gave, where they gave any. These heads are not
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

  /// The agreement as lines for a terminal, if people gave any.
  public func table() -> String? {
    let rows = [("urgency", urgencyRight, urgencyExamples), ("sentiment", sentimentRight, sentimentExamples)]
    let lines = rows.filter { $0.2 > 0 }.map { name, right, count in
      "word-list \(name)".padded(to: 29) + Evaluation.percent(Double(right) / Double(count)) + " of \(count)"
    }
    return lines.isEmpty ? nil : lines.joined(separator: "\n")
  }
}
