import DeskCore
import HTTPService
import Logging
import Observability
import ServiceHealth
import ServiceLifecycle
import Store
import Tracing
import ZeroMQ

/// The ZeroMQ endpoint for channels: a ROUTER behind CURVE that answers each request after its commit.
final class ChannelGateway: WatchedService {
  /// Where channels connect, and the key that authenticates this server to them.
  struct Address: Sendable {
    /// Where the socket is bound.
    let endpoint: String
    let publicKey: CurvePublicKey
    /// What clients should connect to, if it differs from the bound address.
    var advertised: ChannelEndpoint?

    /// Returns the endpoint that a client connects to.
    /// - Parameter authority: the host by which the client has reached the HTTP interface; used if the socket is bound to every address of
    ///   this host.
    /// - Returns: nil if no endpoint is known that a client can connect to.
    func endpoint(reachedThrough authority: String?) -> String? {
      if let advertised { return "\(advertised)" }
      guard let bound = ChannelEndpoint(endpoint), bound.isWildcard else { return endpoint }
      return authority.flatMap { bound.reached(through: $0) }.map { "\($0)" }
    }
  }

  private let endpoint: RouterEndpoint
  private let desk: MessageDesk
  private let replies: ReplyPusher
  private let keys: ChannelKeys
  private let limiter: RateLimiter<CurvePublicKey>
  private let metrics: IntakeMetrics
  private let logger: Logger
  private let limits: PeerLimits
  private let answers = BatchQueue<PeerMessage>(limit: IntakeBounds.channelRequests)

  init(
    endpoint: RouterEndpoint, desk: MessageDesk, replies: ReplyStore, keys: ChannelKeys,
    limiter: RateLimiter<CurvePublicKey>,
    metrics: IntakeMetrics, logger: Logger, limits: PeerLimits = PeerLimits()
  ) {
    self.endpoint = endpoint
    self.desk = desk
    self.replies = ReplyPusher(store: replies, keys: keys, metrics: metrics, logger: logger)
    self.keys = keys
    self.limiter = limiter
    self.metrics = metrics
    self.logger = logger
    self.limits = limits
  }

  /// The socket's options: unknown clients, oversized frames and stuck peers are rejected before anything is read.
  static func options(secretKey: CurveSecretKey, connections: (all: Int, perAddress: Int)) -> SocketOptions {
    var options = SocketOptions(security: .curveServer(secretKey: secretKey, domain: ChannelKeys.domain))
    ChannelBounds.check()
    options.maximumFrameBytes = Int64(IntakeBounds.frameBytes)
    options.receiveHighWaterMark = ChannelBounds.messagesPerConnection
    options.sendHighWaterMark = ChannelBounds.answersPerConnection
    options.receiveBufferBytes = ChannelBounds.bytesInKernel
    options.connectionLimits = SocketOptions.ConnectionLimits(
      connectionsPerAddress: connections.perAddress, connections: connections.all,
      unreadBytesPerConnection: ChannelBounds.unreadBytesPerConnection, unreadBytes: ChannelBounds.unreadBytes)
    return options
  }

  var tasks: [WatchedTask] { [keys.task, replies.task] }

  /// Serves until shutdown begins; requests read by then still get their answers.
  func run() async throws {
    let endpoint = endpoint
    await withGracefulShutdownHandler {
      await withTaskGroup(of: Void.self) { group in
        group.addTask { for await batch in self.answers { await endpoint.send(batch) } }
        await self.serveAndPush()
        self.answers.finish()
        await group.waitForAll()
      }
      await endpoint.close()
    } onGracefulShutdown: {
      endpoint.messages.finish()
    }
  }

  /// Subscribers get replies for as long as requests are read.
  private func serveAndPush() async {
    async let _: Void = replies.run { [answers] in answers.push($0) }
    await serve()
  }

  private func serve() async {
    await withDiscardingTaskGroup { group in
      for await batch in endpoint.messages {
        for message in batch {
          let bytes = message.bytes
          switch limits.enter(message.peer, bytes: bytes) {
          case .admitted:
            group.addTask {
              await self.handle(message)
              self.limits.leave(message.peer, bytes: bytes)
            }
          case .peerIsFull:
            refuse(
              message, .tooManyInFlight,
              "The connection has reached its limit of requests, or of their bytes, in progress.",
              "Wait for answers before sending more.")
          case .allAreFull:
            refuse(message, .overloaded, "Too many requests are in progress.", Self.again)
          }
        }
      }
    }
  }

  // MARK: One request

  private func handle(_ message: PeerMessage) async {
    guard let user = message.userID.flatMap({ ChannelUser($0) }) else {
      return refuse(
        message, .unauthorised, "The connection does not belong to a channel.", "Connect with a channel's CURVE key.")
    }
    let request: ChannelRequest
    switch ChannelRequest.read(message.frames, isTruncated: message.isTruncated) {
    case .success(let read): request = read
    case .failure(let fault):
      metrics.rejected(.badFrames)
      return send(ChannelAnswer.problem(fault.fault, to: fault.envelope), to: message)
    }
    do {
      guard try await keys.channel(of: user.key) == user.channel else {
        return refuse(message, .unauthorised, "The key was revoked.", "Connect with a valid key.")
      }
    } catch {
      return refuse(message, .unavailable, "PostgreSQL does not respond at the moment.", Self.again)
    }
    switch request.contentType {
    case .json, .protobuf: await accept(request, from: user, message)
    case .replySubscription: subscribe(request, from: user, message)
    case .replyReceipts: await record(request, from: user, message)
    }
  }

  // MARK: Replies

  private func subscribe(_ request: ChannelRequest, from user: ChannelUser, _ message: PeerMessage) {
    let window: Int
    do {
      window = try ReplyForms.subscription(request.body)
    } catch {
      metrics.rejected(.invalid)
      return send(ChannelAnswer.problem(error, to: request.envelope), to: message)
    }
    guard replies.subscribe(message.peer, as: user, envelope: request.envelope, window: window) else {
      return refuse(message, .overloaded, "There are too many subscriptions.", "Subscribe again in a second.")
    }
    let answer = JSONValue.object([
      .init("window", .integer(Int64(window))),
      .init("seconds", .integer(IntakeBounds.replySubscriptionTime.components.seconds)),
    ])
    send(request.envelope.frames(ReplyFrames.subscription, Array(answer.json.utf8)), to: message)
  }

  private func record(_ request: ChannelRequest, from user: ChannelUser, _ message: PeerMessage) async {
    if limiter.take(1, for: user.key) != nil {
      return refuse(message, .rateLimited, "The key exceeds its rate limit for messages.", Self.again)
    }
    let receipts: [ReplyReceipt]
    do {
      receipts = try ReplyForms.receipts(request.body)
    } catch {
      metrics.rejected(.invalid)
      return send(ChannelAnswer.problem(error, to: request.envelope), to: message)
    }
    do {
      let outcomes = try await replies.record(receipts, of: user.channel)
      let answer = ReplyJSON.results(of: receipts, outcomes)
      send(request.envelope.frames(ReplyFrames.receipts, Array(answer.json.utf8)), to: message)
    } catch {
      refuse(message, .unavailable, "PostgreSQL does not respond at the moment.", Self.again)
    }
  }

  private func accept(_ request: ChannelRequest, from user: ChannelUser, _ message: PeerMessage) async {
    let read: ReadRequest
    do throws(BodyFault) {
      read = try await desk.turns.turn(of: .curveKey(user.key.bytes)) { () throws(BodyFault) in
        try Self.read(request, channel: user.channel)
      }
    } catch {
      metrics.rejected(error.fault.rejection)
      return send(ChannelAnswer.problem(error.fault, to: request.envelope), to: message)
    }
    if limiter.take(read.messages.count, for: user.key) != nil {
      return rejectAll(
        read, .rateLimited, "The key exceeds its rate limit for messages.", request, message)
    }
    let span = FrontdeskTracer.current.startSpan("channel request", context: .topLevel, ofKind: .server)
    defer { span.end() }
    switch await desk.accept(
      read.messages, channel: user.channel, sender: .curveKey(user.key.bytes), traceparent: span.trace?.traceparent)
    {
    case .results(let results): send(ChannelAnswer.frames(results, to: request), to: message)
    case .overloaded: rejectAll(read, .overloaded, "Too many messages are waiting to be stored.", request, message)
    case .draining: rejectAll(read, .draining, "This process is shutting down.", request, message)
    }
  }

  private static func read(_ request: ChannelRequest, channel: ChannelID) throws(BodyFault) -> ReadRequest {
    switch request.contentType {
    case .protobuf: return try RequestReader.protobuf(request.body, channel: channel)
    case .json, .replySubscription, .replyReceipts:
      return try request.body.withUnsafeBufferPointer { body throws(BodyFault) in
        try RequestReader.json(body, channel: channel)
      }
    }
  }

  // MARK: Answers

  private static let again = "Send the same messages again in a second."

  private func rejectAll(
    _ read: ReadRequest, _ rejection: IntakeMetrics.Rejection, _ detail: String, _ request: ChannelRequest,
    _ message: PeerMessage
  ) {
    if rejection == .rateLimited { metrics.rejected(rejection, messages: read.messages.count) }
    let fault = MessageFault("", detail, remedy: Self.again, rejection: rejection)
    send(ChannelAnswer.frames(read.messages.map { .rejected($0.id, fault) }, to: request), to: message)
  }

  private func refuse(
    _ message: PeerMessage, _ rejection: IntakeMetrics.Rejection, _ detail: String, _ remedy: String
  ) {
    metrics.rejected(rejection)
    let fault = MessageFault("", detail, remedy: remedy, rejection: rejection)
    send(ChannelAnswer.problem(fault, to: ChannelEnvelope(message.frames)), to: message)
  }

  private func send(_ frames: [[UInt8]], to message: PeerMessage) {
    answers.push([PeerMessage(peer: message.peer, frames: frames)])
  }
}
