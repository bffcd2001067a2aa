import EventThread

/// A message of or for one peer of a ROUTER.
public struct PeerMessage: Sendable {
  /// The peer's routing id: valid while its connection lasts, and no proof of identity.
  public let peer: [UInt8]

  /// Who the peer is, as the ZAP handler decided; nil on sockets without authentication.
  public let userID: UserID?

  /// The frames after the routing id.
  public let frames: [[UInt8]]

  /// Whether frames beyond the bound were discarded; such a message is to be refused.
  public let isTruncated: Bool

  /// Bytes of all its frames.
  public var bytes: Int { frames.reduce(0) { $0 + $1.count } }

  /// A message to a peer.
  public init(peer: [UInt8], frames: [[UInt8]]) {
    self.peer = peer
    self.userID = nil
    self.frames = frames
    self.isTruncated = false
  }

  /// A received message; nil when it has nothing but the routing id.
  init?(_ message: Message) {
    guard let peer = message.frames.first, message.frames.count > 1 else { return nil }
    self.peer = peer
    self.userID = message.userID
    self.frames = Array(message.frames.dropFirst())
    self.isTruncated = message.isTruncated
  }
}

/// A bound ROUTER that hands what arrives to one task in batches, and sends batches back.
///
/// When the task does not keep up the endpoint stops reading, so peers meet their own high-water marks. Call `close()`
/// before letting it go.
public actor RouterEndpoint {
  /// What has arrived, in batches, for one consumer.
  public nonisolated let messages: BatchQueue<PeerMessage>

  /// Messages that could not be sent so far, as the peer had gone or did not read.
  public private(set) var undeliverableCount = 0

  /// Connections ended so far because of `SocketOptions.connectionLimits`.
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

  /// Makes the socket.
  /// - Parameters:
  ///   - waitingLimit: messages that may wait for the consumer before the endpoint stops reading.
  ///   - waitingBytes: bytes of them.
  ///   - connectionEnded: called when connections were ended because of `SocketOptions.connectionLimits`.
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

  /// Binds, starts to read, and returns the endpoint with its concrete port.
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

  /// Sends messages without waiting; those of peers that have gone or do not read are dropped and counted.
  public func send(_ batch: [PeerMessage]) {
    guard registration != nil else { return }
    for message in batch {
      let isSent = (try? socket.send([message.peer] + message.frames)) ?? false
      if !isSent { undeliverableCount += 1 }
    }
  }

  /// Stops to read and ends the sequence after what waits. Connections end when the endpoint is let go.
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

/// Lets a queue be made before the actor that it calls back.
final class RoomSignal: Sendable {
  private let action = PthreadMutex<(@Sendable () -> Void)?>(nil)

  func set(_ body: @escaping @Sendable () -> Void) { action.withLock { $0 = body } }

  func raise() { action.withLock { $0 }?() }
}
