import EventThread
import Language
import ServiceKit

/// The metrics of a shadow model. The full figures of a trial are in the database; these show at a glance that it runs and whether
/// something is wrong.
final class ShadowMetrics: Sendable {
  private let registry: MetricsRegistry
  private let same: CounterMetric
  private let other: CounterMetric
  private let skipped: CounterMetric
  private let automatic: CounterMetric
  private let automaticNow: CounterMetric
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
    automatic = automaticOf("candidate")
    automaticNow = automaticOf("in_force")
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

  func tell(isRunning: Bool) { running.set(isRunning ? 1 : 0) }

  func skip(_ messages: Int) { skipped.increment(by: Double(messages)) }

  func observe(champion: [MessageLabels], challenger: [MessageLabels], automaticAt: Double) {
    for (now, then) in zip(champion, challenger) {
      (now.category == then.category ? same : other).increment(by: 1)
      if Double(now.confidence) >= automaticAt { automaticNow.increment(by: 1) }
      if Double(then.confidence) >= automaticAt { automatic.increment(by: 1) }
      confidence.observe(Double(then.confidence))
      unfamiliar.observe(Double(then.unfamiliar))
      if now.category != then.category {
        // The registry limits the pairs; the database has them all.
        registry.counter(
          "frontdesk_classifier_shadow_differences_total",
          help: "Messages to which a shadow model gave a different category.",
          labels: ["from": now.category, "to": then.category]
        ).increment(by: 1)
      }
    }
  }
}
