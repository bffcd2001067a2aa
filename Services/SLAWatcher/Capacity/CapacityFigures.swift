import DeskCore
import Observability

/// The figures of one service that autoscalers and dashboards follow.
struct CapacityFigures: Sendable, Hashable {
  /// The wanted number of processes.
  let wanted: Int
  /// Those that are ready.
  let running: Int

  /// Adds them to a scrape.
  func show(of service: ElasticService, in scrape: inout MetricsScrape) {
    let (wanted, running) = (Double(wanted), Double(running))
    switch service {
    case .router:
      scrape.gauge("frontdesk_router_workers_wanted", help: "Routers that the desk wants.", wanted)
      scrape.gauge("frontdesk_router_workers_running", help: "Routers that are ready.", running)
    case .classifier:
      scrape.gauge("frontdesk_classifier_workers_wanted", help: "Classifiers that the desk wants.", wanted)
      scrape.gauge("frontdesk_classifier_workers_running", help: "Classifiers that are ready.", running)
    case .intake:
      scrape.gauge("frontdesk_intake_workers_wanted", help: "Intakes that the desk wants.", wanted)
      scrape.gauge("frontdesk_intake_workers_running", help: "Intakes that are ready.", running)
    }
  }
}
