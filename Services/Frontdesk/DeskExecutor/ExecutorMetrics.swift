import Observability
import Store

/// The executor's metrics.
struct ExecutorMetrics: Sendable {
  private let registry: MetricsRegistry

  init(_ registry: MetricsRegistry) {
    self.registry = registry
  }

  /// An intent was done, refused, or failed.
  func finished(_ intent: Intent, _ state: Intent.State) {
    // Kinds of other builds are one: names from the database do not become series.
    let kind = Intent.Kind(rawValue: intent.kind)?.rawValue ?? "unknown"
    registry.counter(
      "frontdesk_intents_finished_total", help: "Intents of operators that were finished, by kind and outcome.",
      labels: ["kind": kind, "state": state.rawValue]
    ).increment()
  }
}
