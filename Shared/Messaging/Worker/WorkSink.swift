public import Wire
public import ZeroMQ

/// The worker side of the links from all instances of the previous stage: receives items within its credit, and reports each item's
/// outcome to its upstream.
///
/// A middle stage calls `done` when its own source reports an item done: this makes the acknowledgement run end to end. Items that are
/// never settled keep their credit, so a service that makes no progress gets no more. Call `drain(within:)` or `close()` before releasing
/// the sink.
public actor WorkSink {
  /// Received items of all upstream instances, in batches, for one consumer. Bounded by the credit window.
  public nonisolated let batches: BatchQueue<LinkItem>

  private let owner: ZeroMQThread
  private let keys: CurveKeyPair?
  private let start = ContinuousClock.now
  private var machine: WorkerMachine
  private var connections: [WorkerMachine.ConnectionID: WorkerConnection] = [:]
  private var nextBatchID: UInt64 = 1
  private var isRunning = true
  private var isTicking = false
  private var drainWaiters: [CheckedContinuation<Void, Never>] = []

  /// The event thread that owns the sockets.
  public nonisolated var unownedExecutor: UnownedSerialExecutor { owner.thread.asUnownedSerialExecutor() }

  /// Creates a sink without upstream instances.
  /// - Parameters:
  ///   - keys: the process's CURVE keys; nil connects without CURVE, for tests.
  ///   - creditWindow: items held and granted together, 1 or more, best a multiple of the number of upstreams.
  ///   - batchLimit: the maximum number of items that the consumer gets at once.
  ///   - silenceLimit: time without a message after which the sink reconnects to an upstream instance.
  public init(
    on owner: ZeroMQThread, identity: LinkIdentity, keys: CurveKeyPair?,
    creditWindow: Int = MessagingBounds.creditWindow, batchLimit: Int = MessagingBounds.itemsPerBatch * 2,
    silenceLimit: Duration = MessagingBounds.silenceLimit
  ) {
    precondition(creditWindow > 0)
    self.owner = owner
    self.keys = keys
    var limits = WorkerMachine.Limits()
    limits.window = creditWindow
    limits.silence = silenceLimit
    machine = WorkerMachine(hello: identity.hello, limits: limits)
    batches = BatchQueue(limit: creditWindow, batchLimit: batchLimit)
  }

  /// Connects to new instances, and disconnects from those no longer listed.
  public func update(peers: [LinkPeer]) {
    if !isTicking { scheduleTick() }
    perform(machine.handle(.updated(peers), now: now))
  }

  /// Reports to the upstream instances that these items are finished, end to end.
  public func done(_ ids: [ItemID]) {
    guard !ids.isEmpty else { return }
    perform(machine.handle(.finished(ids), now: now))
  }

  /// Hands items back.
  /// - Parameter reason: a short code, such as those of `RefusalReason`.
  public func refuse(_ ids: [ItemID], reason: String) {
    guard !ids.isEmpty else { return }
    perform(machine.handle(.refused(ids, reason: reason), now: now))
  }

  /// Accepts no more items, waits until the service has settled those it holds, and leaves; items not settled within `limit` are handed
  /// back. Continue to consume `batches` meanwhile: it ends when this does.
  public func drain(within limit: Duration) async {
    guard isRunning else { return }
    perform(machine.handle(.drained, now: now))
    owner.reactor.after(limit) { [weak self] in
      self?.assumeIsolated { $0.perform($0.machine.handle(.abandoned, now: $0.now)) }
    }
    await withCheckedContinuation { continuation in
      if isRunning { drainWaiters.append(continuation) } else { continuation.resume() }
    }
  }

  /// Leaves at once, without notice; upstream instances detect the silence.
  public func close() {
    isRunning = false
    for connection in connections.values { connection.close() }
    connections = [:]
    batches.finish()
    for waiter in drainWaiters { waiter.resume() }
    drainWaiters = []
  }

  /// The current state.
  public func snapshot() -> WorkSinkSnapshot {
    machine.snapshot()
  }

  // MARK: The event thread

  private var now: Duration { start.duration(to: .now) }

  private func scheduleTick() {
    isTicking = true
    owner.reactor.after(MessagingBounds.tickInterval) { [weak self] in self?.assumeIsolated { $0.tick() } }
  }

  private func tick() {
    guard isRunning else { return }
    perform(machine.handle(.ticked, now: now))
    scheduleTick()
  }

  private func serve(_ id: WorkerMachine.ConnectionID) {
    connections[id]?.flush()
    for _ in 0..<ZeroMQBounds.messagesPerReadiness {
      guard let message = connections[id]?.receive() else { return }
      let frame = message.isTruncated ? nil : try? LinkFrame(frames: message.frames)
      perform(machine.handle(frame.map { .received($0, over: id) } ?? .failed(id), now: now))
    }
  }

  private func perform(_ effects: [WorkerMachine.Effect]) {
    for effect in effects where isRunning {
      switch effect {
      case .connect(let peer, let id):
        // If connecting to an endpoint fails immediately, it is retried when its greeting times out.
        connections[id] = try? WorkerConnection(.dealer, to: peer, keys: keys, owner: owner) { [weak self] in
          self?.assumeIsolated { $0.serve(id) }
        }
      case .disconnect(let id):
        connections.removeValue(forKey: id)?.close()
      case .send(let frame, let id):
        if !send(frame, over: id) { perform(machine.handle(.failed(id), now: now)) }
      case .deliver(let items):
        batches.push(items)
      case .finish:
        close()
      }
    }
  }

  private func send(_ frame: LinkFrame, over id: WorkerMachine.ConnectionID) -> Bool {
    guard let connection = connections[id] else { return true }
    guard let envelope = try? frame.envelope(batchID: nextBatchID) else { return false }
    nextBatchID += 1
    return connection.send(envelope.frames)
  }
}
