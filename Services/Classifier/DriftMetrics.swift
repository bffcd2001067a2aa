import EventThread
import Language
import ServiceKit

/// What shows that messages are no longer those that the model was trained on: words it never met, other shares of the
/// categories, less confidence than its accuracy promised.
final class DriftMetrics: Sendable {
  private let registry: MetricsRegistry
  private let confidence: HistogramMetric
  private let unfamiliar: HistogramMetric
  private let accuracy: GaugeMetric
  private let categories = PthreadMutex<[String: CounterMetric]>([:])

  private static let shares = (1...10).map { Double($0) / 10 }

  init(_ registry: MetricsRegistry) {
    self.registry = registry
    confidence = registry.histogram(
      "frontdesk_classifier_confidence", help: "Confidence of labels; 0 for messages out of scope.",
      buckets: Self.shares)
    unfamiliar = registry.histogram(
      "frontdesk_classifier_unfamiliar_share", help: "Share of a message's n-grams that training never met.",
      buckets: Self.shares)
    accuracy = registry.gauge(
      "frontdesk_classifier_model_accuracy",
      help: "Accuracy of the model that labels now, on examples held out from its training.")
  }

  func tell(_ model: LinearModel) { accuracy.set(model.summary.accuracy) }

  func observe(_ labels: [MessageLabels]) {
    var counts: [String: Int] = [:]
    for label in labels {
      confidence.observe(Double(label.confidence))
      unfamiliar.observe(Double(label.unfamiliar))
      counts[label.category, default: 0] += 1
    }
    for (category, count) in counts { counter(category).increment(by: Double(count)) }
  }

  /// The registry bounds the number of series; a model's categories are far fewer as a rule.
  private func counter(_ category: String) -> CounterMetric {
    categories.withLock { known in
      if let counter = known[category] { return counter }
      let counter = registry.counter(
        "frontdesk_classifier_categories_total", help: "Messages labelled, by category.",
        labels: ["category": category])
      if known.count < ClassifierBounds.categoriesKept { known[category] = counter }
      return counter
    }
  }
}
