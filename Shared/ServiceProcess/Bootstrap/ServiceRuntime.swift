public import DeskCore
public import Logging
public import Messaging
public import Observability
public import ServiceHealth
internal import ServiceLifecycle
public import ServiceSettings
public import Store
internal import SystemPrimitives
public import ZeroMQ

/// The shared dependencies that a service receives when it starts, ready for use.
public struct ServiceRuntime: Sendable {
  /// The service's name: `intake`, `router`, …
  public let service: String
  /// The configuration.
  public let configuration: ServiceConfiguration
  /// The logger of this process.
  public let logger: Logger
  /// The metrics served at `/metrics`.
  public let metrics: MetricsRegistry
  /// The monitored background tasks. Those of the components that the service starts are added automatically.
  public let tasks: TaskBoard
  /// The readiness served at `/readyz`.
  public let health: HealthState
  /// The database.
  public let store: DeskStore
  /// The database's clock.
  public let clock: DatabaseClock
  /// The current policy.
  public let policy: PolicyFollower
  /// The fleet membership of this process.
  public let member: FleetMember
  /// How busy this process is; its heartbeats report it.
  public let work: WorkMeter

  /// The register of all live processes, including this one.
  public var fleet: Fleet { member.fleet }

  /// The thread of this process's ZeroMQ sockets.
  public var zeroMQ: ZeroMQThread { member.zeroMQ }

  /// This process's CURVE keys, generated at each start.
  public var curveKeys: CurveKeyPair { member.curveKeys }

  /// Decides which peers may connect to this process's sockets.
  public var doors: ZAPHandler { member.doors }

  /// This process.
  public var instance: InstanceID { fleet.me }

  /// Whether ZeroMQ between services is switched off.
  public var linksAreBlocked: Bool { configuration.bool(StandardKeys.linksBlocked.name) }
}

// MARK: - Links and hints

extension ServiceRuntime {
  /// Binds this service's upstream side; its address is registered once all parts are assembled.
  public func workSource(_ options: WorkSource.Options = WorkSource.Options()) async throws -> WorkSource {
    try await member.workSource(
      at: linksAreBlocked ? nil : configuration.string(StandardKeys.linkListen.name), options)
  }

  /// Creates this service's worker side. It accepts nothing until its `PeerFollower` runs.
  public func workSink(creditWindow: Int, batchLimit: Int) -> WorkSink {
    member.workSink(creditWindow: creditWindow, batchLimit: batchLimit)
  }

  /// Binds this service's hint publisher; its address is registered once all parts are assembled.
  public func hintPublisher() async throws -> HintPublisher {
    let publisher = try HintPublisher(on: zeroMQ, security: member.security)
    guard !linksAreBlocked else { return publisher }
    let endpoint = try await publisher.bind(to: configuration.string(StandardKeys.linkListen.name))
    await fleet.amend { $0.hintEndpoint = endpoint }
    return publisher
  }

  /// Creates a subscriber for hints on some topics. It receives nothing until its `PeerFollower` runs.
  public func hintSubscriber(topics: [String]) -> HintSubscriber {
    HintSubscriber(on: zeroMQ, topics: topics, keys: member.curveKeys)
  }

  /// Keeps a sink connected to all instances of a service, as they come and go.
  ///
  /// - Parameter policy: without a policy in force, the sink is disconnected from all instances; nil for a service that needs none.
  public func follow(
    linksOf upstream: String, with sink: WorkSink, under policy: PolicyFollower? = nil
  ) -> PeerFollower {
    let blocked = linksAreBlocked
    return PeerFollower("links_to_\(upstream)", fleet: fleet, policy: policy, logger: logger) { members in
      let peers = members.filter { $0.service == upstream }.compactMap(\.linkPeer)
      let isAble = policy.map { $0.current != nil } ?? true
      await sink.update(peers: blocked || !isAble ? [] : peers)
    }
  }

  /// Delays readiness until the links of this process stand: a worker has granted credit to `source`, and `sink` has reached all known
  /// instances of `upstream`. See `LinkReadiness`.
  public func awaitLinks(
    to source: WorkSource? = nil, of upstream: String? = nil, from sink: WorkSink? = nil
  ) -> LinkReadiness {
    let isNeeded = !linksAreBlocked
    return LinkReadiness(health: health) { [fleet, policy] in
      // Without a policy in force nothing can be decided, and routers take no work.
      guard isNeeded, policy.current != nil else { return true }
      if let source, await !source.snapshot().hasWorker { return false }
      guard let sink, let upstream else { return true }
      let known = fleet.members(of: upstream).count { $0.linkEndpoint != nil }
      return await sink.snapshot().readyUpstreamCount >= known
    }
  }

  /// Keeps a subscriber connected to all instances of some services, as they come and go.
  public func follow(hintsOf services: Set<String>, with subscriber: HintSubscriber) -> PeerFollower {
    let blocked = linksAreBlocked
    let name = "hints_from_" + services.sorted().joined(separator: "_")
    return PeerFollower(name, fleet: fleet, logger: logger) { members in
      let peers = members.filter { services.contains($0.service) }.compactMap(\.hintPeer)
      await subscriber.update(peers: blocked ? [] : peers)
    }
  }
}

/// Notifies a socket of every change of the register, and of the policy where it needs one.
public struct PeerFollower: WatchedService {
  /// How often the peers are passed again, so that a connection that libzmq has abandoned is re-established.
  static let repetition: Duration = .seconds(1)

  private let fleet: Fleet
  private let policy: PolicyFollower?
  private let logger: Logger
  private let apply: @Sendable ([ServiceInstance]) async -> Void
  private let task: WatchedTask

  /// - Parameters:
  ///   - name: of the monitored task.
  ///   - policy: the policy that `apply` depends on.
  ///   - apply: receives all live instances.
  init(
    _ name: String, fleet: Fleet, policy: PolicyFollower? = nil, logger: Logger,
    apply: @escaping @Sendable ([ServiceInstance]) async -> Void
  ) {
    self.fleet = fleet
    self.policy = policy
    self.logger = logger
    self.apply = apply
    task = WatchedTask(name.replacing("-", with: "_"))
  }

  public var tasks: [WatchedTask] { [task] }

  /// Follows until shutdown begins.
  public func run() async throws {
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        await cancelWhenGracefulShutdown {
          for await members in await fleet.changes() { await apply(members) }
        }
      }
      if let policy {
        group.addTask {
          await cancelWhenGracefulShutdown {
            for await _ in await policy.changes() { await apply(fleet.members) }
          }
        }
      }
      group.addTask {
        await PeriodicTask(task, every: PeerFollower.repetition, logger: logger).run {
          await apply(fleet.members)
          return .regular
        }
      }
      await group.waitForAll()
    }
  }
}

/// The topics of hints between services.
public enum HintTopics {
  /// A ticket is waiting; the key is its queue.
  public static let queue = "queue"
  /// An agent has capacity; the key is the agent.
  public static let agent = "agent"
  /// An offer was made or ended; the key is the agent.
  public static let offer = "offer"
  /// A customer is to be looked up in the CRM.
  public static let lookUp = "lookup"
  /// The outbox has due entries.
  public static let outbox = "outbox"
  /// A policy was applied.
  public static let policy = "policy"
}

/// Decides which peers may connect, for each domain of this process's sockets.
public final class ZAPHandler: Sendable {
  /// The domain of links and hints: only live instances of the desk.
  public static let fleetDomain = "desk"

  private let keepers = PthreadMutex<[String: ZAPAuthenticator.Decision]>([:])

  init() {}

  /// Registers `decide` as the access check for sockets of `domain`.
  public func guardDoor(_ domain: String, decide: @escaping ZAPAuthenticator.Decision) {
    keepers.withLock { $0[domain] = decide }
  }

  func judge(_ request: ZAPRequest) async -> UserID? {
    guard let decide = keepers.withLock({ $0[request.domain] }) else { return nil }
    return await decide(request)
  }
}
