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
  private let answers: ChannelAnswers

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
    answers = ChannelAnswers(desk: desk, limits: limits)
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
        group.addTask { await endpoint.send(from: self.answers.queue) }
        await self.serveAndPush()
        await self.answers.untilAnswered()
        self.answers.queue.finish()
        await group.waitForAll()
      }
      await endpoint.close()
    } onGracefulShutdown: {
      endpoint.messages.finish()
    }
  }

  /// Subscribers get replies for as long as requests are read.
  private func serveAndPush() async {
    async let _: Void = replies.run { [answers] in answers.queue.push($0) }
    // What is read at once is bounded; the rest gets tasks elsewhere.
    await withTaskExecutorPreference(endpoint.taskExecutor) { await serve() }
  }

  private func serve() async {
    await withDiscardingTaskGroup { group in
      for await batch in endpoint.messages {
        var posts: [ChannelPost] = []
        for message in batch {
          guard admit(message) else { continue }
          guard let (request, user) = read(message) else {
            limits.leave(message.peer, bytes: message.bytes)
            continue
          }
          switch request.contentType {
          case .json, .protobuf:
            posts.append(ChannelPost(user: user, peer: message.peer, request: request, bytes: message.bytes))
          case .replySubscription, .replyReceipts:
            group.addTask(executorPreference: globalConcurrentExecutor) {
              await self.serveReplies(request, from: user, message)
              self.limits.leave(message.peer, bytes: message.bytes)
            }
          }
        }
        for round in acceptAtOnce(ChannelRound.rounds(of: posts)) {
          group.addTask(executorPreference: globalConcurrentExecutor) { await self.accept(round) }
        }
      }
    }
  }

  private func admit(_ message: PeerMessage) -> Bool {
    switch limits.enter(message.peer, bytes: message.bytes) {
    case .admitted: return true
    case .peerIsFull:
      refuse(
        message, .tooManyInFlight,
        "The connection has reached its limit of requests, or of their bytes, in progress.",
        "Wait for answers before sending more.")
    case .allAreFull: refuse(message, .overloaded, "Too many requests are in progress.", ChannelAnswer.again)
    }
    return false
  }

  /// Reads who sends what; nil for a message that has been answered.
  private func read(_ message: PeerMessage) -> (ChannelRequest, ChannelUser)? {
    guard let user = message.userID.flatMap({ ChannelUser($0) }) else {
      refuse(
        message, .unauthorised, "The connection does not belong to a channel.", "Connect with a channel's CURVE key.")
      return nil
    }
    switch ChannelRequest.read(message.frames, isTruncated: message.isTruncated) {
    case .success(let request): return (request, user)
    case .failure(let fault):
      metrics.rejected(.badFrames)
      send(ChannelAnswer.problem(fault.fault, to: fault.envelope), to: message.peer)
      return nil
    }
  }

  /// Checks the sender's key.
  /// - Returns: nil when it is valid, else what to answer.
  private func refusal(of user: ChannelUser) async -> (IntakeMetrics.Rejection, detail: String, remedy: String)? {
    do {
      guard try await keys.channel(of: user.key) == user.channel else {
        return (.unauthorised, "The key was revoked.", "Connect with a valid key.")
      }
      return nil
    } catch {
      return (.unavailable, "PostgreSQL does not respond at the moment.", ChannelAnswer.again)
    }
  }

  // MARK: Messages

  /// Accepts small requests whose key is known right here, together and without a task, as far as there are turns.
  /// - Returns: the rest, each round of which needs a task.
  private func acceptAtOnce(_ rounds: [ChannelRound]) -> [ChannelRound] {
    var prepared: [(UInt64, MessageDesk.PreparedRequest)] = []
    var rest: [ChannelRound] = []
    var bytes = ChannelBounds.bytesReadAtOnce
    for round in rounds {
      if round.bytes <= bytes, keys.isKnown(round.user), let ready = desk.turns.turnNow({ prepare(round) }) {
        bytes -= round.bytes
        prepared += ready
      } else {
        rest.append(round)
      }
    }
    desk.submit(prepared, to: answers)
    return rest
  }

  /// Accepts a round when its key has been looked up and it is the sender's turn.
  private func accept(_ round: ChannelRound) async {
    if let (rejection, detail, remedy) = await refusal(of: round.user) {
      for post in round.posts {
        refuse(post.peer, post.request.envelope, rejection, detail, remedy)
        limits.leave(post.peer, bytes: post.bytes)
      }
      return
    }
    let prepared = await desk.turns.turn(of: .curveKey(round.user.key.bytes)) { prepare(round) }
    desk.submit(prepared, to: answers)
  }

  /// Reads requests and prepares their messages; those that cannot be committed are answered.
  private func prepare(_ round: ChannelRound) -> [(UInt64, MessageDesk.PreparedRequest)] {
    round.posts.compactMap { post in
      guard let request = prepare(post) else {
        limits.leave(post.peer, bytes: post.bytes)
        return nil
      }
      return request
    }
  }

  private func prepare(_ post: ChannelPost) -> (UInt64, MessageDesk.PreparedRequest)? {
    let (request, user) = (post.request, post.user)
    let sender = MessageSender.curveKey(user.key.bytes)
    guard !desk.isFull(for: sender) else {
      refuse(
        post.peer, request.envelope, .overloaded, "Too many messages are waiting to be stored.", ChannelAnswer.again)
      return nil
    }
    let read: ReadRequest
    do throws(BodyFault) {
      read = try Self.read(request, channel: user.channel)
    } catch {
      metrics.rejected(error.fault.rejection)
      send(ChannelAnswer.problem(error.fault, to: request.envelope), to: post.peer)
      return nil
    }
    if limiter.take(read.messages.count, for: user.key) != nil {
      metrics.rejected(.rateLimited, messages: read.messages.count)
      send(
        ChannelAnswer.rejection(
          of: read.messages.map(\.id), .rateLimited, "The key exceeds its rate limit for messages.",
          as: request.contentType, to: request.envelope), to: post.peer)
      return nil
    }
    let span = FrontdeskTracer.current.startSpan("channel request", context: .topLevel, ofKind: .server)
    let prepared = desk.prepare(
      read.messages, channel: user.channel, sender: sender, traceparent: span.trace?.traceparent)
    let number = answers.add(
      ChannelAnswers.Waiting(
        peer: post.peer, envelope: request.envelope, contentType: request.contentType, bytes: post.bytes,
        request: prepared, span: span))
    return (number, prepared)
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

  // MARK: Replies

  private func serveReplies(_ request: ChannelRequest, from user: ChannelUser, _ message: PeerMessage) async {
    if let (rejection, detail, remedy) = await refusal(of: user) {
      return refuse(message, rejection, detail, remedy)
    }
    switch request.contentType {
    case .replySubscription: subscribe(request, from: user, message)
    case .replyReceipts: await record(request, from: user, message)
    case .json, .protobuf: break
    }
  }

  private func subscribe(_ request: ChannelRequest, from user: ChannelUser, _ message: PeerMessage) {
    let window: Int
    do {
      window = try ReplyForms.subscription(request.body)
    } catch {
      metrics.rejected(.invalid)
      return send(ChannelAnswer.problem(error, to: request.envelope), to: message.peer)
    }
    guard replies.subscribe(message.peer, as: user, envelope: request.envelope, window: window) else {
      return refuse(message, .overloaded, "There are too many subscriptions.", "Subscribe again in a second.")
    }
    let answer = JSONValue.object([
      .init("window", .integer(Int64(window))),
      .init("seconds", .integer(IntakeBounds.replySubscriptionTime.components.seconds)),
    ])
    send(request.envelope.frames(ReplyFrames.subscription, Array(answer.json.utf8)), to: message.peer)
  }

  private func record(_ request: ChannelRequest, from user: ChannelUser, _ message: PeerMessage) async {
    if limiter.take(1, for: user.key) != nil {
      return refuse(message, .rateLimited, "The key exceeds its rate limit for messages.", ChannelAnswer.again)
    }
    let receipts: [ReplyReceipt]
    do {
      receipts = try ReplyForms.receipts(request.body)
    } catch {
      metrics.rejected(.invalid)
      return send(ChannelAnswer.problem(error, to: request.envelope), to: message.peer)
    }
    do {
      let outcomes = try await replies.record(receipts, of: user.channel)
      let answer = ReplyJSON.results(of: receipts, outcomes)
      send(request.envelope.frames(ReplyFrames.receipts, Array(answer.json.utf8)), to: message.peer)
    } catch {
      refuse(message, .unavailable, "PostgreSQL does not respond at the moment.", ChannelAnswer.again)
    }
  }

  // MARK: Answers

  private func refuse(
    _ message: PeerMessage, _ rejection: IntakeMetrics.Rejection, _ detail: String, _ remedy: String
  ) {
    refuse(message.peer, ChannelEnvelope(message.frames), rejection, detail, remedy)
  }

  private func refuse(
    _ peer: [UInt8], _ envelope: ChannelEnvelope, _ rejection: IntakeMetrics.Rejection, _ detail: String,
    _ remedy: String
  ) {
    metrics.rejected(rejection)
    let fault = MessageFault("", detail, remedy: remedy, rejection: rejection)
    send(ChannelAnswer.problem(fault, to: envelope), to: peer)
  }

  private func send(_ frames: [[UInt8]], to peer: [UInt8]) {
    answers.queue.push([PeerMessage(peer: peer, frames: frames)])
  }
}
