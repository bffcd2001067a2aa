import DeskCore
import Language
import Observability
import ServiceProcess
import SwiftProtobuf
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
    let began = ContinuousClock.now
    var turn = secondLooks.turn()
    var isCut = false
    let classifier = model.classifier
    let labels = classifier.labels(for: messages) {
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
    return labels
  }

  /// Returns the items with their labels filled in.
  func label(_ items: [WireWorkItem]) -> [WireWorkItem] {
    work.begin(1)
    defer { work.end(1, items: items.count) }
    let index = articles.index
    let texts = items.map { MessageText(subject: $0.subject.isEmpty ? nil : $0.subject, text: $0.text) }
    let labelled = labels(for: texts)
    var turn = secondLooks.turn()
    defer { turn.end() }
    return zip(items, labelled).map { item, labels in
      var item = item
      item.labels = .with {
        $0.category = labels.category
        $0.intent = labels.intent
        $0.confidence = labels.confidence
        $0.urgency = Int32(labels.urgency)
        $0.sentiment = Int32(labels.sentiment)
        $0.language = labels.language
        $0.modelVersion = labels.modelVersion
        $0.guesses = labels.guesses.map { guess in
          .with {
            $0.category = guess.category
            $0.probability = guess.probability
          }
        }
        // Later messages of a conversation are answered by the agent who has it.
        if let index, item.opensTicket {
          let found = index.search(item.subject.isEmpty ? item.text : item.subject + "\n" + item.text) {
            turn.mayGoOn()
          }
          $0.articleIds = found.map(\.identifier)
          $0.articleCoverages = found.map(\.coverage)
        }
      }
      return item
    }
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

/// Labels by item, while an item is on its way to a router. Bounded by the credit granted to upstream.
final class HeldLabels: Sendable {
  private let labels = PthreadMutex<[ItemID: LabelledMessage]>([:])

  func keep(_ items: [WireWorkItem]) {
    labels.withLock { all in
      for item in items {
        if let id = item.itemID { all[id] = LabelledMessage(item.labels, of: MessageID(high: id.high, low: id.low)) }
      }
    }
  }

  func take(_ ids: [ItemID]) -> [LabelledMessage] {
    labels.withLock { all in ids.compactMap { all.removeValue(forKey: $0) } }
  }
}
