import Curl
import DeskCore
import HTTPService
import Logging
import Messaging
import ServiceHealth
import ServiceLifecycle
import ServiceProcess
import ServiceSettings
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
    let reader = reader(runtime, configuration.replicas)
    let watch = WallboardHub(
      store: runtime.store, policy: runtime.policy, clock: runtime.clock, metrics: runtime.metrics, reader: reader)
    let stepper = TicketStepper(store: runtime.store, clock: runtime.clock, policy: runtime.policy) {
      hints.publish($0)
    }
    let company = try companySignIn(runtime, configuration)
    let replicas = reader.replicas.enumerated().map { index, replica in
      ReplicaWatch(
        replica, number: index + 1, limits: reader.limits, instance: runtime.instance, clock: runtime.clock,
        logger: runtime.logger)
    }
    let contactKeys = try ContactKeyFile.configured(runtime.configuration, logger: runtime.logger)
    let keyWatches: [any Service] = contactKeys.map { [ContactKeyWatch($0, logger: runtime.logger)] } ?? []
    return replicas + keyWatches + [
      AgentRegistrar(store: runtime.store, policy: runtime.policy, logger: runtime.logger),
      ProviderWatcher(book: company.book, task: company.task, logger: runtime.logger),
      httpServer(runtime, configuration, stepper, hub, watch, company, reader, contactKeys),
      runtime.follow(hintsOf: ["router"], with: hintSubscriber),
      StreamHubRunner(hub: hub, hintSubscriber: hintSubscriber, logger: runtime.logger),
      WallboardHubRunner(hub: watch, logger: runtime.logger),
    ]
  }

  /// What reads from the configured replicas, or from the primary alone. The replicas are dated and closed by their `ReplicaWatch`.
  private static func reader(_ runtime: ServiceRuntime, _ configuration: ReplicaConfiguration) -> DeskReader {
    let clock = runtime.clock
    let replicas = configuration.servers.map {
      DeskReplica(
        $0, connections: configuration.connections, setAside: runtime.store.setAside, words: runtime.store.words)
    }
    let reader = DeskReader(primary: runtime.store, replicas: replicas, limits: configuration.limits) { clock.now() }
    reader.export(to: runtime.metrics, clock: clock)
    return reader
  }

  /// Sign-in by the company's provider. Nothing is asked of a provider here: the console starts without any.
  private static func companySignIn(
    _ runtime: ServiceRuntime, _ configuration: ConsoleConfiguration
  ) throws -> CompanySignIn {
    let store = runtime.store
    let client = try HTTPClient(
      configuration: HTTPClient.Configuration(
        userAgent: "frontdesk/\(BuildInformation.version)", maximumTransfers: CompanyBounds.transfers,
        trustedCertificatesFile: configuration.trustedCertificates))
    return CompanySignIn(
      book: ProviderBook(client: ProviderClient(client: client)) { try await store.access.identityProviders() },
      sessions: SessionDesk(store: store, clock: runtime.clock, limits: configuration.sessionLimits),
      clock: runtime.clock, metrics: CompanySignInMetrics(runtime.metrics), logger: runtime.logger,
      task: WatchedTask("identity_providers"))
  }

  private static func httpServer(
    _ runtime: ServiceRuntime, _ configuration: ConsoleConfiguration, _ stepper: TicketStepper, _ hub: StreamHub,
    _ watch: WallboardHub, _ company: CompanySignIn, _ reader: DeskReader, _ contactKeys: ContactKeyFile?
  ) -> any Service {
    let store = runtime.store
    let routes = ConsoleRoutes(
      store: store, clock: runtime.clock, policy: runtime.policy,
      callers: CallerGuard(
        keys: KeyGuard { try await store.access.keys(digests: $0) },
        address: configuration.pages,
        sessions: { try await store.access.sessions(digests: $0) }),
      sessions: company.sessions,
      desk: AgentDesk(
        stepper: stepper, inspector: ReplyInspector(keys: contactKeys, metrics: runtime.metrics)), hub: hub,
      watch: watch, contactKeys: contactKeys, company: company,
      reader: reader.replicas.isEmpty ? nil : reader)
    return runtime.serveHTTP(
      routes.router(metrics: runtime.metrics, limits: configuration.addressLimits), at: configuration.httpListen,
      limits: configuration.httpLimits)
  }
}
