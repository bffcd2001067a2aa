import DeskCore
import Observability
import Store

/// The counts behind the system-wide gauges, and what each shows.
enum DeskCounts {
  static func all(of store: DeskStore) -> [any AnyDeskCount] {
    [
      DeskCount(
        "inbox", share: SLAWatcherBounds.inboxCountShare, { try await store.reports.inboxFigures() }, show: inbox),
      // Everything about live tickets in one scan.
      DeskCount(
        "live_tickets", share: SLAWatcherBounds.liveCountShare, { try await store.reports.liveFigures() }
      ) { figures, at, scrape in
        states(figures.states, at: at, into: &scrape)
        queues(figures.queues, at: at, into: &scrape)
        serviceLevels(figures.serviceLevels, at: at, into: &scrape)
      },
      // Apart from them: history is larger, and its size is not urgent.
      DeskCount(
        "states", share: SLAWatcherBounds.endedCountShare, { try await store.reports.otherStateFigures() },
        show: states),
      DeskCount(
        "dead_letters", share: SLAWatcherBounds.deadLetterCountShare, { try await store.outbox.deadLetterCount() },
        show: deadLetters),
    ]
  }

  @Sendable private static func inbox(_ figures: InboxFigures, at now: Instant, into scrape: inout MetricsScrape) {
    scrape.gauge(
      "frontdesk_stage_backlog", help: "Messages waiting at a stage.", labels: ["stage": "undecided"],
      Double(figures.waiting))
    scrape.gauge(
      "frontdesk_stage_oldest_age_seconds", help: "Age of the oldest message waiting at a stage.",
      labels: ["stage": "undecided"], figures.oldest.map { max(0, (now - $0).inSeconds) } ?? 0)
  }

  @Sendable private static func states(_ figures: [StateFigures], at _: Instant, into scrape: inout MetricsScrape) {
    for figure in figures {
      let labels = ["state": figure.state]
      scrape.gauge("frontdesk_tickets", help: "Tickets by state.", labels: labels, Double(figure.tickets))
    }
  }

  @Sendable private static func queues(_ figures: [QueueFigures], at now: Instant, into scrape: inout MetricsScrape) {
    for figure in figures {
      let labels = ["queue": figure.queue.rawValue]
      scrape.gauge(
        "frontdesk_queue_waiting", help: "Tickets waiting for an agent.", labels: labels, Double(figure.waiting))
      scrape.gauge(
        "frontdesk_queue_late", help: "Tickets with an overdue SLA target.", labels: labels, Double(figure.late))
      scrape.gauge(
        "frontdesk_queue_oldest_age_seconds", help: "How long the oldest ticket has waited for an agent.",
        labels: labels, figure.oldestWaiting.map { max(0, (now - $0).inSeconds) } ?? 0)
    }
  }

  @Sendable private static func serviceLevels(
    _ figures: [ServiceLevelFigures], at _: Instant, into scrape: inout MetricsScrape
  ) {
    for figure in figures {
      for (status, tickets) in [
        ("met", figure.met), ("warned", figure.warned), ("breached", figure.breached),
        ("unanswered", figure.unanswered),
      ] {
        scrape.gauge(
          "frontdesk_service_level_tickets", help: "Live tickets by queue, clock and SLA status.",
          labels: ["queue": figure.queue.rawValue, "clock": figure.clock, "status": status], Double(tickets))
      }
    }
  }

  @Sendable private static func deadLetters(_ count: Int64, at _: Instant, into scrape: inout MetricsScrape) {
    scrape.gauge("frontdesk_dead_letters", help: "Dead letters waiting for an operator.", Double(count))
  }
}
