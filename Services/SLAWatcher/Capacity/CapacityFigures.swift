import DeskCore
import Observability

/// The figures of one service that autoscalers and dashboards follow.
struct CapacityFigures: Sendable, Hashable {
  /// The wanted number of processes.
  let wanted: Int
  /// Those that are ready.
  let running: Int
  /// The most that the policy allows.
  let limit: Int

  /// Adds them to a scrape.
  func show(of service: ElasticService, in scrape: inout MetricsScrape) {
    let (wanted, running, limit) = (Double(wanted), Double(running), Double(limit))
    switch service {
    case .router:
      scrape.gauge("frontdesk_router_workers_wanted", help: "Routers that the desk wants.", wanted)
      scrape.gauge("frontdesk_router_workers_running", help: "Routers that are ready.", running)
      scrape.gauge("frontdesk_router_workers_limit", help: "The most routers that the policy allows.", limit)
    case .classifier:
      scrape.gauge("frontdesk_classifier_workers_wanted", help: "Classifiers that the desk wants.", wanted)
      scrape.gauge("frontdesk_classifier_workers_running", help: "Classifiers that are ready.", running)
      scrape.gauge("frontdesk_classifier_workers_limit", help: "The most classifiers that the policy allows.", limit)
    case .intake:
      scrape.gauge("frontdesk_intake_workers_wanted", help: "Intakes that the desk wants.", wanted)
      scrape.gauge("frontdesk_intake_workers_running", help: "Intakes that are ready.", running)
      scrape.gauge("frontdesk_intake_workers_limit", help: "The most intakes that the policy allows.", limit)
    }
  }
}
