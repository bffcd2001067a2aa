internal import HummingbirdCore
internal import Logging
internal import NIOCore

/// HTTP/1 whose connections nobody can hold by sending slowly: a byte now and then keeps an idle time-out from ever coming.
struct DeadlineHTTP1Channel: ServerChildChannel {
  typealias Value = HTTP1Channel.Value

  let http: HTTP1Channel
  /// From the first byte of a request to the first byte of its answer.
  let answerTimeout: TimeAmount

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
    channel.eventLoop.makeCompletedFuture {
      try channel.pipeline.syncOperations.addHandler(RequestDeadline(answerTimeout))
    }.flatMap { http.setup(channel: channel, logger: logger) }
  }

  func handle(value: Value, logger: Logger) async {
    await http.handle(value: value, logger: logger)
  }
}

/// Closes a connection on which a request has begun and no answer within its time. One timer serves many requests: it looks again
/// when the request that runs now would be late.
private final class RequestDeadline: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let timeout: TimeAmount
  /// When the request that has no answer yet began.
  private var begun: NIODeadline?
  private var timer: Scheduled<Void>?

  init(_ timeout: TimeAmount) {
    self.timeout = timeout
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if begun == nil {
      begun = .now()
      if timer == nil { wait(context) }
    }
    context.fireChannelRead(data)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    begun = nil
    context.write(data, promise: promise)
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    timer?.cancel()
    timer = nil
  }

  private func wait(_ context: ChannelHandlerContext) {
    guard let begun else {
      timer = nil
      return
    }
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    timer = context.eventLoop.scheduleTask(deadline: begun + timeout) {
      let (handler, context) = bound.value
      if let begun = handler.begun, begun + handler.timeout <= .now() {
        context.close(promise: nil)
      } else {
        handler.wait(context)
      }
    }
  }
}
