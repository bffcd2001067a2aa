import DeskCore
import ServiceKit
import Store

/// What the router counts.
struct RouterMetrics: Sendable {
  let conflicts: CounterMetric
  let swept: CounterMetric
  let rejected: CounterMetric
  let isolations: [Isolation: CounterMetric]
  let offers: CounterMetric
  let offersExpired: CounterMetric
  let leasesLost: CounterMetric
  private let acceptToDecision: HistogramMetric
  private let registry: MetricsRegistry

  init(_ registry: MetricsRegistry) {
    self.registry = registry
    conflicts = registry.counter(
      "frontdesk_router_conflicts_total", help: "Messages whose step met another step and was decided again.")
    swept = registry.counter(
      "frontdesk_router_swept_total", help: "Messages that came through the database instead of a link.")
    rejected = registry.counter(
      "frontdesk_router_rejected_total", help: "Messages that ended among the dead letters.")
    isolations = Dictionary(
      uniqueKeysWithValues: Isolation.allCases.map { outcome in
        (
          outcome,
          registry.counter(
            "frontdesk_router_isolated_total",
            help: "Times that a message could not be decided with its batch, by what became of it.",
            labels: ["outcome": outcome.rawValue])
        )
      })
    offers = registry.counter("frontdesk_router_offers_total", help: "Offers made.")
    offersExpired = registry.counter("frontdesk_router_offers_expired_total", help: "Offers that ran out.")
    leasesLost = registry.counter("frontdesk_lease_lost_total", help: "Leases lost, not given up.")
    acceptToDecision = registry.histogram(
      "frontdesk_router_accept_to_decision_seconds", help: "Time from a message's acceptance to its decision.")
  }

  /// What becomes of a message that cannot be decided with its batch.
  enum Isolation: String, CaseIterable {
    /// Its ticket is locked by another transaction, or cannot be read: it is tried again later.
    case held
    /// The database refuses it for what it holds.
    case refused
    /// Its batch could not be decided at all, and went back to its sender.
    case handedBack = "handed_back"
  }

  /// Notes messages that were kept apart.
  func isolated(_ messages: Int, _ outcome: Isolation) {
    isolations[outcome]?.increment(by: Double(messages))
  }

  /// Notes by how much an expected wait was wrong, either way.
  func missed(by error: Duration, in queue: QueueID) {
    registry.histogram(
      "frontdesk_router_wait_estimate_error_seconds",
      help: "Difference between the wait that was foretold and the wait.",
      labels: ["queue": queue.rawValue], buckets: [1, 5, 15, 30, 60, 120, 300, 900, 1_800, 3_600]
    ).observe(max(error, .zero - error))
  }

  func decided(_ steps: some Sequence<TicketStep>, at now: Instant) {
    var messages: [QueueID?: Int] = [:]
    for step in steps {
      messages[step.ticket.queue, default: 0] += step.decides.count
      // A message's identifier carries its acceptance, to the millisecond.
      for message in step.decides { acceptToDecision.observe(now - message.instant) }
    }
    for (queue, count) in messages {
      registry.counter(
        "frontdesk_router_decisions_total", help: "Messages decided on, by the ticket's queue.",
        labels: ["queue": queue?.rawValue ?? "none"]
      ).increment(by: Double(count))
    }
  }
}
