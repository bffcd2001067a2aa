import Language
import Observability
import SystemPrimitives

/// Shows that messages are no longer like the training data: unknown words, different category shares, lower confidence than the model's
/// accuracy suggests.
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
      "frontdesk_classifier_unfamiliar_share", help: "Share of a message's n-grams that are not in the training data.",
      buckets: Self.shares)
    accuracy = registry.gauge(
      "frontdesk_classifier_model_accuracy",
      help: "Accuracy of the current model on examples held out from its training.")
  }

  /// Shows the accuracy of the model that is in force from now on.
  func use(_ model: LinearModel) { accuracy.set(model.summary.accuracy) }

  /// Counts the labels of a batch.
  func observe(_ labels: [MessageLabels]) {
    var counts: [String: Int] = [:]
    for label in labels {
      confidence.observe(Double(label.confidence))
      unfamiliar.observe(Double(label.unfamiliar))
      counts[label.category, default: 0] += 1
    }
    for (category, count) in counts { counter(category).increment(by: Double(count)) }
  }

  /// The registry limits the number of series; a model usually has far fewer categories.
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
