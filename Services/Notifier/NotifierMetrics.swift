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

  /// The CRM was asked about a customer.
  func lookedUp(_ outcome: LookUpOutcome, took time: Duration) {
    registry.counter(
      "frontdesk_crm_lookups_total", help: "Look-ups of customers in the CRM, by outcome.",
      labels: ["outcome": outcome.name]
    ).increment()
    registry.histogram("frontdesk_crm_lookup_seconds", help: "Duration of a look-up.").observe(time)
  }

  /// Whether the CRM is left alone because it fails.
  func circuit(isOpen: Bool) {
    registry.gauge("frontdesk_crm_circuit_open", help: "1 while the CRM is not asked because it fails.")
      .set(isOpen ? 1 : 0)
  }

  /// A delivery went to the dead letters.
  func deadLettered(_ hook: HookID) {
    registry.counter(
      "frontdesk_notifier_buried_total", help: "Deliveries moved to the dead letters.",
      labels: ["hook": hook.rawValue]
    ).increment()
  }
}
