import DeskCore
import HTTPTypes
import Hummingbird
import ServiceKit
import Store

/// The bodies that intake sends.
enum MessageResponse {
  /// The answer to a single message, or a problem if it was not taken.
  static func single(_ result: MessageResult) throws -> Response {
    if let problem = result.problem { throw self.problem(problem) }
    return json(.accepted, detail(result))
  }

  /// The answer to a list: 202 when at least one is in PostgreSQL, else what stood in the way of the first.
  static func list(_ results: [MessageResult]) -> Response {
    let body = Detail.Field("results", .list(results.map(detail)))
    guard results.allSatisfy({ $0.status == .rejected }) else { return json(.accepted, .object([body])) }
    let isRetriable = results.contains { $0.problem?.rejection == .unavailable }
    let status: HTTPResponse.Status = isRetriable ? .serviceUnavailable : .unprocessableContent
    let rejection: IntakeMetrics.Rejection = isRetriable ? .unavailable : .invalid
    return json(
      status,
      .object([
        .init("type", .text(rejection.problemType)), .init("title", .text(status.reasonPhrase)),
        .init("status", .integer(Int64(status.code))),
        .init("detail", .text("None of the \(results.count) messages was taken; each tells why.")), body,
      ]), type: "application/problem+json", headers: isRetriable ? [.retryAfter: "1"] : [:])
  }

  /// The problem of a message that came alone.
  static func problem(_ problem: MessageResult.Problem) -> HTTPProblem {
    HTTPProblem(
      status(problem.status), type: problem.rejection.problemType, detail: problem.fault.detail,
      errors: [
        .init(
          field: problem.fault.field, value: problem.fault.value, detail: problem.fault.detail,
          remedy: problem.fault.remedy)
      ], headers: problem.status == 503 ? [.retryAfter: "1"] : [:])
  }

  /// The statuses of single messages, by their number; made from a bare number they would have no title.
  private static func status(_ code: Int) -> HTTPResponse.Status {
    switch code {
    case 409: .conflict
    case 422: .unprocessableContent
    case 503: .serviceUnavailable
    default: .internalServerError
    }
  }

  /// A message as it is kept.
  static func message(_ message: StoredMessage) -> Response {
    var fields: [Detail.Field] = [
      .init("message_id", .text(message.id.description)), .init("ticket_id", .text(message.ticket.description)),
      .init("channel", .text(message.channel.rawValue)), .init("customer", .text(message.author)),
    ]
    if let subject = message.subject { fields.append(.init("subject", .text(subject))) }
    fields.append(.init("text", .text(message.body)))
    fields.append(.init("received_at", .text(RFC3339.text(message.receivedAt))))
    fields.append(.init("state", .text(message.isUndecided ? "received" : "decided")))
    return json(.ok, .object(fields))
  }

  /// A ticket that lives.
  static func ticket(_ ticket: Ticket, seenAs view: TicketSight.View, place: PlaceInQueue? = nil) -> Response {
    self.ticket(
      id: ticket.id, view, state: ticket.state.rawValue, queue: ticket.queue, priority: ticket.priority.name,
      openedAt: ticket.openedAt, closedAt: nil, place: place)
  }

  /// A ticket that is over.
  /// - Parameter other: the ticket that it became part of, where it did.
  static func ticket(_ ticket: ClosedTicket, seenAs view: TicketSight.View, mergedInto other: TicketID?) -> Response {
    self.ticket(
      id: ticket.id, view, state: ticket.state, queue: ticket.queue, priority: nil, openedAt: ticket.openedAt,
      closedAt: ticket.closedAt, mergedInto: other)
  }

  private static func ticket(
    id: TicketID, _ view: TicketSight.View, state: String, queue: QueueID?, priority: String?, openedAt: Instant,
    closedAt: Instant?, mergedInto other: TicketID? = nil, place: PlaceInQueue? = nil
  ) -> Response {
    var fields: [Detail.Field] = [
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
    return json(.ok, .object(fields))
  }

  /// One result, with only what it has.
  private static func detail(_ result: MessageResult) -> Detail {
    var fields: [Detail.Field] = []
    if let id = result.id { fields.append(.init("id", .text(id))) }
    fields.append(.init("status", .text(result.status.rawValue)))
    if let message = result.message { fields.append(.init("message_id", .text(message.description))) }
    if let ticket = result.ticket { fields.append(.init("ticket_id", .text(ticket.description))) }
    if let problem = result.problem {
      var parts: [Detail.Field] = [
        .init("type", .text(problem.rejection.problemType)), .init("status", .integer(Int64(problem.status))),
        .init("detail", .text(problem.fault.detail)), .init("field", .text(problem.fault.field)),
      ]
      if let value = problem.fault.value { parts.append(.init("value", .text(value))) }
      parts.append(.init("remedy", .text(problem.fault.remedy)))
      fields.append(.init("problem", .object(parts)))
    }
    return .object(fields)
  }

  static func json(
    _ status: HTTPResponse.Status, _ body: Detail, type: String = "application/json", headers: HTTPFields = [:]
  ) -> Response {
    var headers = headers
    headers[.contentType] = type
    headers[.cacheControl] = "no-store"
    return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: body.json)))
  }
}
