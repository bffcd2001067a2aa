import DeskCore
import HTTPService
import HTTPTypes
import Hummingbird
import Store

/// The response bodies of intake.
enum MessageResponse {
  /// The response to a single message, or a problem if it was not accepted.
  static func single(_ result: MessageResult) throws -> Response {
    if let problem = result.problem { throw problem.httpProblem }
    return json(.accepted, result.detail)
  }

  /// The response to a list: 202 when at least one message is in PostgreSQL, else a problem.
  static func list(_ results: [MessageResult]) -> Response {
    let body = MessageResult.member(results)
    guard results.allSatisfy({ $0.status == .rejected }) else { return json(.accepted, .object([body])) }
    let temporary: [IntakeMetrics.Rejection] = [.unavailable, .overloaded]
    let reason = temporary.first { reason in results.contains { $0.problem?.rejection == reason } }
    let rejection = reason ?? .invalid
    let status = rejection.status
    return json(
      status,
      .object([
        .init("type", .text(rejection.problemType.uri)), .init("title", .text(status.reasonPhrase)),
        .init("status", .integer(Int64(status.code))),
        .init("detail", .text("None of the \(results.count) messages was accepted; each result states why.")), body,
      ]), type: "application/problem+json", headers: reason == nil ? [:] : [.retryAfter: "1"])
  }

  /// A stored message.
  static func message(_ message: StoredMessage) -> Response {
    var fields: [JSONValue.Field] = [
      .init("message_id", .text(message.id.description)), .init("ticket_id", .text(message.ticket.description)),
      .init("channel", .text(message.channel.rawValue)), .init("customer", .text(message.author)),
    ]
    if let subject = message.subject { fields.append(.init("subject", .text(subject))) }
    fields.append(.init("text", .text(message.body)))
    fields.append(.init("received_at", .text(RFC3339.text(message.receivedAt))))
    fields.append(.init("state", .text(message.isUndecided ? "received" : "decided")))
    return json(.ok, .object(fields))
  }

  /// A live ticket.
  /// - Parameter replies: the newest ones that the channel may see; nil to leave them out.
  static func ticket(
    _ ticket: Ticket, seenAs view: TicketVisibility.View, place: QueuePosition? = nil, replies: [StoredReply]? = nil
  ) -> Response {
    self.ticket(
      id: ticket.id, view, state: ticket.state.rawValue, queue: ticket.queue, priority: ticket.priority.name,
      openedAt: ticket.openedAt, closedAt: nil, place: place, replies: replies,
      callBack: ticket.callBack.flatMap { $0.isUnfinished ? $0 : nil })
  }

  /// A closed ticket.
  /// - Parameter other: the ticket into which it was merged, if any.
  static func ticket(
    _ ticket: ClosedTicket, seenAs view: TicketVisibility.View, mergedInto other: TicketID?, replies: [StoredReply]
  ) -> Response {
    self.ticket(
      id: ticket.id, view, state: ticket.state, queue: ticket.queue, priority: nil, openedAt: ticket.openedAt,
      closedAt: ticket.closedAt, mergedInto: other, replies: replies)
  }

  private static func ticket(
    id: TicketID, _ view: TicketVisibility.View, state: String, queue: QueueID?, priority: String?, openedAt: Instant,
    closedAt: Instant?, mergedInto other: TicketID? = nil, place: QueuePosition? = nil, replies: [StoredReply]? = nil,
    callBack: CallBack? = nil
  ) -> Response {
    var fields: [JSONValue.Field] = [
      .init("ticket_id", .text(id.description)), .init("channel", .text(view.channel.rawValue)),
      .init("customer", view.customer.map { .text($0) } ?? .null), .init("state", .text(state)),
    ]
    if let other { fields.append(.init("merged_into", .text(other.description))) }
    if let queue { fields.append(.init("queue", .text(queue.rawValue))) }
    if let priority { fields.append(.init("priority", .text(priority))) }
    fields.append(.init("opened_at", .text(RFC3339.text(openedAt))))
    if let closedAt { fields.append(.init("closed_at", .text(RFC3339.text(closedAt)))) }
    if let place {
      fields.append(.init("queue_position", .integer(Int64(place.position))))
      fields.append(
        .init("expected_wait_seconds", place.expectedWait.map { .integer(Int64($0.inSeconds.rounded(.up))) } ?? .null))
    }
    if let replies { fields.append(.init("replies", .list(replies.map(ReplyJSON.reply)))) }
    if let callBack { fields.append(.init("call_back_due_at", .text(RFC3339.text(callBack.dueAt)))) }
    return json(.ok, .object(fields))
  }

  static func json(
    _ status: HTTPResponse.Status, _ body: JSONValue, type: String = "application/json", headers: HTTPFields = [:]
  ) -> Response {
    var headers = headers
    headers[.contentType] = type
    headers[.cacheControl] = "no-store"
    return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: body.json)))
  }
}
