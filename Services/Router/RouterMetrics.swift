import DeskCore
import Observability
import Store
import SystemPrimitives

/// The router's metrics.
struct RouterMetrics: Sendable {
  let conflicts: CounterMetric
  let swept: CounterMetric
  let rejected: CounterMetric
  let isolations: [Isolation: CounterMetric]
  let offers: CounterMetric
  let offersExpired: CounterMetric
  let leasesLost: CounterMetric
  let readings: [Reading: CounterMetric]
  private let acceptToDecision: HistogramMetric
  private let decisions: DecisionCounters
  private let registry: MetricsRegistry

  init(_ registry: MetricsRegistry) {
    self.registry = registry
    conflicts = registry.counter(
      "frontdesk_router_conflicts_total", help: "Messages decided again because of a conflicting step.")
    swept = registry.counter(
      "frontdesk_router_swept_total", help: "Messages that arrived through the database instead of a link.")
    rejected = registry.counter(
      "frontdesk_router_rejected_total", help: "Messages moved to the dead letters.")
    isolations = Dictionary(
      uniqueKeysWithValues: Isolation.allCases.map { outcome in
        (
          outcome,
          registry.counter(
            "frontdesk_router_isolated_total",
            help: "Messages that could not be decided with their batch, by outcome.",
            labels: ["outcome": outcome.rawValue])
        )
      })
    offers = registry.counter("frontdesk_router_offers_total", help: "Offers made.")
    offersExpired = registry.counter("frontdesk_router_offers_expired_total", help: "Offers that expired.")
    leasesLost = registry.counter("frontdesk_lease_lost_total", help: "Leases lost, not released.")
    readings = Dictionary(
      uniqueKeysWithValues: Reading.allCases.map { outcome in
        (
          outcome,
          registry.counter(
            "frontdesk_router_conversation_readings_total",
            help: "What messages led to when read in the light of their conversation, by outcome.",
            labels: ["outcome": outcome.rawValue])
        )
      })
    decisions = DecisionCounters(registry)
    acceptToDecision = registry.histogram(
      "frontdesk_router_accept_to_decision_seconds", help: "Time from a message's acceptance to its decision.")
  }

  /// The outcome of a message that cannot be decided with its batch.
  enum Isolation: String, CaseIterable {
    /// Its ticket is locked by another transaction, or cannot be read: it is retried later.
    case held
    /// The database refuses its content.
    case refused
    /// It was tried too often, and its last attempt alone failed too: another follows after its claim.
    case unsettled
    /// Its batch could not be decided at all, and was returned to its sender.
    case handedBack = "handed_back"
  }

  /// What reading a message in the light of its conversation led to, other than joining a ticket as it was.
  enum Reading: String, CaseIterable {
    /// A first message that only greets.
    case greeted
    /// Closing words confirmed a settled ticket.
    case confirmed
    /// A message reopened a settled ticket.
    case reopened
    /// The rules were run again and changed the queue, the priority or the service level.
    case rerouted
    /// The same, suggested to the agent who has the ticket.
    case moveSuggested = "move_suggested"
    /// The customer got an answer that was prepared for a crisis.
    case crisisAnswered = "crisis_answered"
    /// The customer was asked a question.
    case asked
    /// A message has values of the ticket's fields.
    case answeredQuestion = "answered_question"
    /// No further question is asked.
    case questionsEnded = "questions_ended"

    fileprivate init?(_ kind: TimelineEntry.Kind) {
      switch kind {
      case .greeted: self = .greeted
      case .confirmed: self = .confirmed
      case .reopened: self = .reopened
      case .rerouted: self = .rerouted
      case .moveSuggested: self = .moveSuggested
      case .crisisAnswered: self = .crisisAnswered
      case .asked: self = .asked
      case .answeredQuestion: self = .answeredQuestion
      case .questionsEnded: self = .questionsEnded
      default: return nil
      }
    }
  }

  /// Counts isolated messages.
  func isolated(_ messages: Int, _ outcome: Isolation) {
    isolations[outcome]?.increment(by: Double(messages))
  }

  /// Records the error of an expected wait, in either direction.
  func missed(by error: Duration, in queue: QueueID) {
    registry.histogram(
      "frontdesk_router_wait_estimate_error_seconds",
      help: "Difference between the predicted and the actual wait.",
      labels: ["queue": queue.rawValue], buckets: [1, 5, 15, 30, 60, 120, 300, 900, 1_800, 3_600]
    ).observe(max(error, .zero - error))
  }

  /// Counts a step that took effect.
  func decided(_ step: TicketStep, at now: Instant) {
    decisions.counter(of: step.ticket.queue).increment(by: Double(step.decides.count))
    for case .record(let entry) in step.effects {
      if let reading = Reading(entry.kind) { readings[reading]?.increment() }
    }
    // A message's identifier contains its acceptance time, to the millisecond.
    for message in step.decides { acceptToDecision.observe(now - message.instant) }
  }
}

/// The counters of decided messages, by queue: looked up in the registry once for each.
private final class DecisionCounters: Sendable {
  private let registry: MetricsRegistry
  private let known = PthreadMutex<[QueueID?: CounterMetric]>([:])

  init(_ registry: MetricsRegistry) {
    self.registry = registry
  }

  func counter(of queue: QueueID?) -> CounterMetric {
    known.withLock { known in
      if let counter = known[queue] { return counter }
      let counter = registry.counter(
        "frontdesk_router_decisions_total", help: "Messages decided, by the ticket's queue.",
        labels: ["queue": queue?.rawValue ?? "none"])
      // Policies can name new queues for ever; the registry's series are bounded too.
      if known.count < RouterBounds.countedQueues { known[queue] = counter }
      return counter
    }
  }
}
