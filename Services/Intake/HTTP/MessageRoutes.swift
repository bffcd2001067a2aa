import Crypto
import DeskCore
import HTTPService
import HTTPTypes
import Hummingbird
import NIOCore
import Observability
import PostgreSQL
import Store
import UseCases
import ZeroMQ

/// The HTTP routes for channels.
struct MessageRoutes: Sendable {
  let desk: MessageDesk
  let store: DeskStore
  let keys: ChannelKeyGuard
  let limiter: RateLimiter<Identifier<APIKey>>
  let metrics: IntakeMetrics
  let gateway: ChannelGateway.Address
  let feedback: FeedbackRoute
  let streams = ReplyStreams()
  private let requestKeys = RequestKeys()

  init(
    desk: MessageDesk, store: DeskStore, keys: ChannelKeyGuard, limiter: RateLimiter<Identifier<APIKey>>,
    metrics: IntakeMetrics, gateway: ChannelGateway.Address, feedback: FeedbackRoute
  ) {
    self.desk = desk
    self.store = store
    self.keys = keys
    self.limiter = limiter
    self.metrics = metrics
    self.gateway = gateway
    self.feedback = feedback
  }

  /// All routes, behind the middleware that they rely on.
  func router(
    metrics registry: MetricsRegistry, limits: AddressLimitMiddleware.Limits = .init()
  ) -> Router<DeskRequestContext> {
    let router = Router.guarded(metrics: registry, limits: limits, bodyBytes: IntakeBounds.bodyBytes)
    router.serve(IntakeOpenAPI.document) { endpoint, request, context in
      try await guarded {
        let response = try await answer(endpoint, request, id: context.parameters.get("id"))
        // What a repetition finds is confirmed as its first commit was; for messages, accepting them does it.
        if endpoint.operation.method != .get, endpoint != .submitMessages { try await store.confirmReads() }
        return response
      }
    }
    return router
  }

  /// - Parameter id: the identifier in the path, if there is one.
  private func answer(_ endpoint: IntakeEndpoint, _ request: Request, id: String?) async throws -> Response {
    switch endpoint {
    case .submitMessages: try await post(request)
    case .readMessage: try await message(request, id)
    case .readTicket: try await ticket(request, id)
    case .submitFeedback: try await record(request, id)
    case .readReplies: try await replies(request)
    case .streamReplies: try await replyStream(request)
    case .submitReceipts: try await receipts(request)
    case .readGateway: try await readGateway(request)
    }
  }

  private func readGateway(_ request: Request) async throws -> Response {
    _ = try await bearer(request, for: .read)
    guard let endpoint = gateway.endpoint(reachedThrough: request.head.authority) else {
      throw HTTPProblem(
        .badRequest, detail: "The request names no host that channels can connect to.",
        errors: [
          .init(
            field: "Host", detail: "Not a valid host.",
            remedy: "Send the name or the address at which you reach intake.")
        ])
    }
    return MessageResponse.json(
      .ok, .object([.init("endpoint", .text(endpoint)), .init("public_key", .text(gateway.publicKey.z85))]))
  }

  // MARK: Submitting

  private func post(_ request: Request) async throws -> Response {
    let bearer = try await bearer(request)
    try limit(1, of: bearer)
    let mediaType: BodyType
    do throws(HTTPProblem) {
      mediaType = try BodyType(request.headers, taking: [.json, .lines])
    } catch {
      metrics.rejected(.unsupportedType)
      throw error
    }
    guard let key = try requestKey(request) else { return try await accept(request, mediaType, bearer, nil) }
    guard requestKeys.begin(key, of: bearer.channel) else {
      metrics.rejected(.requestKeyInFlight)
      throw HTTPProblem(
        .conflict, type: IntakeMetrics.Rejection.requestKeyInFlight.problemType,
        detail: "A request with this Idempotency-Key is still in progress.", headers: [.retryAfter: "1"])
    }
    defer { requestKeys.end(key, of: bearer.channel) }
    return try await accept(request, mediaType, bearer, key)
  }

  private func accept(
    _ request: Request, _ mediaType: BodyType, _ bearer: ChannelKeyGuard.Bearer, _ key: String?
  ) async throws -> Response {
    guard !desk.isFull(for: .apiKey(bearer.key)) else {
      metrics.rejected(.overloaded)
      throw Self.overloaded
    }
    let body = try await collect(request)
    let read = try await desk.turns.turn(of: .apiKey(bearer.key)) {
      try self.read(body, mediaType, bearer.channel, key)
    }
    if read.messages.count > 1 { try limit(read.messages.count - 1, of: bearer) }
    if let key, read.messages.contains(where: { (try? $0.result.get()) != nil }) {
      let digest = Array(SHA256.hash(data: body.readableBytesView))
      guard try await store.inbox.claimRequestKey(key, channel: bearer.channel, digest: digest) != .taken else {
        metrics.rejected(.requestKeyReused, messages: read.messages.count)
        throw IdempotencyKey.reused("body")
      }
    }
    switch await desk.accept(
      read.messages, channel: bearer.channel, sender: .apiKey(bearer.key),
      traceparent: TraceContext.current?.traceparent)
    {
    case .results(let results):
      return read.isSingle && results.count == 1
        ? try MessageResponse.single(results[0]) : MessageResponse.list(results)
    case .overloaded: throw Self.overloaded
    case .draining:
      throw Self.busy(.draining, "This process is shutting down; nothing was accepted. Retry to reach another one.")
    }
  }

  func collect(_ request: Request) async throws -> ByteBuffer {
    do {
      return try await request.body.collect(upTo: IntakeBounds.bodyBytes)
    } catch is NIOTooManyBytesError {
      metrics.rejected(.tooLarge)
      throw HTTPProblem(
        .contentTooLarge, type: IntakeMetrics.Rejection.tooLarge.problemType,
        detail: "The body is larger than \(IntakeBounds.bodyBytes) bytes.",
        errors: [
          .init(
            field: "", detail: "It is larger than \(IntakeBounds.bodyBytes) bytes.",
            remedy: "Send the messages in several requests.")
        ])
    } catch let problem as HTTPProblem {
      metrics.rejected(problem.status == .tooManyRequests ? .rateLimited : .overloaded)
      throw problem
    } catch is CancellationError {
      throw CancellationError()
    } catch {
      // Only the connection and its framing can fail here, so the sender is at fault.
      throw Self.problem(.incomplete, metrics)
    }
  }

  private func read(
    _ body: ByteBuffer, _ mediaType: BodyType, _ channel: ChannelID, _ key: String?
  ) throws -> ReadRequest {
    do throws(BodyFault) {
      let result = body.withUnsafeReadableBytes { bytes in
        let buffer = bytes.bindMemory(to: UInt8.self)
        return Result { () throws(BodyFault) in
          switch mediaType {
          case .json: try RequestReader.json(buffer, channel: channel, requestKey: key)
          case .lines: try RequestReader.lines(buffer, channel: channel, requestKey: key)
          }
        }
      }
      return try result.get()
    } catch {
      throw Self.problem(error, metrics)
    }
  }

  private static func problem(_ fault: BodyFault, _ metrics: IntakeMetrics) -> HTTPProblem {
    metrics.rejected(fault.fault.rejection)
    return fault.fault.httpProblem
  }

  private func requestKey(_ request: Request) throws -> String? {
    do throws(HTTPProblem) {
      return try IdempotencyKey.read(request.headers)?.text
    } catch {
      metrics.rejected(.requestKeyInvalid)
      throw error
    }
  }

  // MARK: Reading

  private func message(_ request: Request, _ text: String?) async throws -> Response {
    let bearer = try await bearer(request, for: .read)
    try limit(1, of: bearer)
    guard let id = text.flatMap({ MessageID($0) }), let message = try await store.conversations.message(id),
      message.channel == bearer.channel, message.direction == 1
    else { throw Self.notFound("message") }
    return MessageResponse.message(message)
  }

  private func ticket(_ request: Request, _ text: String?) async throws -> Response {
    let bearer = try await bearer(request, for: .read)
    try limit(1, of: bearer)
    guard let id = text.flatMap({ TicketID($0) }) else { throw Self.notFound("ticket") }
    let sight = TicketVisibility(store: store)
    if let ticket = try await store.tickets.tickets([id])[id],
      let view = try await sight.view(of: id, openedBy: ticket.owner, on: bearer.channel)
    {
      return MessageResponse.ticket(
        ticket, seenAs: view, place: try await place(of: ticket, on: bearer.channel),
        replies: try await replies(on: id, view))
    }
    if let ticket = try await store.conversations.closedTicket(id),
      let view = try await sight.view(
        of: id, openedBy: Correspondent(ticket.customer, on: ticket.channel), on: bearer.channel)
    {
      return MessageResponse.ticket(
        ticket, seenAs: view, mergedInto: try await store.conversations.ticketThatTook(id),
        replies: try await replies(on: id, view))
    }
    throw Self.notFound("ticket")
  }

  /// The newest replies that the channel may see of a ticket.
  private func replies(on ticket: TicketID, _ view: TicketVisibility.View) async throws -> [StoredReply] {
    try await store.replies.replies(
      on: ticket, by: view.channel, to: view.customer, limit: IntakeBounds.repliesPerTicket)
  }

  /// Only customers of a chat channel are shown their position; on other channels the order is not disclosed.
  func place(of ticket: Ticket, on channel: ChannelID) async throws -> QueuePosition? {
    guard let policy = try? feedback.stepper.currentPolicy(), policy.channels[channel]?.isChat == true else {
      return nil
    }
    return try await store.matching.placeInQueue(of: ticket, at: store.now(), headStarts: policy.headStarts)
  }

  // MARK: Access and limits

  func bearer(_ request: Request, for access: KeyAccess = .full) async throws -> ChannelKeyGuard.Bearer {
    do {
      return try await keys.bearer(authorization: request.headers[.authorization], for: access)
    } catch let problem as HTTPProblem {
      metrics.rejected(problem.status == .serviceUnavailable ? .overloaded : .unauthorised)
      throw problem
    }
  }

  func limit(_ messages: Int, of bearer: ChannelKeyGuard.Bearer) throws {
    guard let delay = limiter.take(messages, for: bearer.key) else { return }
    metrics.rejected(.rateLimited, messages: messages)
    var problem = HTTPProblem.retryLater(
      .tooManyRequests, after: delay, detail: "The key exceeds its rate limit for messages.")
    problem.type = IntakeMetrics.Rejection.rateLimited.problemType
    throw problem
  }

  /// An unreachable database is not a fault of this request: 503 instead of 500.
  private func guarded(_ body: () async throws -> Response) async throws -> Response {
    do {
      return try await body()
    } catch let error as PostgresError {
      guard let reason = error.reasonToRepeat else { throw error }
      throw Self.busy(.unavailable, reason)
    }
  }

  private static var overloaded: HTTPProblem {
    busy(.overloaded, "Too many messages are waiting to be stored; nothing was accepted. Retry later.")
  }

  private static func busy(_ rejection: IntakeMetrics.Rejection, _ detail: String) -> HTTPProblem {
    var problem = HTTPProblem.retryLater(.serviceUnavailable, after: .seconds(1), detail: detail)
    problem.type = rejection.problemType
    return problem
  }

  /// The same response for a missing resource and for one of another channel.
  private static func notFound(_ what: String) -> HTTPProblem {
    HTTPProblem(.notFound, detail: "This channel has no \(what) with that id.")
  }
}
