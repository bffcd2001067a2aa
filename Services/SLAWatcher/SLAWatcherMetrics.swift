import DeskCore
import Observability
import Store

/// The watcher's metrics.
struct SLAWatcherMetrics: Sendable {
  let closed: CounterMetric
  let leasesLost: CounterMetric
  let leading: GaugeMetric
  let clockLeap: GaugeMetric
  let lag: HistogramMetric
  let stuckQueues: GaugeMetric
  private let registry: MetricsRegistry

  init(_ registry: MetricsRegistry) {
    self.registry = registry
    closed = registry.counter("frontdesk_sla_closed_total", help: "Tickets closed after their reopen window.")
    leasesLost = registry.counter("frontdesk_lease_lost_total", help: "Leases lost, not released.")
    leading = registry.gauge("frontdesk_sla_leading", help: "1 while this watcher leads, 0 while it stands by.")
    clockLeap = registry.gauge(
      "frontdesk_sla_clock_leap_seconds",
      help: "Jump of the database's clock while it suspends deadlines; 0 when the clock is steady.")
    stuckQueues = registry.gauge(
      "frontdesk_queues_stuck", help: "Queues in which tickets wait and nothing moves; 0 on a standby.")
    lag = registry.histogram(
      "frontdesk_sla_lag_seconds",
      help: "Delay from a deadline or warning time to its commit.")
  }

  /// Counts the progress notices of committed steps, by state of the ticket.
  func progress(_ steps: [TicketStep]) {
    for step in steps {
      for case .record(let entry) in step.effects {
        guard case .progressSent(let sent) = entry.event, let event = sent.progress else { continue }
        registry.counter(
          "frontdesk_sla_progress_sent_total", help: "Progress notices to customers, by the state of the ticket.",
          labels: ["event": event.rawValue]
        ).increment()
      }
    }
  }

  /// A reader of the search's index has read on.
  func searched(_ reader: SearchReader, indexed: Int, behind: Duration) {
    registry.counter("frontdesk_search_indexed_total", help: "Messages added to the search's index.")
      .increment(by: Double(indexed))
    registry.gauge(
      "frontdesk_search_behind_seconds",
      help: "How far a reader of the search's index is behind its messages; 0 on a standby.",
      labels: ["reader": reader.name]
    ).set(behind.seconds)
  }

  /// A proof was compared with another customer's.
  func compared(_ outcome: JoinOutcome) {
    registry.counter(
      "frontdesk_customers_joined_total", help: "Customers compared with others who have the same proof, by outcome.",
      labels: ["outcome": outcome.rawValue]
    ).increment()
  }

  /// Shows the open calls of agents in reserve; none on a standby.
  func reserve(_ open: [ReserveCall]) {
    for (state, count) in [
      ("called", open.count { $0.acceptedAt == nil }), ("working", open.count { $0.acceptedAt != nil }),
    ] {
      registry.gauge(
        "frontdesk_reserve_agents",
        help: "Agents called from the reserve and not sent back, by whether they have come; 0 on a standby.",
        labels: ["state": state]
      ).set(Double(count))
    }
  }

  /// Counts what changed about the calls of agents in reserve.
  func reserveChanged(_ decision: ReserveDecision) {
    let (queue, change) =
      switch decision {
      case .call(_, _, let need): (need.queue, "called")
      case .accepted(let call): (call.queue, "accepted")
      case .end(let call, let outcome): (call.queue, outcome.rawValue)
      }
    registry.counter(
      "frontdesk_reserve_calls_total", help: "Calls of agents in reserve, how they were answered and how they ended.",
      labels: ["queue": queue.rawValue, "change": change]
    ).increment()
  }

  /// Counts the notifications of a committed step.
  func notified(_ step: TicketStep) {
    let queue = step.ticket.queue?.rawValue ?? ""
    for case .record(let entry) in step.effects {
      switch entry.event {
      case .escalated:
        registry.counter(
          "frontdesk_sla_escalated_total", help: "Escalation steps taken.",
          labels: ["queue": queue]
        ).increment()
      case .slaWarned(let reached):
        guard let clock = reached.clock, let share = reached.sharePercent else { continue }
        registry.counter(
          "frontdesk_sla_warned_total",
          help: "Warnings of SLA targets at risk, by clock, queue and share used up.",
          labels: ["clock": clock.rawValue, "queue": queue, "share": String(share)]
        ).increment()
      case .slaBreached(let reached):
        guard let clock = reached.clock else { continue }
        registry.counter(
          "frontdesk_sla_breached_total", help: "Breached SLA targets.",
          labels: ["clock": clock.rawValue, "queue": queue]
        ).increment()
      case .callBackWarned:
        registry.counter(
          "frontdesk_callbacks_warned_total", help: "Warnings of call-backs that are due soon.",
          labels: ["queue": queue]
        ).increment()
      case .callBackBroken:
        registry.counter(
          "frontdesk_callbacks_broken_total", help: "Call-backs that were not done when they were due.",
          labels: ["queue": queue]
        ).increment()
      default: break
      }
    }
  }
}
