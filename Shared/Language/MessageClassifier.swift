internal import DeskCore
internal import Synchronization

/// Labels messages: category by the trained model, urgency and sentiment by word lists, language by script.
///
/// It is pure, immutable and bounded: the same text always gets the same labels, any number of tasks may share one value,
/// and a text of any length costs at most what `LanguageLimits` allows. Texts are independent of each other; a batch only
/// shares its scratch memory.
///
/// With the encoder that the model was trained with, messages with low confidence after the first stage go through a second stage.
public struct MessageClassifier: Sendable {
  public let model: LinearModel
  private let again: SecondStageClassifier?
  private let normaliser = Normaliser()
  private let extractor: FeatureExtractor
  private let urgencyHead = UrgencyHead()
  private let sentimentHead = SentimentHead()
  /// Category and intent of each label.
  private let parts: [(category: String, intent: String)]

  /// - Parameter encoder: used if the model has a second stage that was trained with it, and ignored otherwise.
  public init(model: LinearModel, encoder: SentenceEncoder? = nil) {
    self.model = model
    extractor = FeatureExtractor(hanGrams: model.hanGrams)
    if let stage = model.second, let encoder, encoder.fingerprint == stage.fingerprint {
      again = SecondStageClassifier(stage: stage, encoder: encoder)
    } else {
      again = nil
    }
    parts = model.labels.map { label in
      let scalars = label.unicodeScalars
      guard let slash = scalars.firstIndex(of: "/") else { return (label, label) }
      return (String(scalars[..<slash]), String(scalars[scalars.index(after: slash)...]))
    }
  }

  /// Whether low-confidence messages go through a second stage.
  public var looksAgain: Bool { again != nil }

  /// Whether the labels come from the first stage although the second stage should have followed.
  public func isInDoubt(_ labels: MessageLabels) -> Bool {
    guard let again else { return false }
    return labels.stage == 1 && labels.confidence < again.stage.doubt
  }

  /// Returns one `MessageLabels` per message, in order. An empty text is out of scope and its language is `und`.
  ///
  /// - Parameter mayGoOn: called before each group of the second stage, least confident messages first; once it returns
  ///   false, the remaining messages keep the first stage's labels.
  public func labels(for messages: [MessageText], mayGoOn: () -> Bool = { true }) -> [MessageLabels] {
    var result: [MessageLabels] = []
    result.reserveCapacity(messages.count)
    look(at: messages, mayGoOn: mayGoOn) { place, scratch in
      let labels = labels(&scratch)
      if place < result.count { result[place] = labels } else { result.append(labels) }
    }
    return result
  }

  /// Labels messages and searches articles for some of them: each message is normalised once for both.
  ///
  /// - Parameters:
  ///   - index: nil for no articles.
  ///   - isSearched: whether articles are wanted for the message at a place; the others get none.
  ///   - mayGoOn: as in `labels(for:mayGoOn:)`.
  /// - Returns: one of each per message, in order.
  public func labels(
    for messages: [MessageText], articles index: ArticleIndex?, for isSearched: (Int) -> Bool, mayGoOn: () -> Bool
  ) -> (labels: [MessageLabels], articles: [[ArticleIndex.Match]]) {
    var result: [MessageLabels] = []
    var articles = [[ArticleIndex.Match]](repeating: [], count: messages.count)
    result.reserveCapacity(messages.count)
    var search = ArticleScratch()
    look(at: messages, mayGoOn: mayGoOn) { place, scratch in
      let labels = labels(&scratch)
      guard place == result.count else {
        result[place] = labels
        return
      }
      result.append(labels)
      guard let index, isSearched(place) else { return }
      let message = messages[place]
      articles[place] =
        if message.fitsWhole { index.search(message.whole, scratch.text, using: &search) } else {
          index.search(message.whole)
        }
    }
    return (result, articles)
  }

  public func labels(for texts: [String]) -> [MessageLabels] {
    labels(for: texts.map { MessageText(text: $0) })
  }

  /// Compares the model with labels given by people. Labels that the model does not know count as errors.
  public func evaluate(_ examples: [LabelledExample]) -> (evaluation: Evaluation, heads: HeadAgreement) {
    let places = Dictionary(uniqueKeysWithValues: model.labels.enumerated().map { ($1, $0) })
    var outcomes: [Evaluation.Outcome] = []
    outcomes.reserveCapacity(examples.count)
    look(at: examples.map { MessageText(text: $0.text) }, mayGoOn: { true }) { place, scratch in
      let truth = examples[place]
      let guess = scratch.probabilities.indices.max { scratch.probabilities[$0] < scratch.probabilities[$1] } ?? 0
      let outcome = Evaluation.Outcome(
        truth: truth.isOutOfScope ? Evaluation.Outcome.outside : places[truth.label] ?? Evaluation.Outcome.unknown,
        guess: guess, confidence: scratch.probabilities[guess], isRefused: scratch.isOutOfScope)
      if place < outcomes.count { outcomes[place] = outcome } else { outcomes.append(outcome) }
    }
    return (Evaluation(outcomes: outcomes, labels: model.labels), HeadAgreement(examples))
  }
}

// MARK: - One message

extension MessageClassifier {
  /// Scratch memory that is reused between messages.
  private struct Scratch {
    var text = NormalisedText()
    var counter = GramCounter()
    var pooling = TokenTable.Scratch()
    var margins: [SIMD8<Float>] = []
    /// The share of the message's n-grams that did not occur in training.
    var unfamiliar: Float = 0
    var isOutOfScope = false
    var stage = 1
    var probabilities: [Float] = []
    var matches: [PhraseMatcher.Match] = []
  }

  /// Calls `body` for each message in order after the first stage, then once more for each message of the second stage.
  private func look(
    at messages: [MessageText], mayGoOn: () -> Bool, _ body: (Int, inout Scratch) -> Void
  ) {
    var scratch = Scratch()
    var doubts: [(place: Int, confidence: Float)] = []
    for (place, message) in messages.enumerated() {
      read(message, &scratch)
      predict(&scratch)
      if let again, !scratch.text.scalars.isEmpty {
        let confidence = scratch.isOutOfScope ? 0 : scratch.probabilities.max() ?? 0
        if confidence < again.stage.doubt { doubts.append((place, confidence)) }
      }
      body(place, &scratch)
    }
    guard let again, !doubts.isEmpty else { return }
    doubts.sort { ($0.confidence, $0.place) < ($1.confidence, $1.place) }
    scratch.stage = 2
    for first in stride(from: 0, to: doubts.count, by: LanguageLimits.lookedAtTogether) {
      guard mayGoOn() else { return }
      let few = doubts[first..<min(first + LanguageLimits.lookedAtTogether, doubts.count)]
      let views = again.look(at: few.map { messages[$0.place] })
      for ((place, _), view) in zip(few, views) {
        read(messages[place], &scratch)
        extractor.count(scratch.text, into: &scratch.counter)
        scratch.unfamiliar = model.unfamiliar(scratch.counter)
        scratch.isOutOfScope = model.lookAgain(
          again.stage, scratch.counter, view: view, into: &scratch.probabilities)
        body(place, &scratch)
      }
    }
  }

  private func read(_ message: MessageText, _ scratch: inout Scratch) {
    scratch.text.removeAll()
    if let subject = message.subject {
      normaliser.append(subject, to: &scratch.text)
    }
    normaliser.append(message.text, to: &scratch.text)
  }

  private func predict(_ scratch: inout Scratch) {
    extractor.count(scratch.text, into: &scratch.counter)
    let isKnown = model.margins(of: scratch.counter, into: &scratch.margins)
    scratch.unfamiliar = model.unfamiliar(scratch.counter)
    if let encoder = model.encoder {
      encoder.table.pool(scratch.text, into: &scratch.pooling)
      model.add(encoder, scratch.pooling, to: &scratch.margins)
    }
    // A text without known features would only get the labels' biases.
    scratch.isOutOfScope = !isKnown || model.isOutOfScope(scratch.margins)
    model.probabilities(of: scratch.margins, into: &scratch.probabilities)
  }

  private func labels(_ scratch: inout Scratch) -> MessageLabels {
    let best = Self.best(scratch.probabilities, count: LanguageLimits.guesses)
    let isOutOfScope = scratch.isOutOfScope
    return MessageLabels(
      category: isOutOfScope ? MessageLabels.outOfScope : parts[best[0]].category,
      intent: isOutOfScope ? MessageLabels.outOfScope : parts[best[0]].intent,
      confidence: isOutOfScope ? 0 : scratch.probabilities[best[0]],
      guesses: best.map { MessageLabels.Guess(category: model.labels[$0], probability: scratch.probabilities[$0]) },
      urgency: urgencyHead.level(of: scratch.text, scratch: &scratch.matches),
      sentiment: sentimentHead.polarity(of: scratch.text, scratch: &scratch.matches),
      language: MessageLanguage(of: scratch.text).rawValue, modelVersion: model.version, stage: scratch.stage,
      unfamiliar: scratch.unfamiliar)
  }

  /// Returns the indices of the highest values, highest first; ties go to the lower index.
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

/// A model's second stage with its encoder. One task at a time uses the encoder's workspace.
private final class SecondStageClassifier: Sendable {
  let stage: SecondStage
  private let encoder: SentenceEncoder
  private let neighbours: NeighbourSearch?
  private let workspace: Mutex<EncoderWorkspace>

  init(stage: SecondStage, encoder: SentenceEncoder) {
    self.stage = stage
    self.encoder = encoder
    neighbours = stage.neighbours.map { NeighbourSearch($0) }
    workspace = Mutex(EncoderWorkspace(encoder))
  }

  /// Returns one view per message.
  func look(at messages: [MessageText]) -> [SentenceView] {
    let texts = messages.map(\.whole)
    let rows = workspace.withLock { encoder.encode(texts, in: $0) }
    let blocks = encoder.dimensions / 8
    let sentences = texts.indices.map { place in
      let sentence = rows[place * blocks..<(place + 1) * blocks]
      return stage.whitening.map { $0.apply(to: sentence)[...] } ?? sentence
    }
    let votes = neighbours?.votes(of: sentences, blocks: stage.bias.count)
    return sentences.enumerated().map { SentenceView(row: $1, votes: votes?[$0]) }
  }
}

extension MessageClassifier: CustomStringConvertible {
  /// Short, like its model's description.
  public var description: String { "MessageClassifier(\(model))" }
}
