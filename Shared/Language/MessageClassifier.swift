/// Labels messages: category by the trained model, urgency and sentiment by their word lists, language by the writing.
///
/// It is pure, immutable and bounded: the same text always gets the same labels, any number of tasks may share one value,
/// and a text of any length costs at most what `LanguageLimits` allows. Texts are independent of each other; a batch only
/// shares its scratch memory.
public struct MessageClassifier: Sendable {
  public let model: LinearModel
  private let normaliser = Normaliser()
  private let extractor = FeatureExtractor()
  private let urgencyHead = UrgencyHead()
  private let sentimentHead = SentimentHead()
  /// Category and intent of each label.
  private let parts: [(category: String, intent: String)]

  public init(model: LinearModel) {
    self.model = model
    parts = model.labels.map { label in
      guard let slash = label.firstIndex(of: "/") else { return (label, label) }
      return (String(label[..<slash]), String(label[label.index(after: slash)...]))
    }
  }

  /// One `MessageLabels` per message, in order. An empty text is out of scope and its language `und`.
  public func labels(for messages: [MessageText]) -> [MessageLabels] {
    var scratch = Scratch()
    return messages.map { message in
      scratch.text.removeAll()
      if let subject = message.subject {
        normaliser.append(subject, to: &scratch.text)
      }
      normaliser.append(message.text, to: &scratch.text)
      return labels(&scratch)
    }
  }

  public func labels(for texts: [String]) -> [MessageLabels] {
    labels(for: texts.map { MessageText(text: $0) })
  }

  /// Compares the model with what people said. Labels that the model does not know count as errors.
  public func evaluate(_ examples: [LabelledExample]) -> (evaluation: Evaluation, heads: HeadAgreement) {
    let places = Dictionary(uniqueKeysWithValues: model.labels.enumerated().map { ($1, $0) })
    var scratch = Scratch()
    let outcomes = examples.map { example in
      scratch.text.removeAll()
      normaliser.append(example.text, to: &scratch.text)
      predict(&scratch)
      let guess = scratch.probabilities.indices.max { scratch.probabilities[$0] < scratch.probabilities[$1] } ?? 0
      return Evaluation.Outcome(
        truth: example.isOutOfScope ? Evaluation.Outcome.outside : places[example.label] ?? Evaluation.Outcome.unknown,
        guess: guess, confidence: scratch.probabilities[guess], isRefused: scratch.isOutOfScope)
    }
    return (Evaluation(outcomes: outcomes, labels: model.labels), HeadAgreement(examples))
  }
}

// MARK: - One message

extension MessageClassifier {
  /// Memory that is reused from message to message.
  private struct Scratch {
    var text = NormalisedText()
    var counter = GramCounter()
    var pooling = TokenTable.Scratch()
    var margins: [SIMD8<Float>] = []
    var isOutOfScope = false
    var probabilities: [Float] = []
    var matches: [PhraseMatcher.Match] = []
  }

  private func predict(_ scratch: inout Scratch) {
    extractor.count(scratch.text, into: &scratch.counter)
    let isKnown = model.margins(of: scratch.counter, into: &scratch.margins)
    if let encoder = model.encoder {
      encoder.table.pool(scratch.text, into: &scratch.pooling)
      model.add(encoder, scratch.pooling, to: &scratch.margins)
    }
    // A text of which nothing is known would only get the labels' starting odds.
    scratch.isOutOfScope = !isKnown || model.isOutOfScope(scratch.margins)
    model.probabilities(of: scratch.margins, into: &scratch.probabilities)
  }

  private func labels(_ scratch: inout Scratch) -> MessageLabels {
    predict(&scratch)
    let best = Self.best(scratch.probabilities, count: LanguageLimits.guesses)
    let isOutOfScope = scratch.isOutOfScope
    return MessageLabels(
      category: isOutOfScope ? MessageLabels.outOfScope : parts[best[0]].category,
      intent: isOutOfScope ? MessageLabels.outOfScope : parts[best[0]].intent,
      confidence: isOutOfScope ? 0 : scratch.probabilities[best[0]],
      guesses: best.map { MessageLabels.Guess(category: model.labels[$0], probability: scratch.probabilities[$0]) },
      urgency: urgencyHead.level(of: scratch.text, scratch: &scratch.matches),
      sentiment: sentimentHead.polarity(of: scratch.text, scratch: &scratch.matches),
      language: MessageLanguage(of: scratch.text).rawValue, modelVersion: model.version)
  }

  /// The places of the highest values, highest first; of equals the earlier one.
  static func best(_ values: [Float], count: Int) -> [Int] {
    var best: [Int] = []
    best.reserveCapacity(count + 1)
    for index in values.indices {
      if best.count == count, let last = best.last, values[index] <= values[last] { continue }
      let place = best.firstIndex { values[index] > values[$0] } ?? best.count
      best.insert(index, at: place)
      if best.count > count {
        best.removeLast()
      }
    }
    return best
  }
}
