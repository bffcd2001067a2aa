import DeskCore
import HTTPService
import HTTPTypes
import Hummingbird
import NIOCore
import ServiceLifecycle
import Store

extension MessageRoutes {
  /// `GET /v1/replies`: a page of the channel's replies. What a key with full access gets counts as sent.
  func replies(_ request: Request) async throws -> Response {
    let bearer = try await bearer(request, for: .read)
    try limit(1, of: bearer)
    var query = RequestQuery(request.uri, known: ["after", "limit"])
    let cursor = try await cursor(in: &query, request, of: bearer.channel)
    let most = IntakeBounds.repliesPerPage
    let limit = query["limit"].map { Int($0) } ?? most
    if !(limit.map { (1...most).contains($0) } ?? false) {
      query.refuse("limit", "Not a number from 1 to \(most).", remedy: "Send a number from 1 to \(most).")
    }
    guard let limit, let cursor, query.errors.isEmpty else { throw query.problem("The page parameters are invalid.") }
    try await pass(cursor, bearer)
    let replies = try await take(cursor, limit: limit, bearer)
    metrics.replies(replies.count, by: .list)
    let next = replies.last.map { ReplyCursor(sequence: $0.sequence) } ?? cursor
    return MessageResponse.json(.ok, ReplyJSON.page(replies, next: next))
  }

  /// `GET /v1/replies/stream`: the channel's replies as server-sent events, from a cursor on. The id of an event is the cursor behind it.
  func replyStream(_ request: Request) async throws -> Response {
    let bearer = try await bearer(request, for: .read)
    try limit(1, of: bearer)
    var query = RequestQuery(request.uri, known: ["after"])
    let start = try await cursor(in: &query, request, of: bearer.channel)
    guard let start, query.errors.isEmpty else { throw query.problem("The stream's parameters are invalid.") }
    try await pass(start, bearer)
    guard let place = streams.open(bearer.key) else {
      metrics.rejected(.tooManyInFlight)
      throw HTTPProblem.retryLater(
        .serviceUnavailable, after: .seconds(1), detail: "The key, or this process, has too many open streams.")
    }
    return Response(
      status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
      body: ResponseBody { [events = ReplyEvents(self, bearer, request.headers[.authorization], from: start)] writer in
        defer { withExtendedLifetime(place) {} }
        var events = events
        while let text = try await events.next() { try await writer.write(ByteBuffer(string: text)) }
        try await writer.finish(nil)
      })
  }

  /// `POST /v1/replies/receipts`: what the channel knows about its replies.
  func receipts(_ request: Request) async throws -> Response {
    let bearer = try await bearer(request)
    try limit(1, of: bearer)
    _ = try BodyType(request.headers, taking: [.json])
    let receipts = try ReplyForms.receipts(Array(try await collect(request).readableBytesView))
    let outcomes = try await store.replies.record(receipts, of: bearer.channel)
    return MessageResponse.json(.ok, ReplyJSON.results(of: receipts, outcomes))
  }

  /// Returns where a list begins: behind `Last-Event-ID`, else behind `after`, else at the beginning. Nil if it is refused.
  private func cursor(
    in query: inout RequestQuery, _ request: Request, of channel: ChannelID
  ) async throws -> ReplyCursor? {
    // The id of the last event that a client of a stream has received (HTML, 9.2.4).
    let name = "Last-Event-ID"
    let header = HTTPField.Name(name).flatMap { request.headers[$0] }
    let field = header == nil ? "after" : name
    let remedy = "Send `next` of a page or the id of an event, or leave it out to begin with the oldest reply."
    guard let text = header ?? query["after"] else { return .beginning }
    func refused(_ detail: String) -> HTTPProblem {
      HTTPProblem(
        .unprocessableContent, type: .invalidRequest, detail: "The cursor is invalid.",
        errors: [.init(field: field, value: text, detail: detail, remedy: remedy)])
    }
    guard let cursor = ReplyCursor(text) else { throw refused("Not a cursor.") }
    guard try await cursor.sequence <= store.replies.newestSequence(of: channel) else {
      throw refused("The channel has no replies up to this cursor; it would skip the next ones.")
    }
    return cursor
  }

  private func take(_ cursor: ReplyCursor, limit: Int, _ bearer: ChannelKeyGuard.Bearer) async throws -> [StoredReply] {
    let replies = try await store.replies.replies(of: bearer.channel, after: cursor.sequence, limit: limit)
    try await note(replies, bearer)
    return replies
  }

  /// Records that the channel has what is before its cursor: the process that handed it over may have ended before it recorded that.
  private func pass(_ cursor: ReplyCursor, _ bearer: ChannelKeyGuard.Bearer) async throws {
    guard bearer.access == .full else { return }
    try await store.replies.sent(upTo: cursor.sequence, of: bearer.channel)
  }

  /// Records that the channel has replies; a read-only key changes nothing.
  fileprivate func note(_ replies: [StoredReply], _ bearer: ChannelKeyGuard.Bearer) async throws {
    guard bearer.access == .full else { return }
    try await store.replies.sent(
      replies.filter { $0.delivery.state == .queued }.map(\.id), of: bearer.channel)
  }
}

/// The text of a stream of replies, until the client's key is no longer valid or the process shuts down. The client then continues
/// elsewhere with its last event's id.
private struct ReplyEvents: Sendable {
  private let routes: MessageRoutes
  private let bearer: ChannelKeyGuard.Bearer
  private let authorization: String?
  private var cursor: ReplyCursor
  private var hasBegun = false
  /// Returned by the last call, and not known to be written before the next.
  private var returned: [StoredReply] = []
  private var quietSince = ContinuousClock.now

  init(
    _ routes: MessageRoutes, _ bearer: ChannelKeyGuard.Bearer, _ authorization: String?, from start: ReplyCursor
  ) {
    self.routes = routes
    self.bearer = bearer
    self.authorization = authorization
    cursor = start
  }

  /// Returns the next text to be written; nil at the end.
  mutating func next() async throws -> String? {
    guard hasBegun else {
      hasBegun = true
      return "retry: 1000\n\n"
    }
    try await routes.note(returned, bearer)
    returned = []
    while !Task.isShuttingDownGracefully {
      guard (try? await routes.keys.bearer(authorization: authorization, for: .read)) == bearer else { return nil }
      let replies = try await routes.store.replies.replies(
        of: bearer.channel, after: cursor.sequence, limit: IntakeBounds.repliesPerPage)
      if let last = replies.last {
        cursor = ReplyCursor(sequence: last.sequence)
        returned = replies
        quietSince = .now
        routes.metrics.replies(replies.count, by: .stream)
        // JSON text without white space holds no line break.
        return replies.map { reply in
          "event: reply\nid: \(ReplyCursor(sequence: reply.sequence))\ndata: \(ReplyJSON.reply(reply).json)\n\n"
        }.joined()
      }
      if quietSince + IntakeBounds.replyHeartbeat <= .now {
        quietSince = .now
        return ": ping\n\n"
      }
      try await Task.sleep(for: IntakeBounds.replyPollInterval)
    }
    return nil
  }
}
