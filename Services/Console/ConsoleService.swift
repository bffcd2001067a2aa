import DeskCore
import HTTPService
import Logging
import Messaging
import ServiceLifecycle
import ServiceProcess
import Store
import UseCases

/// Assembles the console.
///
/// The parts are stopped from the last to the first: the streams end, then the HTTP server finishes its requests in progress.
enum ConsoleService {
  static let name = "console"

  static func parts(_ runtime: ServiceRuntime) async throws -> [any Service] {
    let configuration = try ConsoleConfiguration(runtime.configuration)
    let hints = try await runtime.hintPublisher()
    let hintSubscriber = runtime.hintSubscriber(topics: [HintTopics.offer])
    let hub = StreamHub(
      store: DeskStreamSource(store: runtime.store, policy: runtime.policy, clock: runtime.clock),
      capacity: configuration.streams, metrics: runtime.metrics,
      logger: runtime.logger)
    let watch = WallboardHub(
      store: runtime.store, policy: runtime.policy, clock: runtime.clock, metrics: runtime.metrics)
    let stepper = TicketStepper(store: runtime.store, clock: runtime.clock, policy: runtime.policy) {
      await hints.publish($0)
    }
    return [
      AgentRegistrar(store: runtime.store, policy: runtime.policy, logger: runtime.logger),
      try httpServer(runtime, configuration, stepper, hub, watch),
      runtime.follow(hintsOf: ["router"], with: hintSubscriber),
      StreamHubRunner(hub: hub, hintSubscriber: hintSubscriber, logger: runtime.logger),
      WallboardHubRunner(hub: watch, logger: runtime.logger),
    ]
  }

  private static func httpServer(
    _ runtime: ServiceRuntime, _ configuration: ConsoleConfiguration, _ stepper: TicketStepper, _ hub: StreamHub,
    _ watch: WallboardHub
  ) throws -> any Service {
    let store = runtime.store
    let contactKeys = try ContactKeyFile.configured(runtime.configuration, logger: runtime.logger)
    let routes = ConsoleRoutes(
      store: store, clock: runtime.clock, policy: runtime.policy,
      callers: CallerGuard(
        keys: KeyGuard { try await store.access.keys(digests: $0) },
        address: configuration.pages,
        sessions: { try await store.access.sessions(digests: $0) }),
      sessions: SessionDesk(store: store, clock: runtime.clock, limits: configuration.sessionLimits),
      desk: AgentDesk(
        stepper: stepper, inspector: ReplyInspector(keys: contactKeys, metrics: runtime.metrics)), hub: hub,
      watch: watch,
      contactKeys: contactKeys)
    return runtime.serveHTTP(
      routes.router(metrics: runtime.metrics, limits: configuration.addressLimits), at: configuration.httpListen,
      limits: configuration.httpLimits)
  }
}
