import DeskCore
import ServiceKit
import Store

/// What the watcher counts.
struct SLAWatcherMetrics: Sendable {
  let closed: CounterMetric
  let leasesLost: CounterMetric
  let leading: GaugeMetric
  let clockLeap: GaugeMetric
  let lag: HistogramMetric
  private let registry: MetricsRegistry

  init(_ registry: MetricsRegistry) {
    self.registry = registry
    closed = registry.counter("frontdesk_sla_closed_total", help: "Tickets closed after their reopen window.")
    leasesLost = registry.counter("frontdesk_lease_lost_total", help: "Leases lost, not given up.")
    leading = registry.gauge("frontdesk_sla_leading", help: "1 while this watcher leads, 0 while it stands by.")
    clockLeap = registry.gauge(
      "frontdesk_sla_clock_leap_seconds",
      help: "By how much the database's clock leapt, while no deadline is told for it; 0 when it is steady.")
    lag = registry.histogram(
      "frontdesk_sla_lag_seconds",
      help: "Time from the moment at which a clock had to be told until that was committed.")
  }

  /// Counts what a committed step told.
  func told(_ step: TicketStep) {
    let queue = step.ticket.queue?.rawValue ?? ""
    for case .record(let entry) in step.effects {
      if entry.kind == .escalated {
        registry.counter(
          "frontdesk_sla_escalated_total", help: "Rungs of escalation ladders that were climbed.",
          labels: ["queue": queue]
        ).increment()
        continue
      }
      guard case .object(let fields) = entry.detail,
        case .text(let clock)? = fields.first(where: { $0.name == "clock" })?.value,
        case .integer(let share)? = fields.first(where: { $0.name == "share_percent" })?.value
      else { continue }
      switch entry.kind {
      case .slaWarned:
        registry.counter(
          "frontdesk_sla_warned_total",
          help: "Warnings that a promise is in danger, by clock, queue and share used up.",
          labels: ["clock": clock, "queue": queue, "share": String(share)]
        ).increment()
      case .slaBreached:
        registry.counter(
          "frontdesk_sla_breached_total", help: "Promises that were not kept.",
          labels: ["clock": clock, "queue": queue]
        ).increment()
      default: break
      }
    }
  }
}
