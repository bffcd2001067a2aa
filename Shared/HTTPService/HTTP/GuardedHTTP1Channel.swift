internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import Synchronization

/// HTTP/1 whose connections cannot be exhausted by peers that send slowly, do not read, or open many.
struct GuardedHTTP1Channel: ServerChildChannel {
  typealias Value = AcceptedConnection

  let http: HTTP1Channel
  let limits: ConnectionTimes.Limits
  let addresses: AddressConnections
  let metrics: ConnectionMetrics?

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
    guard addresses.enter(channel) else {
      metrics?.refused()
      channel.close(promise: nil)
      return channel.eventLoop.makeFailedFuture(TooManyConnections())
    }
    return channel.setOption(
      .recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: ConnectionBounds.bytesPerRead)
    )
    .flatMap { channel.setOption(.maxMessagesPerRead, value: ConnectionBounds.readsInARow) }
    .flatMap { channel.setOption(.socketOption(.so_rcvbuf), value: .init(ConnectionBounds.bytesInKernel)) }
    .flatMapThrowing { [metrics, limits] in
      let connection = ConnectionGuard(limits) { metrics?.closed($0) }
      try channel.pipeline.syncOperations.addHandler(connection)
    }
    .flatMap { http.setup(channel: channel, logger: logger) }
    .flatMapThrowing { value in
      let pipeline = channel.pipeline.syncOperations
      let connection = try pipeline.handler(type: ConnectionGuard.self)
      let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
      try pipeline.addHandler(RequestBoundary(connection), position: .after(decoder))
      return AcceptedConnection(value)
    }
  }

  func handle(value: Value, logger: Logger) async {
    await http.handle(value: value.take(), logger: logger)
  }
}

/// A connection that is ready to be served. One that the server no longer accepts, since it is shutting down, is closed: SwiftNIO ends the
/// process when the writer of a channel is released before it is finished.
final class AcceptedConnection: ServerChildChannelValue {
  private let connection: HTTP1Channel.Value
  private let isTaken = Atomic(false)

  init(_ connection: HTTP1Channel.Value) { self.connection = connection }

  var channel: any Channel { connection.channel }

  /// The connection, for the task that serves it to its end.
  func take() -> HTTP1Channel.Value {
    isTaken.store(true, ordering: .relaxed)
    return connection
  }

  deinit {
    guard !isTaken.load(ordering: .relaxed) else { return }
    Task { [connection] in try? await connection.executeThenClose { _, _ in } }
  }
}

/// An address is at its connection limit.
struct TooManyConnections: Error {}
