import DeskCore
import Language
import Observability
import ServiceProcess
import SystemPrimitives
import Wire

/// Labels batches, and counts what it labelled.
struct Labeller: Sendable {
  /// Labels of items that are on their way to a router, kept so that they can be written to the database if no router takes them.
  let held = HeldLabels()

  /// How busy this classifier is.
  private let work: WorkMeter
  private let model: LiveModel
  private let articles: LiveArticles
  private let secondLooks: SharedSecondStageBudget
  private let drift: DriftMetrics
  private let shadow: Shadow
  private let again: CounterMetric
  private let leftInDoubt: CounterMetric
  private let labelled: CounterMetric
  private let seconds: HistogramMetric
  private let batchSize: HistogramMetric

  init(
    _ model: LiveModel, articles: LiveArticles, secondLooks: SharedSecondStageBudget, drift: DriftMetrics,
    shadow: Shadow, metrics: MetricsRegistry, work: WorkMeter = WorkMeter()
  ) {
    self.work = work
    self.model = model
    self.articles = articles
    self.secondLooks = secondLooks
    self.drift = drift
    self.shadow = shadow
    again = metrics.counter(
      "frontdesk_classifier_second_looks_total", help: "Uncertain messages that went through the second stage.")
    leftInDoubt = metrics.counter(
      "frontdesk_classifier_left_in_doubt_total",
      help: "Uncertain messages that kept their first-stage labels because the time budget was used up.")
    labelled = metrics.counter("frontdesk_classifier_labelled_total", help: "Messages labelled.")
    seconds = metrics.histogram("frontdesk_classifier_batch_seconds", help: "Time to label one batch.")
    batchSize = metrics.histogram(
      "frontdesk_classifier_batch_messages", help: "Messages labelled together.", buckets: MetricsRegistry.sizeBuckets)
  }

  /// Labels for each message, in order.
  func labels(for messages: [MessageText]) -> [MessageLabels] {
    labels(for: messages, words: nil) { _ in false }.labels
  }

  private func labels(
    for messages: [MessageText], words: ArticleIndex?, _ isSearched: (Int) -> Bool
  ) -> (labels: [MessageLabels], articles: [[ArticleIndex.Match]]) {
    let began = ContinuousClock.now
    var turn = secondLooks.turn()
    var isCut = false
    let classifier = model.classifier
    let (labels, articles) = classifier.labels(for: messages, articles: words, for: isSearched) {
      isCut = !turn.mayGoOn()
      return !isCut
    }
    turn.end()
    seconds.observe(ContinuousClock.now - began)
    batchSize.observe(Double(messages.count))
    labelled.increment(by: Double(messages.count))
    again.increment(by: Double(labels.count { $0.stage == 2 }))
    if isCut { leftInDoubt.increment(by: Double(labels.count { classifier.isInDoubt($0) })) }
    drift.observe(labels)
    shadow.show(messages, labels: labels)
    return (labels, articles)
  }

  /// Labels and articles for each message, in order.
  func label(_ messages: [UnlabelledText]) -> [LinkLabels] {
    work.begin(1)
    defer { work.end(1, items: messages.count) }
    let index = articles.index
    // With an encoder, articles are searched afterwards, in the time that the second stage leaves.
    let words = index?.blended == nil ? index?.words : nil
    var (labels, articles) = labels(for: messages.map(\.message), words: words) { messages[$0].opensTicket }
    if let index, index.blended != nil {
      var turn = secondLooks.turn()
      for (place, message) in messages.enumerated() where message.opensTicket {
        articles[place] = index.search(message.message.whole) { turn.mayGoOn() }
      }
      turn.end()
    }
    return zip(labels, articles).map { LinkLabels($0, articles: $1) }
  }

  /// Whether these messages are labelled in a millisecond or two.
  func isBrief(_ items: [LinkItem]) -> Bool {
    items.count <= ClassifierBounds.itemsLabelledInPlace && model.encoder == nil && articles.index?.blended == nil
      && items.reduce(0) { $0 + $1.text.utf8.count } <= ClassifierBounds.bytesLabelledInPlace
  }

  /// Returns the items with their labels.
  func label(_ items: [LinkItem]) -> [LinkItem] {
    zip(items, label(items.map { UnlabelledText($0) })).map { $0.labelled($1) }
  }
}

/// What a classifier reads of a message.
struct UnlabelledText: Sendable {
  let message: MessageText
  /// Later messages of a conversation are answered by the agent who has it, so they get no articles.
  let opensTicket: Bool

  /// - Parameter subject: empty if there is none.
  init(subject: String, text: String, opensTicket: Bool) {
    message = MessageText(subject: subject.isEmpty ? nil : subject, text: text)
    self.opensTicket = opensTicket
  }

  init(_ item: LinkItem) {
    self.init(subject: item.subject, text: item.text, opensTicket: item.opensTicket)
  }
}

extension LinkLabels {
  /// Converts the model's output to what the next stage gets.
  init(_ labels: MessageLabels, articles: [ArticleIndex.Match]) {
    self.init()
    category = labels.category
    intent = labels.intent
    confidence = labels.confidence
    urgency = Int32(labels.urgency)
    sentiment = Int32(labels.sentiment)
    language = labels.language
    modelVersion = labels.modelVersion
    guesses = labels.guesses.map { Guess($0.category, probability: $0.probability) }
    articleIDs = articles.map(\.identifier)
    articleCoverages = articles.map(\.coverage)
  }
}

extension Labels {
  /// Converts the model's output to the system's labels.
  init(_ labels: MessageLabels) {
    self.init(
      category: labels.category, intent: labels.intent, confidence: Double(labels.confidence),
      urgency: Urgency(rawValue: labels.urgency) ?? .normal,
      sentiment: Sentiment(rawValue: labels.sentiment) ?? .neutral, language: labels.language,
      modelVersion: labels.modelVersion)
  }
}
