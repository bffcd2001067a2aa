import DeskCore
import HTTPService
import HTTPTypes

/// The operations of intake over HTTP. Routes and `/openapi.json` are derived from them.
enum IntakeEndpoint: CaseIterable, DescribedRoute {
  case submitMessages, readMessage, readTicket, submitFeedback
  case readReplies, streamReplies, submitReceipts
  case readGateway

  var operation: OpenAPIOperation {
    switch self {
    case .submitMessages: Self.submission
    case .readMessage:
      OpenAPIOperation(
        "readMessage", .get, "/v1/messages/{id}", summary: "A message that this channel submitted.", tag: "messages",
        parameters: [Self.id], responses: [OpenAPIResponse(.ok, "The message.", .json("StoredMessage"))],
        problems: [.rateLimited, .unavailable], untypedProblems: [.notFound])
    case .readTicket:
      OpenAPIOperation(
        "readTicket", .get, "/v1/tickets/{id}",
        summary: "The status of a ticket of this channel, or of one that a ticket of this channel was merged into.",
        tag: "messages", parameters: [Self.id], responses: [OpenAPIResponse(.ok, "The ticket.", .json("Ticket"))],
        problems: [.rateLimited, .unavailable], untypedProblems: [.notFound])
    case .submitFeedback:
      OpenAPIOperation(
        "submitFeedback", .post, "/v1/tickets/{id}/feedback",
        summary: "Submits the customer's feedback on a settled or answered ticket.",
        description:
          "`solved: false` brings in a human agent. A low rating is followed up. Sending the same feedback again changes nothing.",
        tag: "messages", parameters: [Self.id], body: OpenAPIRequestBody([.json("Feedback")]),
        responses: [OpenAPIResponse(.ok, "The ticket after the feedback was recorded.", .json("Ticket"))],
        problems: [.invalidRequest, .ticketState, .concurrentChanges, .rateLimited, .unavailable],
        untypedProblems: [.notFound])
    case .readReplies: Self.replyList
    case .streamReplies: Self.replyStream
    case .submitReceipts: Self.receipts
    case .readGateway:
      OpenAPIOperation(
        "readGateway", .get, "/v1/gateway",
        summary: "Where channels connect over ZeroMQ, and the socket's public CURVE key.", tag: "channels",
        responses: [OpenAPIResponse(.ok, "The gateway.", .json("Gateway"))], problems: [.unavailable],
        untypedProblems: [.badRequest])
    }
  }

  private static let submission = OpenAPIOperation(
    "submitMessages", .post, "/v1/messages",
    summary: "Submits one message or up to \(IntakeBounds.messagesPerRequest).",
    description:
      "A single object gets a single result. An array, or one object per line, gets one result per message, in order: 202 when at least one message is stored, 422 when none is. An invalid message is rejected individually, by its id if it can be read, including one with a malformed string (half a surrogate pair, bytes that are not UTF-8). Ids and names are compared byte by byte. A leading byte order mark is skipped. Request and response bodies over ZeroMQ have the same schemas (`Message`, `Results`, `Problem`). The body has at most \(IntakeBounds.bodyBytes) bytes.",
    tag: "messages",
    parameters: [
      .idempotencyKey(
        "Identifies the request. A message without its own id gets `KEY`, in a list `KEY#POSITION`. The same key with a different body is refused with 422, and with 409 while the first request is in progress. The key is used up once a request contained at least one acceptable message."
      ),
      OpenAPIParameter(
        "Traceparent", in: .header, name: "traceparent", description: "W3C Trace Context; stored with the messages.",
        schema: .string),
    ],
    body: OpenAPIRequestBody([
      .json(
        .oneOf(
          .reference("Message"),
          .array(of: .reference("Message"), .within(1...IntakeBounds.messagesPerRequest))),
        examples: [
          .init(
            "one",
            .object([
              .init("id", "m-1"), .init("customer", "c-42"), .init("text", "My parcel has not arrived."),
            ]))
        ]),
      OpenAPIContent(
        "application/x-ndjson", .string.described("One message per line; empty lines are skipped.")),
    ]),
    responses: [
      OpenAPIResponse(
        .accepted, "At least one message is stored.",
        .json(.oneOf(.reference("Result"), .reference("Results"))))
    ],
    problems: [
      .invalidMessage, .idConflict, .idempotencyKeyInFlight, .rateLimited, .overloaded, .draining, .unavailable,
    ])

  private static let replyList = OpenAPIOperation(
    "readReplies", .get, "/v1/replies", summary: "Replies to this channel's customers, in order, from a cursor on.",
    description:
      "The order of a conversation is kept, and a cursor never passes a reply that is stored later. Store `next` once the replies are handed on; the same `after` returns the same replies again, each with the same `reply_id`. A reply that a key with full access has got counts as sent.",
    tag: "replies",
    parameters: [
      after,
      OpenAPIParameter(
        "Limit", in: .query, name: "limit",
        description: "The maximum number of replies; default: \(IntakeBounds.repliesPerPage).",
        schema: .integer(.within(1...IntakeBounds.repliesPerPage))),
    ],
    responses: [OpenAPIResponse(.ok, "The replies; none when there are no more.", .json("Replies"))],
    problems: [.invalidRequest, .rateLimited, .unavailable])

  private static let replyStream = OpenAPIOperation(
    "streamReplies", .get, "/v1/replies/stream",
    summary: "The same replies as server-sent events, as they are written.",
    description:
      "Each event `reply` has a `Reply` as its data and the cursor behind it as its id. A comment is sent every \(IntakeBounds.replyHeartbeat.components.seconds) seconds without replies. A client that reconnects sends `Last-Event-ID` and misses nothing. A key may have \(IntakeBounds.replyStreamsPerKey) open streams.",
    tag: "replies",
    parameters: [
      after,
      OpenAPIParameter(
        "LastEventID", in: .header, name: "Last-Event-ID", description: "Takes precedence over `after`.",
        schema: .string),
    ],
    responses: [
      OpenAPIResponse(.ok, "Events, until the connection ends.", OpenAPIContent("text/event-stream", .string))
    ],
    problems: [.invalidRequest, .rateLimited, .unavailable])

  private static let receipts = OpenAPIOperation(
    "submitReceipts", .post, "/v1/replies/receipts",
    summary: "Reports which replies were sent on, delivered, read, or failed.",
    description:
      "Agents see the state. A report moves a reply forward only: `sent`, `delivered`, `read`, with any step skipped, or `failed` from every state before `read`. A failure brings the ticket back to a person, once. Sending a report again changes nothing.",
    tag: "replies", body: OpenAPIRequestBody([.json("Receipts")]),
    responses: [OpenAPIResponse(.ok, "One result per report, in order.", .json("ReceiptResults"))],
    problems: [.invalidRequest, .rateLimited, .unavailable])

  private static let after = OpenAPIParameter(
    "After", in: .query, name: "after",
    description:
      "A cursor: `next` of a page, `cursor` of a reply, or the id of an event. Without one the list begins with the oldest reply that is kept.",
    schema: .string)

  private static let id = OpenAPIParameter("ID", in: .path, name: "id", schema: .uuid)
}
