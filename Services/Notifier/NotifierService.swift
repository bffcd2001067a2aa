import Curl
import DeskCore
import Messaging
import ServiceHealth
import ServiceLifecycle
import ServiceProcess
import ServiceSettings
import Store

/// Assembles the notifier. Any number of notifiers may run; claims distribute the outbox among them.
enum NotifierService {
  static let name = "notifier"
  /// The lease of the one notifier that counts the outbox, moves undeliverable notices to the dead letters, and watches for failing hooks.
  /// Every notifier delivers.
  static let lease = "notifier"

  static func parts(_ runtime: ServiceRuntime) async throws -> [any Service] {
    let configuration = NotifierConfiguration(runtime.configuration)
    let metrics = NotifierMetrics(runtime.metrics)
    let client = try HTTPClient(
      configuration: HTTPClient.Configuration(
        userAgent: "frontdesk/\(BuildInformation.version)",
        maximumConnectionsPerHost: NotifierBounds.deliveriesPerHook,
        trustedCertificatesFile: configuration.trustedCertificates))
    let hintSubscriber = runtime.hintSubscriber(topics: [HintTopics.outbox])
    let (store, clock, logger) = (runtime.store, runtime.clock, runtime.logger)
    let messenger = DeliverySender(client: client, timeout: configuration.deliveryTimeout)
    let leases = LeaseKeeper(wanting: [NotifierService.lease], store: store, me: runtime.instance, logger: logger)
    let leadership = Leadership(NotifierService.lease, leases)
    let held = HeldHooks(store: store, metrics: runtime.metrics, logger: logger)
    let lookUpHints = runtime.hintSubscriber(topics: [HintTopics.lookUp])
    let resolver = AddressResolver()
    let lookUps = LookUpWorker(
      store: store, clock: clock, policy: { [policy = runtime.policy] in policy.current }, client: client,
      resolve: { try await resolver.resolve($0, timeout: NotifierBounds.lookUpTimeout) }, hints: lookUpHints,
      metrics: metrics, logger: logger)
    return [
      leases,
      lookUps,
      runtime.follow(hintsOf: ["console"], with: lookUpHints),
      OutboxCounter(store: store, clock: clock, leadership: leadership, metrics: runtime.metrics, logger: logger),
      OrphanedDeliverySweeper(
        store: store, me: runtime.instance, policy: runtime.policy, leadership: leadership,
        grace: configuration.graceOfVanished, pendingRetention: configuration.pendingRetention, logger: logger,
        metrics: metrics),
      FailingHookWatcher(
        store: store, clock: clock, policy: runtime.policy, leadership: leadership, logger: logger),
      HookDispatcher(store: store, policy: runtime.policy, hintSubscriber: hintSubscriber, held: held, logger: logger) {
        hook in
        HookWorker(
          hook: hook, store: store, me: runtime.instance, clock: clock, messenger: messenger, metrics: metrics,
          logger: logger,
          schedule: { [policy = runtime.policy] notice in
            RetrySchedule.of(
              NoticeKind(rawValue: notice.kind),
              on: DeliveryBody.channel(of: notice).flatMap { policy.current?.channels[$0] })
          })
      },
      runtime.follow(hintsOf: ["router", "console", "sla-watcher"], with: hintSubscriber),
    ]
  }
}
