import DeskCore
import ServiceKit

/// What the notifier counts, by hook.
struct NotifierMetrics: Sendable {
  private let registry: MetricsRegistry

  init(_ registry: MetricsRegistry) {
    self.registry = registry
  }

  /// A delivery was attempted.
  func attempted(_ hook: HookID, delivered: Bool, took time: Duration) {
    let labels = ["hook": hook.rawValue]
    if delivered {
      registry.counter("frontdesk_notifier_delivered_total", help: "Deliveries that arrived.", labels: labels)
        .increment()
    } else {
      registry.counter("frontdesk_notifier_failed_total", help: "Attempts that failed.", labels: labels).increment()
    }
    registry.histogram("frontdesk_notifier_seconds", help: "Time of one attempt.", labels: labels).observe(time)
  }

  /// A delivery went to the dead letters.
  func buried(_ hook: HookID) {
    registry.counter(
      "frontdesk_notifier_buried_total", help: "Deliveries that went to the dead letters.",
      labels: ["hook": hook.rawValue]
    ).increment()
  }
}
