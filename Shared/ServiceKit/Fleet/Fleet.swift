public import DeskCore
internal import EventThread
public import Logging
public import Messaging
internal import ServiceLifecycle
public import Store
public import ZeroMQ

/// This process's place among the others: it says that it lives, knows who else does, and vouches for their keys.
///
/// The register in PostgreSQL is the only meeting place. Starting a process is all it takes to scale, and whoever may write to the
/// database may join; a CURVE key is trusted because a living instance entered it there.
public actor Fleet: WatchedService {
  /// This process.
  public nonisolated let me: InstanceID

  private let store: DeskStore
  private let clock: DatabaseClock
  private let logger: Logger
  private let problems: @Sendable () -> [WatchedTask.Problem]
  private let task = WatchedTask("heartbeat")
  private var entry: ServiceInstance
  private let snapshot: PthreadMutex<[ServiceInstance]>
  private var watchers: [Int: AsyncStream<[ServiceInstance]>.Continuation] = [:]
  private var nextWatcher = 0
  private var hasLeft = false
  private var lastBeat = ContinuousClock.now
  /// Until then whoever was known stays known: see `beat`.
  private var overlooksSilenceUntil = ContinuousClock.now

  /// Enters nothing yet; `announce` does.
  ///
  /// - Parameter problems: what goes wrong in this process, worst first; the register is told with each heartbeat.
  public init(
    _ entry: ServiceInstance, store: DeskStore, clock: DatabaseClock, logger: Logger,
    problems: @escaping @Sendable () -> [WatchedTask.Problem] = { [] }
  ) {
    me = entry.id
    self.entry = entry
    self.store = store
    self.clock = clock
    self.logger = logger
    self.problems = problems
    snapshot = PthreadMutex([])
  }

  /// Enters this instance into the register, with the endpoints it has bound so far.
  public func announce(_ change: (inout ServiceInstance) -> Void = { _ in }) async throws {
    change(&entry)
    // Late news of a process that has left must not make it look alive again.
    guard !hasLeft else { return }
    try await store.register(entry)
    try await beat()
  }

  public nonisolated var tasks: [WatchedTask] { [task] }

  /// Everyone who lived at the last look, this process among them.
  public nonisolated var members: [ServiceInstance] {
    snapshot.withLock { $0 }
  }

  /// Those of a service who lived at the last look and do not leave.
  public nonisolated func members(of service: String) -> [ServiceInstance] {
    members.filter { $0.service == service && $0.state != .draining }
  }

  /// The register after each look that changed it, beginning with the last one; only the newest is kept for a slow reader.
  public func changes() -> AsyncStream<[ServiceInstance]> {
    let (stream, continuation) = AsyncStream.makeStream(
      of: [ServiceInstance].self, bufferingPolicy: .bufferingNewest(1))
    let watcher = nextWatcher
    nextWatcher += 1
    watchers[watcher] = continuation
    continuation.yield(members)
    continuation.onTermination = { [weak self] _ in
      Task { await self?.forget(watcher) }
    }
    return stream
  }

  private func forget(_ watcher: Int) {
    watchers[watcher] = nil
  }

  /// The instance that owns a CURVE public key. An unknown key is looked up before it is refused, because a process connects the
  /// moment after it has registered.
  public func owner(ofKey publicKey: CurvePublicKey) async -> ServiceInstance? {
    if let known = members.first(where: { $0.curvePublicKey == publicKey.bytes }) { return known }
    try? await look()
    return members.first { $0.curvePublicKey == publicKey.bytes }
  }

  /// Beats until it is its turn to stop, after everything that needs the others; `leave` then ends the entry.
  public func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        await self.task.attempt(self.logger) { try await self.beat() }
        try? await Task.sleep(for: FleetBounds.heartbeat)
      }
    }
  }

  /// Takes this instance out of the register. Its undecided messages may then be adopted at once.
  public func leave() async {
    hasLeft = true
    try? await store.deregister(me)
    for continuation in watchers.values { continuation.finish() }
    watchers = [:]
  }

  private func beat() async throws {
    let asked = ContinuousClock.now
    let answer = try await store.heartbeat(
      me,
      problems: problems().map {
        ServiceInstance.Problem(
          task: $0.task, kind: $0.kind, failures: Int64($0.failures), seconds: $0.lasting.seconds)
      })
    clock.set(answer.now, askedAt: asked)
    if !answer.isRegistered && !hasLeft { try await store.register(entry) }
    // While the database was away nobody could say that they live, and the first to come back would take all others for dead and
    // cut every link. They get the time to speak up.
    if lastBeat + FleetBounds.silence / 2 < asked { overlooksSilenceUntil = .now + FleetBounds.silence }
    lastBeat = .now
    take(answer.living)
  }

  private func look() async throws {
    take(try await store.livingInstances())
  }

  private func take(_ answer: [ServiceInstance]) {
    let isOverlooking = overlooksSilenceUntil > .now
    let changed = snapshot.withLock { held in
      let living = isOverlooking ? Fleet.merged(answer, keeping: held) : answer
      let before = held.map(FleetFace.init)
      held = living
      return before != living.map(FleetFace.init)
    }
    if changed {
      for continuation in watchers.values { continuation.yield(members) }
    }
  }

  /// Those who live, and after them those of before who are missing among them.
  static func merged(_ living: [ServiceInstance], keeping before: [ServiceInstance]) -> [ServiceInstance] {
    let known = Set(living.map(\.id))
    return living + before.filter { !known.contains($0.id) }
  }
}

/// What of an instance matters to others; its heartbeat changes all the time and does not.
private struct FleetFace: Equatable {
  let id: InstanceID
  let state: ServiceInstance.State
  let endpoints: [String?]

  init(_ instance: ServiceInstance) {
    id = instance.id
    state = instance.state
    endpoints = [instance.linkEndpoint, instance.hintEndpoint, instance.httpEndpoint]
  }
}

extension ServiceInstance {
  /// Where to fetch work from this instance; nil when it hands out none.
  public var linkPeer: LinkPeer? { linkEndpoint.map { peer(at: $0) } }

  /// Where to hear this instance's hints; nil when it gives none.
  public var hintPeer: LinkPeer? { hintEndpoint.map { peer(at: $0) } }

  private func peer(at endpoint: String) -> LinkPeer {
    LinkPeer(
      instanceID: id.description, endpoint: endpoint, serverPublicKey: CurvePublicKey(bytes: curvePublicKey))
  }
}
