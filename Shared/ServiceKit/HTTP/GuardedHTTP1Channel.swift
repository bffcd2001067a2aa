internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTP1

/// HTTP/1 whose connections nobody can hold by sending slowly, by not reading, or by opening many.
struct GuardedHTTP1Channel: ServerChildChannel {
  typealias Value = HTTP1Channel.Value

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
      return value
    }
  }

  func handle(value: Value, logger: Logger) async {
    await http.handle(value: value, logger: logger)
  }
}

/// An address has as many connections open as it may.
struct TooManyConnections: Error {}
