import Language
import Observability

/// The metrics of a shadow model. The full figures of a trial are in the database; these show at a glance that it runs and whether
/// something is wrong.
final class ShadowMetrics: Sendable {
  private let registry: MetricsRegistry
  private let same: CounterMetric
  private let other: CounterMetric
  private let skipped: CounterMetric
  private let automaticCandidate: CounterMetric
  private let automaticInForce: CounterMetric
  private let confidence: HistogramMetric
  private let unfamiliar: HistogramMetric
  private let running: GaugeMetric

  private static let shares = (1...10).map { Double($0) / 10 }

  init(_ registry: MetricsRegistry) {
    self.registry = registry
    let messages = { (verdict: String) in
      registry.counter(
        "frontdesk_classifier_shadow_messages_total",
        help: "Messages also labelled by a shadow model, by whether the category was the same.",
        labels: ["category": verdict])
    }
    same = messages("same")
    other = messages("other")
    let automaticOf = { (model: String) in
      registry.counter(
        "frontdesk_classifier_shadow_automatic_total",
        help: "Of these messages, those confident enough to need no triage.", labels: ["model": model])
    }
    automaticCandidate = automaticOf("candidate")
    automaticInForce = automaticOf("in_force")
    skipped = registry.counter(
      "frontdesk_classifier_shadow_skipped_total",
      help: "Messages that a shadow model did not see for lack of time.")
    confidence = registry.histogram(
      "frontdesk_classifier_shadow_confidence", help: "Confidence of a shadow model.", buckets: Self.shares)
    unfamiliar = registry.histogram(
      "frontdesk_classifier_shadow_unfamiliar_share",
      help: "Share of a message's n-grams that are not in a shadow model's training data.", buckets: Self.shares)
    running = registry.gauge(
      "frontdesk_classifier_shadow_running", help: "1 while a shadow model runs on live messages, else 0.")
    running.set(0)
  }

  /// Shows whether a shadow model runs.
  func setRunning(_ isRunning: Bool) { running.set(isRunning ? 1 : 0) }

  /// Counts messages that the shadow model did not see.
  func skip(_ messages: Int) { skipped.increment(by: Double(messages)) }

  /// Counts messages that both models labelled.
  /// - Parameters:
  ///   - champion: the labels of the model in force.
  ///   - challenger: those of the shadow model, in the same order.
  ///   - automaticAt: the confidence from which a message needs no triage.
  func observe(champion: [MessageLabels], challenger: [MessageLabels], automaticAt: Double) {
    for (champion, challenger) in zip(champion, challenger) {
      (champion.category == challenger.category ? same : other).increment(by: 1)
      if Double(champion.confidence) >= automaticAt { automaticInForce.increment(by: 1) }
      if Double(challenger.confidence) >= automaticAt { automaticCandidate.increment(by: 1) }
      confidence.observe(Double(challenger.confidence))
      unfamiliar.observe(Double(challenger.unfamiliar))
      if champion.category != challenger.category {
        // The registry limits the pairs; the database has them all.
        registry.counter(
          "frontdesk_classifier_shadow_differences_total",
          help: "Messages to which a shadow model gave a different category.",
          labels: ["from": champion.category, "to": challenger.category]
        ).increment(by: 1)
      }
    }
  }
}
