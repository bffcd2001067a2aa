public import Logging
public import Messaging
public import Observability
public import ServiceHealth
internal import SystemPrimitives

/// Exports metrics of a link's upstream side.
public struct LinkGauges: PeriodicService {
  /// The polling interval of the source.
  static let interval: Duration = .milliseconds(500)

  private let source: WorkSource
  private let logger: Logger
  private let task: WatchedTask
  private let latest: PthreadMutex<WorkSourceSnapshot>

  /// - Parameter name: the link, named after its two ends: `intake-classifier`.
  public init(_ source: WorkSource, name: String, metrics: MetricsRegistry, logger: Logger) {
    self.source = source
    self.logger = logger
    task = WatchedTask("link_gauges_\(name.replacing("-", with: "_"))")
    let latest = PthreadMutex(WorkSourceSnapshot())
    self.latest = latest
    let labels = ["link": name]
    metrics.collector { scrape in
      let now = latest.withLock { $0 }
      scrape.gauge(
        "frontdesk_link_waiting", help: "Items waiting for a worker.", labels: labels, Double(now.waitingCount))
      scrape.gauge(
        "frontdesk_link_in_flight", help: "Items held by workers.", labels: labels, Double(now.inFlightCount))
      scrape.gauge(
        "frontdesk_link_credit", help: "Items that workers can accept immediately.", labels: labels, Double(now.credit))
      scrape.gauge("frontdesk_link_workers", help: "Connected workers.", labels: labels, Double(now.workers.count))
      scrape.gauge(
        "frontdesk_link_oldest_age_seconds", help: "Age of the oldest item held.", labels: labels,
        now.oldestAge.seconds)
      scrape.counter(
        "frontdesk_link_redelivered_total", help: "Items redelivered.", labels: labels,
        Double(now.redeliveredTotal))
      scrape.counter(
        "frontdesk_link_workers_lost_total", help: "Workers lost because they stopped responding.", labels: labels,
        Double(now.lostWorkersTotal))
      scrape.counter(
        "frontdesk_link_duplicates_total", help: "Items submitted again while already held.", labels: labels,
        Double(now.duplicateTotal))
    }
  }

  public var periodic: PeriodicTask { PeriodicTask(task, every: LinkGauges.interval, logger: logger) }

  public func round() async throws -> PeriodicTask.Pause {
    let now = await source.snapshot()
    latest.withLock { $0 = now }
    return .regular
  }
}
