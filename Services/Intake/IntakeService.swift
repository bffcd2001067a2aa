import DeskCore
import HTTPService
import Logging
import Messaging
import Observability
import ServiceLifecycle
import ServiceProcess
import Store
import UseCases
import ZeroMQ

/// Assembles intake.
///
/// The parts are stopped from the last to the first: the endpoints close, then the commits in progress end, then the link drains and what
/// is left is returned to PostgreSQL.
enum IntakeService {
  static func parts(_ runtime: ServiceRuntime) async throws -> [any Service] {
    let configuration = try IntakeConfiguration(runtime.configuration)
    let metrics = IntakeMetrics(registry: runtime.metrics)
    let options = WorkSource.Options()
    let commits = CommitBounds.commitsInFlight + CommitBounds.commitsForOthers
    precondition(
      CommitBounds.linkDepth + commits * CommitBounds.messagesPerCommit <= options.items,
      "commits in progress still find places when the link becomes deep")
    let source = try await runtime.workSource(options)
    let handover = WorkHandover(
      store: runtime.store, source: source, me: runtime.instance, capacity: runtime.linksAreBlocked ? 0 : options.items,
      metrics: metrics, logger: runtime.logger)
    runtime.work.open(places: CommitBounds.commitsInFlight * CommitBounds.messagesPerCommit)
    let committer = GroupCommitter(
      target: handover, on: runtime.store.taskExecutor, timer: { [zeroMQ = runtime.zeroMQ] in zeroMQ.after($0, $1) },
      metrics: metrics, logger: runtime.logger, work: runtime.work)
    let clock = runtime.clock
    let contactKeys = try ContactKeyFile.configured(runtime.configuration, logger: runtime.logger)
    let policy = runtime.policy
    let desk = MessageDesk(
      committer: committer, metrics: metrics,
      masksPersonalData: { PersonalDataMask.isAsked(for: $0, under: policy.current) },
      contactKeys: { contactKeys?.current }, trustedProofs: { policy.current?.channels[$0]?.proofs ?? [] },
      now: { clock.now() })
    let (gateway, address) = try await gateway(runtime, configuration, desk, metrics)
    let watches: [any Service] = contactKeys.map { [ContactKeyWatch($0, logger: runtime.logger)] } ?? []
    return watches + [
      LinkGauges(source, name: "intake-classifier", metrics: runtime.metrics, logger: runtime.logger),
      runtime.awaitLinks(to: source),
      handover,
      CommitDrain(committer: committer),
      gateway,
      httpServer(runtime, configuration, desk, metrics, address),
    ]
  }

  private static func gateway(
    _ runtime: ServiceRuntime, _ configuration: IntakeConfiguration, _ desk: MessageDesk, _ metrics: IntakeMetrics
  ) async throws -> (ChannelGateway, ChannelGateway.Address) {
    let store = runtime.store
    let keys = ChannelKeys(logger: runtime.logger) { try await store.access.channels(curveKeys: $0) }
    runtime.doors.guardDoor(ChannelKeys.domain) { await keys.judge($0) }
    let ended = Dictionary(
      uniqueKeysWithValues: ConnectionEnd.allCases.map { reason in
        let counter = runtime.metrics.counter(
          "frontdesk_channel_connections_ended_total",
          help: "ZeroMQ connections of channels that were closed, by reason.", labels: ["reason": reason.rawValue])
        return (reason, counter)
      })
    let pair = configuration.channelKeys ?? runtime.curveKeys
    let endpoint = try RouterEndpoint(
      on: runtime.zeroMQ,
      options: ChannelGateway.options(secretKey: pair.secretKey, connections: configuration.channelConnections),
      waitingLimit: IntakeBounds.channelFramesWaiting, waitingBytes: ChannelBounds.waitingBytes,
      connectionEnded: { reason, connections in ended[reason]?.increment(by: Double(connections)) })
    let bound = try await endpoint.bind(to: configuration.channelListen)
    runtime.logger.info(
      "serving channels over ZeroMQ", metadata: ["at": "\(bound)", "public_key": "\(pair.publicKey)"])
    let gateway = ChannelGateway(
      endpoint: endpoint, desk: desk, replies: store.replies, keys: keys,
      limiter: RateLimiter(perSecond: configuration.ratePerSecond, burst: configuration.rateBurst), metrics: metrics,
      logger: runtime.logger)
    return (
      gateway,
      ChannelGateway.Address(
        endpoint: bound, publicKey: pair.publicKey, advertised: configuration.channelAdvertised)
    )
  }

  private static func httpServer(
    _ runtime: ServiceRuntime, _ configuration: IntakeConfiguration, _ desk: MessageDesk, _ metrics: IntakeMetrics,
    _ gateway: ChannelGateway.Address
  ) -> any Service {
    let store = runtime.store
    let policy = runtime.policy
    let routes = MessageRoutes(
      desk: desk, store: store, keys: ChannelKeyGuard { try await store.access.keys(digests: $0) },
      limiter: RateLimiter(perSecond: configuration.ratePerSecond, burst: configuration.rateBurst), metrics: metrics,
      gateway: gateway,
      // Routers and notifiers poll within half a second anyway; feedback does not justify publishing hints.
      feedback: FeedbackRoute(
        stepper: TicketStepper(store: store, clock: runtime.clock, policy: policy) { _ in }, metrics: metrics,
        masksPersonalData: { PersonalDataMask.isAsked(for: $0, under: policy.current) }))
    return runtime.serveHTTP(
      routes.router(metrics: runtime.metrics, limits: configuration.addressLimits), at: configuration.httpListen,
      limits: configuration.httpLimits)
  }
}

/// Ends the commits in progress at shutdown, after the endpoints have closed.
struct CommitDrain: Service {
  let committer: GroupCommitter

  func run() async throws {
    try? await gracefulShutdown()
    // Bounded: a message waits no longer than `CommitBounds.commitDeadline` and one statement.
    await committer.drain()
  }
}
