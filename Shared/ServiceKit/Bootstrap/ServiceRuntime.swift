public import DeskCore
internal import EventThread
public import Logging
public import Messaging
public import ServiceLifecycle
public import Store
public import ZeroMQ

/// What a service is given when it starts: everything that all services share, ready for use.
public struct ServiceRuntime: Sendable {
  /// The service's name: `intake`, `router`, …
  public let service: String
  /// What was configured.
  public let configuration: ServiceConfiguration
  /// Writes this process's log.
  public let logger: Logger
  /// What `/metrics` tells.
  public let metrics: MetricsRegistry
  /// The background tasks that are reported on. Those of the parts that the service starts are added by themselves.
  public let tasks: TaskBoard
  /// What `/readyz` tells.
  public let health: HealthState
  /// The database.
  public let store: DeskStore
  /// The database's clock.
  public let clock: DatabaseClock
  /// The newest policy.
  public let policy: PolicyFollower
  /// This process among the others.
  public let member: FleetMember

  /// The other processes, and this one among them.
  public var fleet: Fleet { member.fleet }

  /// The thread of this process's ZeroMQ sockets.
  public var zeroMQ: ZeroMQThread { member.zeroMQ }

  /// This process's CURVE keys, fresh at each start.
  public var curveKeys: CurveKeyPair { member.curveKeys }

  /// Who may connect to this process's sockets.
  public var doors: Doors { member.doors }

  /// This process.
  public var instance: InstanceID { fleet.me }

  /// Whether ZeroMQ between services is switched off.
  public var linksAreBlocked: Bool { configuration.bool(StandardKeys.linksBlocked.name) }
}

// MARK: - Links and hints

extension ServiceRuntime {
  /// Binds this service's upstream side and enters its address into the register.
  public func workSource(_ options: WorkSource.Options = WorkSource.Options()) async throws -> WorkSource {
    try await member.workSource(
      at: linksAreBlocked ? nil : configuration.string(StandardKeys.linkListen.name), options)
  }

  /// Makes this service's worker side. It takes nothing until its `PeerFollower` runs.
  public func workSink(creditWindow: Int, batchLimit: Int) -> WorkSink {
    member.workSink(creditWindow: creditWindow, batchLimit: batchLimit)
  }

  /// Binds this service's hints and enters their address into the register.
  public func hintPublisher() async throws -> HintPublisher {
    let publisher = try HintPublisher(on: zeroMQ, security: member.security)
    guard !linksAreBlocked else { return publisher }
    let endpoint = try await publisher.bind(to: configuration.string(StandardKeys.linkListen.name))
    try await fleet.announce { $0.hintEndpoint = endpoint }
    return publisher
  }

  /// Makes an ear for hints of some topics. It hears nothing until its `PeerFollower` runs.
  public func hintSubscriber(topics: [String]) -> HintSubscriber {
    HintSubscriber(on: zeroMQ, topics: topics, keys: member.curveKeys)
  }

  /// Keeps a sink connected to all instances of a service, as they come and go.
  ///
  /// - Parameter condition: asked at each change; while it says no, the sink is connected to nobody.
  public func follow(
    linksOf upstream: String, with sink: WorkSink, while condition: @escaping @Sendable () -> Bool = { true }
  ) -> PeerFollower {
    let blocked = linksAreBlocked
    return PeerFollower(fleet: fleet) { members in
      let peers = members.filter { $0.service == upstream }.compactMap(\.linkPeer)
      await sink.update(peers: blocked || !condition() ? [] : peers)
    }
  }

  /// Keeps an ear open to all instances of some services, as they come and go.
  public func follow(hintsOf services: Set<String>, with subscriber: HintSubscriber) -> PeerFollower {
    let blocked = linksAreBlocked
    return PeerFollower(fleet: fleet) { members in
      let peers = members.filter { services.contains($0.service) }.compactMap(\.hintPeer)
      await subscriber.update(peers: blocked ? [] : peers)
    }
  }
}

/// Tells a socket of every change of the register.
public struct PeerFollower: Service {
  /// How often the peers are told again, so that a connection that libzmq gave up for good is made anew.
  static let repetition: Duration = .seconds(1)

  let fleet: Fleet
  let apply: @Sendable ([ServiceInstance]) async -> Void

  /// Follows until shutdown begins.
  public func run() async throws {
    await cancelWhenGracefulShutdown {
      await withTaskGroup(of: Void.self) { group in
        group.addTask {
          for await members in await fleet.changes() { await apply(members) }
        }
        group.addTask {
          while !Task.isCancelled {
            try? await Task.sleep(for: PeerFollower.repetition)
            await apply(fleet.members)
          }
        }
        await group.waitForAll()
      }
    }
  }
}

/// The topics of hints between services.
public enum HintTopics {
  /// A ticket waits; the key names its queue.
  public static let queue = "queue"
  /// An agent can take something; the key names the agent.
  public static let agent = "agent"
  /// An offer was made or ended; the key names the agent.
  public static let offer = "offer"
  /// The outbox has something due.
  public static let outbox = "outbox"
  /// A policy was applied.
  public static let policy = "policy"
}

/// Decides who may connect, for each domain of this process's sockets.
public final class Doors: Sendable {
  /// The domain of links and hints: living instances of the desk, and nobody else.
  public static let fleetDomain = "desk"

  private let keepers = PthreadMutex<[String: ZAPAuthenticator.Decision]>([:])

  init() {}

  /// Lets `decide` judge who connects to sockets of `domain`.
  public func guardDoor(_ domain: String, decide: @escaping ZAPAuthenticator.Decision) {
    keepers.withLock { $0[domain] = decide }
  }

  func judge(_ request: ZAPRequest) async -> UserID? {
    guard let decide = keepers.withLock({ $0[request.domain] }) else { return nil }
    return await decide(request)
  }
}
