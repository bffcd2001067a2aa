import DequeModule
public import Wire
public import ZeroMQ

/// The upstream side of a link: accepts items from the service, sends them to connected workers, and reports the outcome of each.
///
/// Items that are not accepted (`offer` returns less than it was given) stay in the database and are offered later. The service must
/// consume `outcomes`, as unconsumed ones use the room for new items. Call `close()` before releasing the source.
public actor WorkSource {
  /// The limits of a source that a service may set.
  public struct Options: Sendable {
    /// Items held at once: waiting, in flight, and finished but not yet taken from `outcomes`.
    public var items = MessagingBounds.itemsPerSource

    /// Age at which an item is reported as expired.
    public var itemAge = MessagingBounds.itemAge

    /// Deliveries before an item is reported as failed.
    public var handOuts = MessagingBounds.handOutsPerItem

    /// Time without a message after which a worker counts as lost; more than twice the heartbeat's interval.
    public var silenceLimit = MessagingBounds.silenceLimit

    /// The default bounds.
    public init() {}
  }

  /// The outcomes of items, in batches, for one consumer.
  public nonisolated let outcomes: BatchQueue<WorkOutcome>

  private let owner: ZeroMQThread
  private let socket: Socket
  private let requiresUserID: Bool
  private let start = ContinuousClock.now
  private var machine: UpstreamMachine
  private var registration: ZeroMQReactor.SocketID?
  private var nextBatchID: UInt64 = 1

  /// The event thread that owns the socket.
  public nonisolated var unownedExecutor: UnownedSerialExecutor { owner.thread.asUnownedSerialExecutor() }

  /// Runs tasks on that thread.
  public nonisolated var taskExecutor: any TaskExecutor { owner.tasks }

  /// Creates the socket.
  /// - Parameter security: CURVE with a domain for all traffic that leaves the process; `.none` for tests.
  public init(
    on owner: ZeroMQThread, identity: LinkIdentity, security: SocketOptions.Security, options: Options = Options()
  ) throws(ZeroMQError) {
    self.owner = owner
    if case .none = security { requiresUserID = false } else { requiresUserID = true }
    var settings = SocketOptions(security: security)
    settings.maximumFrameBytes = MessagingBounds.upstreamFrameBytes
    socket = try Socket(.router, context: owner.context, options: settings)
    var limits = UpstreamMachine.Limits()
    limits.items = options.items
    limits.itemAge = options.itemAge
    limits.handOuts = options.handOuts
    limits.silence = options.silenceLimit
    machine = UpstreamMachine(hello: identity.hello, limits: limits)
    outcomes = BatchQueue(limit: options.items)
  }

  /// Binds and returns the endpoint with its concrete port, to be announced afterwards.
  public func bind(to endpoint: String) throws(ZeroMQError) -> String {
    let concrete = try socket.bind(to: endpoint)
    if registration == nil {
      registration = owner.reactor.register(socket, interest: .readable) { [self] _ in assumeIsolated { $0.drain() } }
      scheduleTick()
    }
    return concrete
  }

  /// Accepts items while there is room, and sends them at once to workers with credit.
  /// - Parameter items: one that is already held counts as accepted and is not duplicated.
  /// - Returns: how many were accepted, from the front.
  public func offer(_ items: [LinkItem]) -> Int {
    guard registration != nil else { return 0 }
    let (taken, effects) = machine.offer(items, unreported: outcomes.count, now: now)
    perform(effects)
    return taken
  }

  /// The current state.
  public func snapshot() -> WorkSourceSnapshot {
    machine.snapshot(unreported: outcomes.count, now: now)
  }

  /// Sends BYE to the workers and ends `outcomes` after those that wait. Items still held stay in the database.
  public func close() {
    if let registration {
      perform(machine.handle(.closed, now: now))
      owner.reactor.remove(registration)
      self.registration = nil
    }
    // A source that was never bound has a consumer too, which waits for the end.
    outcomes.finish()
  }

  // MARK: The event thread

  private var now: Duration { start.duration(to: .now) }

  private func scheduleTick() {
    owner.reactor.after(MessagingBounds.tickInterval) { [weak self] in self?.assumeIsolated { $0.tick() } }
  }

  private func tick() {
    guard registration != nil else { return }
    perform(machine.handle(.ticked, now: now))
    scheduleTick()
  }

  private func drain() {
    for _ in 0..<ZeroMQBounds.messagesPerReadiness {
      guard registration != nil, let message = (try? socket.receive()) ?? nil else { return }
      guard let routingID = message.frames.first else { continue }
      // Without a user id the sender is not authenticated: not part of the protocol.
      guard message.userID != nil || !requiresUserID else { continue }
      let route = WorkerRoute(bytes: routingID)
      let frame = message.isTruncated ? nil : try? LinkFrame(frames: Array(message.frames.dropFirst()))
      perform(machine.handle(frame.map { .received($0, from: route) } ?? .malformed(from: route), now: now))
    }
  }

  private func perform(_ effects: [UpstreamMachine.Effect]) {
    var queue = Deque(effects)
    while let effect = queue.popFirst() {
      switch effect {
      case .report(let ended): outcomes.push(ended)
      case .send(let frame, let route):
        guard !send(frame, to: route) else { continue }
        // Credit keeps queues short, so a full one means a stuck peer, which is treated like a lost one: messages still queued for it
        // must not reach it, because another worker gets their items now.
        queue.removeAll { $0.isSending(to: route) }
        queue.append(contentsOf: machine.handle(.unreachable(route), now: now))
      }
    }
  }

  private func send(_ frame: LinkFrame, to route: WorkerRoute) -> Bool {
    guard let envelope = try? frame.envelope(batchID: nextBatchID) else { return false }
    nextBatchID += 1
    return (try? socket.send([route.bytes] + envelope.frames)) ?? false
  }
}
