internal import Glibc
internal import NIOCore
internal import NIOHTTP1
internal import Observability

/// Executes the decisions of `ConnectionTimes` on the bytes of a connection: reads when allowed, forwards pieces small enough that
/// requests can be counted, measures how fast the peer reads, and closes.
///
/// `RequestBoundary` reports where requests and responses begin and end.
final class ConnectionGuard: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer
  typealias OutboundIn = IOData
  typealias OutboundOut = IOData

  private(set) var times: ConnectionTimes
  private let closed: @Sendable (ConnectionTimes.Reason) -> Void
  private var context: ChannelHandlerContext?
  private var timer: Scheduled<Void>?
  private var timerIsDueAt: ContinuousClock.Instant?
  /// Bytes that were read while no further request may begin.
  private var held = ByteBuffer()
  private var heldEvent: ChannelEvent?
  private var isReadHeld = false
  private var isHandingOn = false
  /// Remaining bytes of a body whose length is known: no request begins within them.
  private var bodyBytesLeft = 0

  /// - Parameter closed: called when the connection is closed because of its limits.
  init(_ limits: ConnectionTimes.Limits, closed: @escaping @Sendable (ConnectionTimes.Reason) -> Void) {
    times = ConnectionTimes(limits)
    self.closed = closed
  }

  /// Records an event and executes the resulting decisions.
  func note(_ event: ConnectionTimes.Event) {
    guard let context else { return }
    switch times.handle(event, now: .now) {
    case nil: break
    case .closeOutput: context.close(mode: .output, promise: nil)
    case .close(let reason):
      if reason == .peerDoesNotRead { discardUnsent(context.channel) }
      closed(reason)
      context.close(promise: nil)
    }
    setTimer(context)
  }

  /// Makes the following close reset the connection (socket(7), SO_LINGER with a time of 0). Otherwise the kernel would keep what the peer
  /// does not read, and the connection with it, and the peer would see its end only after reading all of that.
  private func discardUnsent(_ channel: any Channel) {
    guard let socket = channel as? any SocketOptionProvider else { return }
    // Fails only if the connection is already closed.
    _ = socket.setSoLinger(linger(l_onoff: 1, l_linger: 0))
  }

  /// Handles the start of a request with the given body length; 0 if it is unknown.
  func expectBody(of bytes: Int) { bodyBytesLeft = bytes }

  /// Handles decoded body bytes.
  func tookBody(of bytes: Int) { bodyBytesLeft = max(0, bodyBytesLeft - bytes) }

  /// Continues reading and decoding if now allowed.
  func resume() {
    guard let context else { return }
    if handOn(context) { context.fireChannelReadComplete() }
    guard isReadHeld, mayRead else { return }
    isReadHeld = false
    context.read()
  }

  private var mayRead: Bool { times.mayRead && held.readableBytes == 0 }

  // MARK: Lifecycle

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    timer?.cancel()
    timer = nil
    self.context = nil
  }

  private func setTimer(_ context: ChannelHandlerContext) {
    guard let deadline = times.deadline else { return }
    // A timer that fires too early checks again; most deadlines are cleared long before.
    if let timerIsDueAt, timerIsDueAt <= deadline { return }
    timer?.cancel()
    timerIsDueAt = deadline
    let delay = ContinuousClock.now.duration(to: deadline)
    timer = context.eventLoop.assumeIsolated().scheduleTask(in: .nanoseconds(max(0, Int64(delay.seconds * 1e9)))) {
      self.timer = nil
      self.timerIsDueAt = nil
      self.note(.timePassed)
    }
  }

  // MARK: In

  func read(context: ChannelHandlerContext) {
    if mayRead { context.read() } else { isReadHeld = true }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !times.isDiscarding else { return }
    note(.received)
    var bytes = unwrapInboundIn(data)
    if held.readableBytes == 0 { held = bytes } else { held.writeBuffer(&bytes) }
    _ = handOn(context)
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if let event = event as? ChannelEvent, case .inputClosed = event, held.readableBytes > 0 {
      heldEvent = event
    } else {
      context.fireUserInboundEventTriggered(event)
    }
  }

  /// Forwards what may be decoded, in pieces in which few requests can begin.
  /// - Returns: whether there was any.
  private func handOn(_ context: ChannelHandlerContext) -> Bool {
    guard !isHandingOn else { return false }
    isHandingOn = true
    defer { isHandingOn = false }
    var hasMoved = false
    while held.readableBytes > 0, times.mayDecode || bodyBytesLeft > 0, !times.isDiscarding {
      let most = bodyBytesLeft > 0 ? bodyBytesLeft : ConnectionBounds.bytesPerDecoding
      guard let piece = held.readSlice(length: min(held.readableBytes, most)) else { break }
      hasMoved = true
      context.fireChannelRead(wrapInboundOut(piece))
    }
    if times.isDiscarding { held.clear() }
    guard held.readableBytes == 0 else { return hasMoved }
    held = ByteBuffer()
    if let event = heldEvent {
      heldEvent = nil
      context.fireUserInboundEventTriggered(event)
    }
    return hasMoved
  }

  // MARK: Out

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    guard case .byteBuffer(var bytes) = unwrapOutboundIn(data) else { return context.write(data, promise: promise) }
    // In pieces, because only the end of a write is reported.
    while bytes.readableBytes > ConnectionBounds.bytesPerWriteWindow,
      let piece = bytes.readSlice(length: ConnectionBounds.bytesPerWriteWindow)
    {
      write(piece, context, promise: context.eventLoop.makePromise())
    }
    write(bytes, context, promise: promise ?? context.eventLoop.makePromise())
  }

  private func write(_ bytes: ByteBuffer, _ context: ChannelHandlerContext, promise: EventLoopPromise<Void>) {
    let count = bytes.readableBytes
    note(.queued(bytes: count))
    promise.futureResult.assumeIsolated().whenSuccess { self.note(.taken(bytes: count)) }
    context.write(wrapOutboundOut(.byteBuffer(bytes)), promise: promise)
  }

  func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
    guard event is BodyReadRequest else { return context.triggerUserOutboundEvent(event, promise: promise) }
    promise?.succeed()
    note(.bodyWanted)
    resume()
  }
}

/// Requests more of the body that is being read; sent down the pipeline by the handler that answers the request.
struct BodyReadRequest: Sendable {}

/// Reports to the connection's guard where requests and responses begin and end, and announces the close of a connection whose request
/// is answered before it was read completely.
final class RequestBoundary: ChannelDuplexHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = HTTPServerRequestPart
  typealias OutboundIn = HTTPServerResponsePart
  typealias OutboundOut = HTTPServerResponsePart

  private let connection: ConnectionGuard

  init(_ connection: ConnectionGuard) {
    self.connection = connection
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      connection.expectBody(of: head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0)
      connection.note(.requestBegan)
    case .body(let bytes): connection.tookBody(of: bytes.readableBytes)
    case .end:
      connection.expectBody(of: 0)
      connection.note(.requestEnded)
    }
    context.fireChannelRead(data)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    switch unwrapOutboundIn(data) {
    case .head(var head) where head.status.code >= 200:
      if connection.times.endsWithThisAnswer { head.headers.replaceOrAdd(name: "connection", value: "close") }
      connection.note(.answerBegan)
      context.write(wrapOutboundOut(.head(head)), promise: promise)
    case .head, .body: context.write(data, promise: promise)
    case .end:
      context.write(data, promise: promise)
      // After the flush that follows, so that the output is not closed before the answer.
      context.eventLoop.assumeIsolated().execute {
        self.connection.note(.answerEnded)
        self.connection.resume()
      }
    }
  }
}
