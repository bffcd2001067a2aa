import DeskCore
import Messaging
import ServiceKit
import ServiceLifecycle
import Store

/// Enforces SLA targets. Start two: one leads, the other takes over within seconds.
struct SLAWatcherService {
  static let name = "sla-watcher"

  /// The parts, in start order.
  let parts: [any Service]

  init(_ runtime: ServiceRuntime) async throws {
    let configuration = SLAWatcherConfiguration(runtime.configuration)
    let metrics = SLAWatcherMetrics(runtime.metrics)
    let hints = try await runtime.hintPublisher()
    let leases = LeaseKeeper(
      wanting: [Leadership.lease], store: runtime.store, me: runtime.instance, logger: runtime.logger
    ) { _ in metrics.leasesLost.increment() }
    let leadership = Leadership(leases: leases)
    let wakeOutbox: @Sendable () async -> Void = {
      await hints.publish([HintPublisher.Hint(topic: HintTopics.outbox)])
    }
    parts = [
      leases,
      Housekeeper(
        store: runtime.store, leadership: leadership, retentionDays: configuration.retentionDays, logger: runtime.logger
      ),
      TimelineSealer(store: runtime.store, leadership: leadership, logger: runtime.logger),
      DeskCounter(
        store: runtime.store, clock: runtime.clock, leadership: leadership, metrics: runtime.metrics,
        pause: configuration.countingPause, logger: runtime.logger),
      DeadlineWatcher(
        store: runtime.store, clock: runtime.clock, policy: runtime.policy, leadership: leadership, metrics: metrics,
        logger: runtime.logger, ticketsPerRound: configuration.ticketsPerRound
      ) {
        await hints.publish($0)
      },
      FeedbackGatherer(
        store: runtime.store, clock: runtime.clock, policy: runtime.policy, leadership: leadership,
        logger: runtime.logger, wakeOutbox: wakeOutbox),
      HotIssueWatcher(
        store: runtime.store, clock: runtime.clock, policy: runtime.policy, leadership: leadership,
        logger: runtime.logger, wakeOutbox: wakeOutbox),
    ]
  }
}
