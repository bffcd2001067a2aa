import DeskCore
import HTTPService
import HTTPTypes
import Wire

/// The result of one message, independent of the transport.
struct MessageResult: Equatable, Sendable {
  enum Status: String, Sendable {
    case accepted, duplicate, rejected
  }

  /// The channel's id; nil if it is unknown.
  let id: String?
  let status: Status
  let message: MessageID?
  let ticket: TicketID?
  /// Why it was not accepted.
  let problem: MessageFault?

  static func rejected(_ id: String?, _ problem: MessageFault) -> MessageResult {
    MessageResult(id: id, status: .rejected, message: nil, ticket: nil, problem: problem)
  }
}

// MARK: - JSON

extension MessageResult {
  /// Returns the results of a request, as they are sent over HTTP and ZeroMQ.
  static func member(_ results: [MessageResult]) -> JSONValue.Field {
    JSONValue.Field("results", .list(results.map(\.detail)))
  }

  /// One result, with only the fields that it has.
  var detail: JSONValue {
    var fields: [JSONValue.Field] = []
    if let id { fields.append(.init("id", .text(id))) }
    fields.append(.init("status", .text(status.rawValue)))
    if let message { fields.append(.init("message_id", .text(message.description))) }
    if let ticket { fields.append(.init("ticket_id", .text(ticket.description))) }
    if let problem { fields.append(.init("problem", problem.json)) }
    return .object(fields)
  }
}

extension MessageFault {
  /// Why one message of several was not accepted.
  fileprivate var json: JSONValue {
    var parts: [JSONValue.Field] = [
      .init("type", .text(rejection.problemType.uri)), .init("status", .integer(Int64(rejection.status.code))),
      .init("detail", .text(detail)), .init("field", .text(field)),
    ]
    if let value { parts.append(.init("value", .text(value))) }
    parts.append(.init("remedy", .text(remedy)))
    return .object(parts)
  }

  /// The answer to a request of which nothing was accepted, over HTTP and ZeroMQ.
  var httpProblem: HTTPProblem {
    HTTPProblem(
      rejection.status, type: rejection.problemType, detail: detail,
      errors: [.init(field: field, value: value, detail: detail, remedy: remedy)],
      headers: rejection.status == .serviceUnavailable ? [.retryAfter: "1"] : [:])
  }
}

// MARK: - Protobuf

extension WireResult {
  /// The same result under the same names.
  init(_ result: MessageResult) {
    self.init()
    id = result.id ?? ""
    status =
      switch result.status {
      case .accepted: .accepted
      case .duplicate: .duplicate
      case .rejected: .rejected
      }
    messageID = result.message?.description ?? ""
    ticketID = result.ticket?.description ?? ""
    if let problem = result.problem { self.problem = WireProblem(problem) }
  }
}

extension WireProblem {
  fileprivate init(_ fault: MessageFault) {
    self.init()
    type = fault.rejection.problemType.uri
    status = Int32(clamping: fault.rejection.status.code)
    detail = fault.detail
    field = fault.field
    if let value = fault.value { self.value = value }
    remedy = fault.remedy
  }
}
