public import DeskCore
public import Logging
public import Messaging
internal import Observability
public import ServiceHealth
internal import ServiceLifecycle
public import Store
internal import SystemPrimitives
public import ZeroMQ

/// This process's membership of the fleet: sends its heartbeat, tracks the other live processes, and vouches for their keys.
///
/// The register in PostgreSQL is the only rendezvous. Starting a process is all it takes to scale, and any process that may write to the
/// database may join; a CURVE key is trusted because a live instance registered it there.
public actor Fleet: WatchedService {
  /// This process.
  public nonisolated let me: InstanceID

  private let store: DeskStore
  private let clock: DatabaseClock
  private let logger: Logger
  private let problems: @Sendable () -> [WatchedTask.Problem]
  private let work: WorkMeter
  private let now: @Sendable () -> ContinuousClock.Instant
  private let task = WatchedTask("heartbeat")
  private var entry: ServiceInstance
  private let snapshot: PthreadMutex<[ServiceInstance]>
  private var watchers: [Int: AsyncStream<[ServiceInstance]>.Continuation] = [:]
  private var nextWatcher = 0
  /// Whether the register has `entry` as it is.
  private var isRegistered = false
  /// Entries written so far, and those being written.
  private var registrations = 0
  private var registrationsUnderWay = 0
  private var hasLeft = false
  private var lastBeat: ContinuousClock.Instant
  /// Until then known instances stay known: see `beat`.
  private var overlooksSilenceUntil: ContinuousClock.Instant

  /// Registers nothing yet; `announce` does.
  ///
  /// - Parameters:
  ///   - problems: the current problems of this process, worst first; each heartbeat reports them to the register.
  ///   - work: how busy this process is; each heartbeat reports that, too.
  ///   - now: the clock that detects missed heartbeats, for tests.
  public init(
    _ entry: ServiceInstance, store: DeskStore, clock: DatabaseClock, logger: Logger,
    problems: @escaping @Sendable () -> [WatchedTask.Problem] = { [] }, work: WorkMeter = WorkMeter(),
    now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
  ) {
    me = entry.id
    self.entry = entry
    self.store = store
    self.clock = clock
    self.logger = logger
    self.problems = problems
    self.work = work
    self.now = now
    (lastBeat, overlooksSilenceUntil) = (now(), now())
    snapshot = PthreadMutex([])
  }

  /// Changes the entry without a round trip: the next announcement or heartbeat registers it.
  public func amend(_ change: (inout ServiceInstance) -> Void) {
    let before = entry
    change(&entry)
    if entry != before { isRegistered = false }
  }

  /// Registers this instance, with the endpoints it has bound so far.
  ///
  /// - Throws: `PostgresError`; the next heartbeat that succeeds then makes up for it.
  public func announce(_ change: (inout ServiceInstance) -> Void = { _ in }) async throws {
    change(&entry)
    // A late update of a process that has left must not make it appear alive again.
    guard !hasLeft else { return }
    isRegistered = false
    try await beat()
  }

  public nonisolated var tasks: [WatchedTask] { [task] }

  /// All instances that were live at the last poll, including this process.
  public nonisolated var members: [ServiceInstance] {
    snapshot.withLock { $0 }
  }

  /// Returns the instances of a service that were live at the last poll and are not leaving.
  public nonisolated func members(of service: String) -> [ServiceInstance] {
    members.filter { $0.service == service && $0.state != .draining }
  }

  /// The register after each poll that changed it, starting with the last one; only the newest is buffered for a slow reader.
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

  /// Returns the instance that owns a CURVE public key. An unknown key is looked up before it is refused, because a process connects
  /// immediately after registering.
  public func owner(ofKey publicKey: CurvePublicKey) async -> ServiceInstance? {
    if let known = members.first(where: { $0.curvePublicKey == publicKey.bytes }) { return known }
    await task.attemptBetweenRounds(logger) { try await look() }
    return members.first { $0.curvePublicKey == publicKey.bytes }
  }

  /// Sends heartbeats until it is stopped, after everything that needs the other processes; `leave` then ends the entry.
  public func run() async throws {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.lookOften() }
      // Failures do not slow it down: the others wait for this process when the database is back.
      let interval = FleetBounds.heartbeat
      await PeriodicTask(task, every: interval, longestBackOff: interval, logger: logger).run {
        try await self.beat()
        return .regular
      }
      group.cancelAll()
    }
  }

  /// Looks for other processes while this one is young.
  private func lookOften() async {
    let end = ContinuousClock.now + FleetBounds.youth
    while ContinuousClock.now < end, (try? await Task.sleep(for: FleetBounds.youngLook)) != nil {
      await task.attemptBetweenRounds(logger) { try await look() }
    }
  }

  /// Deregisters this instance. Its undecided messages may then be adopted immediately.
  public func leave() async {
    hasLeft = true
    do {
      try await store.fleet.deregister(me)
    } catch {
      logger.warning(
        "not deregistered: the other processes notice the missing heartbeats",
        metadata: ["error": "\(FailureKind.of(error))"])
    }
    for continuation in watchers.values { continuation.finish() }
    watchers = [:]
  }

  /// Sends one heartbeat, and reads the register.
  func beat() async throws {
    let (asked, begun) = (ContinuousClock.now, now())
    let problems = problems().map {
      ServiceInstance.Problem(
        task: $0.task, kind: $0.kind, failures: Int64($0.failures), seconds: $0.lasting.seconds)
    }
    // A change of the entry is registered in the same round trip.
    let announced = isRegistered || hasLeft ? nil : entry
    let answer =
      if let announced {
        try await registering(announced) {
          try await store.fleet.heartbeat(registering: $0, problems: problems, load: work.read())
        }
      } else {
        try await store.fleet.heartbeat(me, problems: problems, load: work.read())
      }
    clock.set(answer.now, askedAt: asked)
    if !answer.isRegistered, !hasLeft { try await register() }
    // While the database was unreachable no heartbeat was possible, and the first process to return would consider all others dead and
    // cut every link. They get time to send one.
    if lastBeat + FleetBounds.silence / 2 < begun { overlooksSilenceUntil = now() + FleetBounds.silence }
    lastBeat = now()
    take(answer.living)
  }

  private func register() async throws {
    try await registering(entry) { try await store.fleet.register($0) }
  }

  /// Writes an entry. It counts as registered only if no other was written at the same time, because it is unknown which of the two the
  /// database took last; the next heartbeat then writes it again.
  private func registering<Answer: Sendable>(
    _ announced: ServiceInstance, _ write: (ServiceInstance) async throws -> Answer
  ) async throws -> Answer {
    registrations += 1
    let number = registrations
    let isAlone = registrationsUnderWay == 0
    registrationsUnderWay += 1
    isRegistered = false
    defer { registrationsUnderWay -= 1 }
    let answer = try await write(announced)
    isRegistered = isAlone && number == registrations && announced == entry
    return answer
  }

  private func look() async throws {
    take(try await store.fleet.livingInstances())
  }

  private func take(_ answer: [ServiceInstance]) {
    let isOverlooking = overlooksSilenceUntil > now()
    let changed = snapshot.withLock { held in
      let living = isOverlooking ? Fleet.merged(answer, keeping: held) : answer
      let before = held.map(FleetSnapshot.init)
      held = living
      return before != living.map(FleetSnapshot.init)
    }
    if changed {
      for continuation in watchers.values { continuation.yield(members) }
    }
  }

  /// The live instances, followed by previously known ones that are missing among them.
  static func merged(_ living: [ServiceInstance], keeping before: [ServiceInstance]) -> [ServiceInstance] {
    let known = Set(living.map(\.id))
    return living + before.filter { !known.contains($0.id) }
  }
}

/// The fields of an instance that matter to others, without its constantly changing heartbeat.
private struct FleetSnapshot: Equatable {
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
  /// The endpoint to fetch work from; nil when this instance distributes none.
  public var linkPeer: LinkPeer? { linkEndpoint.map { peer(at: $0) } }

  /// The endpoint of this instance's hints; nil when it publishes none.
  public var hintPeer: LinkPeer? { hintEndpoint.map { peer(at: $0) } }

  private func peer(at endpoint: String) -> LinkPeer {
    LinkPeer(
      instanceID: id.description, endpoint: endpoint, serverPublicKey: CurvePublicKey(bytes: curvePublicKey))
  }
}
