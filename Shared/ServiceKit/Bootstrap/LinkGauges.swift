public import Messaging
public import ServiceLifecycle

/// Keeps the metrics of a link's upstream side up to date.
public struct LinkGauges: Service {
  /// How often the source is asked.
  static let interval: Duration = .milliseconds(500)

  private let source: WorkSource
  private let name: String
  private let metrics: MetricsRegistry

  /// - Parameter name: the link, after its two ends: `intake-classifier`.
  public init(_ source: WorkSource, name: String, metrics: MetricsRegistry) {
    self.source = source
    self.name = name
    self.metrics = metrics
  }

  /// Asks until shutdown begins.
  public func run() async throws {
    func gauge(_ suffix: String, _ help: String) -> GaugeMetric {
      metrics.gauge("frontdesk_link_\(suffix)", help: help, labels: ["link": name])
    }
    let waiting = gauge("waiting", "Items that wait for a worker.")
    let inFlight = gauge("in_flight", "Items that workers hold.")
    let credit = gauge("credit", "Items that workers would take at once.")
    let workers = gauge("workers", "Connected workers.")
    let oldest = gauge("oldest_age_seconds", "Age of the oldest item held.")
    let redelivered = gauge("redelivered", "Items handed out again since the start.")
    let lost = gauge("workers_lost", "Workers that fell silent since the start.")
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        let now = await source.snapshot()
        waiting.set(Double(now.waitingCount))
        inFlight.set(Double(now.inFlightCount))
        credit.set(Double(now.credit))
        workers.set(Double(now.workers.count))
        oldest.set(now.oldestAge.seconds)
        redelivered.set(Double(now.redeliveredTotal))
        lost.set(Double(now.lostWorkersTotal))
        try? await Task.sleep(for: LinkGauges.interval)
      }
    }
  }
}
