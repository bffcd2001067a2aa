import SystemPrimitives

/// A message from or to one peer of a ROUTER.
public struct PeerMessage: Sendable {
  /// The peer's routing id: valid while its connection lasts, and not a proof of identity.
  public let peer: [UInt8]

  /// The peer's identity, as assigned by the ZAP handler; nil on sockets without authentication.
  public let userID: UserID?

  /// The frames after the routing id.
  public let frames: [[UInt8]]

  /// Whether frames beyond the limit were discarded; such a message must be refused.
  public let isTruncated: Bool

  /// The bytes of all its frames.
  public var bytes: Int { frames.reduce(0) { $0 + $1.count } }

  /// Creates a message to a peer.
  public init(peer: [UInt8], frames: [[UInt8]]) {
    self.peer = peer
    self.userID = nil
    self.frames = frames
    self.isTruncated = false
  }

  /// Creates a received message; nil when it has nothing but the routing id.
  init?(_ message: Message) {
    guard let peer = message.frames.first, message.frames.count > 1 else { return nil }
    self.peer = peer
    self.userID = message.userID
    self.frames = Array(message.frames.dropFirst())
    self.isTruncated = message.isTruncated
  }
}

/// A bound ROUTER that passes received messages to one task in batches, and sends batches back.
///
/// When the task does not keep up, the endpoint stops reading, so peers reach their own high-water marks. Call `close()` before releasing
/// it.
public actor RouterEndpoint {
  /// The received messages, in batches, for one consumer.
  public nonisolated let messages: BatchQueue<PeerMessage>

  /// Messages that could not be sent so far, because the peer was gone or did not read.
  public private(set) var undeliverableCount = 0

  /// Connections closed so far because of `SocketOptions.connectionLimits`.
  public private(set) var endedConnectionCount = 0

  private let owner: ZeroMQThread
  private let socket: Socket
  private let limits: SocketOptions.ConnectionLimits?
  private let connectionEnded: @Sendable (_ reason: ConnectionEnd, _ connections: Int) -> Void
  private var registration: ZeroMQReactor.SocketID?
  private var monitor: ConnectionMonitor?
  private var isMeasuring = false

  /// The event thread that owns the socket.
  public nonisolated var unownedExecutor: UnownedSerialExecutor { owner.thread.asUnownedSerialExecutor() }

  /// Runs tasks on that thread.
  public nonisolated var taskExecutor: any TaskExecutor { owner.tasks }

  /// Creates the socket.
  /// - Parameters:
  ///   - waitingLimit: messages that may wait for the consumer before the endpoint stops reading.
  ///   - waitingBytes: their maximum total bytes.
  ///   - connectionEnded: called when connections were closed because of `SocketOptions.connectionLimits`.
  public init(
    on owner: ZeroMQThread, options: SocketOptions, waitingLimit: Int = 4096, waitingBytes: Int = .max,
    connectionEnded: @escaping @Sendable (_ reason: ConnectionEnd, _ connections: Int) -> Void = { _, _ in }
  ) throws(ZeroMQError) {
    self.owner = owner
    self.connectionEnded = connectionEnded
    limits = options.connectionLimits
    socket = try Socket(.router, context: owner.context, options: options)
    let room = RoomSignal()
    messages = BatchQueue(
      limit: waitingLimit, whenRoom: { room.raise() }, weightLimit: waitingBytes, weight: { $0.bytes })
    room.set { [weak self] in
      guard let self else { return }
      Task { await self.resume() }
    }
  }

  /// Binds, starts reading, and returns the endpoint with its concrete port.
  public func bind(to endpoint: String) throws(ZeroMQError) -> String {
    if monitor == nil, let limits {
      monitor = try ConnectionMonitor(socket, limits: limits, on: owner) { [self] _ in
        assumeIsolated { $0.noteConnections() }
      }
    }
    let concrete = try socket.bind(to: endpoint)
    monitor?.bound(to: concrete)
    if registration == nil {
      registration = owner.reactor.register(socket, interest: .readable) { [self] _ in assumeIsolated { $0.drain() } }
    }
    return concrete
  }

  /// Sends messages without waiting; those to peers that are gone or do not read are dropped and counted.
  public func send(_ batch: [PeerMessage]) {
    guard registration != nil else { return }
    for message in batch {
      let isSent = (try? socket.send([message.peer] + message.frames)) ?? false
      if !isSent { undeliverableCount += 1 }
    }
  }

  /// Sends what a queue gets until it ends. Each batch goes to the socket's thread directly.
  public func send(from queue: BatchQueue<PeerMessage>) async {
    var batches = queue.makeAsyncIterator()
    // Not `for await`, which leaves the actor to ask for the next batch.
    while let batch = await batches.next() { send(batch) }
  }

  /// Stops reading and ends the sequence after the waiting messages. Connections end when the endpoint is released.
  public func close() {
    if let registration { owner.reactor.remove(registration) }
    registration = nil
    monitor?.stop(on: owner.reactor)
    monitor = nil
    messages.finish()
  }

  // MARK: Connections

  private func noteConnections() {
    guard let monitor else { return }
    ended(monitor.drain(now: .now), .tooMany)
    measureLater()
  }

  private func measureLater() {
    guard let monitor, !monitor.isIdle, !isMeasuring else { return }
    isMeasuring = true
    owner.reactor.after(ZeroMQBounds.measuringInterval) { [weak self] in self?.assumeIsolated { $0.measure() } }
  }

  private func measure() {
    isMeasuring = false
    guard let monitor else { return }
    ended(monitor.look(now: .now), .unreadBytes)
    measureLater()
  }

  private func ended(_ connections: Int, _ reason: ConnectionEnd) {
    guard connections > 0 else { return }
    endedConnectionCount += connections
    connectionEnded(reason, connections)
  }

  // MARK: Messages

  private func drain() {
    var batch: [PeerMessage] = []
    var bytes = 0
    while batch.count < ZeroMQBounds.messagesPerReadiness, bytes < ZeroMQBounds.bytesPerReadiness,
      let message = (try? socket.receive()) ?? nil
    {
      monitor?.read(message)
      bytes += message.bytesOnWire
      if let message = PeerMessage(message) { batch.append(message) }
    }
    guard !messages.push(batch), let registration else { return }
    owner.reactor.setInterest([], for: registration)
  }

  private func resume() {
    if let registration { owner.reactor.setInterest(.readable, for: registration) }
  }
}

/// Allows a queue to be created before the actor that it calls back.
final class RoomSignal: Sendable {
  private let action = PthreadMutex<(@Sendable () -> Void)?>(nil)

  func set(_ body: @escaping @Sendable () -> Void) { action.withLock { $0 = body } }

  func raise() { action.withLock { $0 }?() }
}
