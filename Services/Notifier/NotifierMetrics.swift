import DeskCore
import Observability

/// The notifier's metrics, by hook.
struct NotifierMetrics: Sendable {
  private let registry: MetricsRegistry

  init(_ registry: MetricsRegistry) {
    self.registry = registry
  }

  /// A delivery was attempted.
  func attempted(_ hook: HookID, delivered: Bool, took time: Duration) {
    let labels = ["hook": hook.rawValue]
    if delivered {
      registry.counter("frontdesk_notifier_delivered_total", help: "Successful deliveries.", labels: labels)
        .increment()
    } else {
      registry.counter("frontdesk_notifier_failed_total", help: "Failed attempts.", labels: labels).increment()
    }
    registry.histogram("frontdesk_notifier_seconds", help: "Duration of an attempt.", labels: labels).observe(time)
  }

  /// A delivery went to the dead letters.
  func deadLettered(_ hook: HookID) {
    registry.counter(
      "frontdesk_notifier_buried_total", help: "Deliveries moved to the dead letters.",
      labels: ["hook": hook.rawValue]
    ).increment()
  }
}
