import DeskCore
import Messaging
import Observability
import ServiceHealth
import ServiceLifecycle
import ServiceProcess
import Store

/// Enforces SLA targets. Start two: one leads, the other takes over within seconds.
struct SLAWatcherService {
  static let name = "sla-watcher"
  /// The lease of the one watcher that acts.
  static let lease = "sla-watcher"

  /// The parts, in start order.
  let parts: [any Service]

  init(_ runtime: ServiceRuntime) async throws {
    let configuration = SLAWatcherConfiguration(runtime.configuration)
    let metrics = SLAWatcherMetrics(runtime.metrics)
    let hints = try await runtime.hintPublisher()
    let leases = LeaseKeeper(
      wanting: [SLAWatcherService.lease], store: runtime.store, me: runtime.instance, logger: runtime.logger
    ) { _ in metrics.leasesLost.increment() }
    let leadership = Leadership(SLAWatcherService.lease, leases)
    let wakeOutbox: @Sendable () async -> Void = {
      hints.publish([HintPublisher.Hint(topic: HintTopics.outbox)])
    }
    let (store, logger) = (runtime.store, runtime.logger)
    let backlog = UndecidedBacklog()
    let steady = SteadyClock(runtime.clock, metrics: metrics, logger: logger)
    let stepper = TimedStepper(store: store, logger: logger) { hints.publish($0) }
    let serviceLevels: [any Service] = [
      DeadlineWatcher(
        store: store, clock: steady, policy: runtime.policy, leadership: leadership, stepper: stepper, metrics: metrics,
        logger: logger, ticketsPerRound: configuration.ticketsPerRound),
      TicketCloser(
        store: store, clock: steady, policy: runtime.policy, leadership: leadership, stepper: stepper, metrics: metrics,
        logger: logger, ticketsPerRound: configuration.ticketsPerRound),
      ProgressNotifier(
        store: store, clock: steady, policy: runtime.policy, leadership: leadership, stepper: stepper, metrics: metrics,
        logger: logger, ticketsPerRound: configuration.ticketsPerRound),
      CallBackWatcher(
        store: store, clock: steady, policy: runtime.policy, leadership: leadership, stepper: stepper, metrics: metrics,
        logger: logger, ticketsPerRound: configuration.ticketsPerRound),
      StuckQueueWatcher(
        store: store, clock: steady, policy: runtime.policy, leadership: leadership, metrics: metrics, logger: logger,
        wakeOutbox: wakeOutbox),
      ReserveCaller(
        store: store, clock: steady, policy: runtime.policy, leadership: leadership, metrics: metrics, logger: logger,
        wakeOutbox: wakeOutbox),
    ]
    let maintenance: [any Service] = [
      PartitionMaintainer(store: store, leadership: leadership, logger: logger),
      RetentionSweeper(
        store: store, leadership: leadership, retentionDays: configuration.retentionDays, logger: logger),
      TimelineSealer(store: store, leadership: leadership, backlog: backlog, logger: logger),
      DeskCounter(
        store: store, clock: runtime.clock, leadership: leadership, metrics: runtime.metrics,
        pause: configuration.countingPause, logger: logger),
    ]
    let customers = ProofJoiner(
      store: store, policy: runtime.policy, leadership: leadership, metrics: metrics, logger: logger)
    let learning: [any Service] = [
      FeedbackGatherer(
        store: store, clock: runtime.clock, policy: runtime.policy, leadership: leadership, backlog: backlog,
        logger: logger, wakeOutbox: wakeOutbox),
      HotIssueWatcher(
        store: store, clock: runtime.clock, policy: runtime.policy, leadership: leadership, backlog: backlog,
        logger: logger, wakeOutbox: wakeOutbox),
      CrisisWatcher(
        store: store, clock: runtime.clock, policy: runtime.policy, leadership: leadership, logger: logger,
        wakeOutbox: wakeOutbox),
    ]
    let reporting = ReportScheduler(
      store: store, clock: steady, policy: runtime.policy, leadership: leadership,
      folder: configuration.reportFolder, logger: logger, wakeOutbox: wakeOutbox)
    let capacity = CapacityKeeper(
      store: store, policy: runtime.policy, leadership: leadership, backlog: backlog, metrics: runtime.metrics,
      logger: logger)
    let search: [any Service] = SearchReader.all.map {
      SearchIndexer(
        store: store, reader: $0, leadership: leadership, backlog: backlog, metrics: metrics, logger: logger)
    }
    parts = [leases] + maintenance + serviceLevels + learning + [reporting] + [customers, capacity] + search
  }
}
