import DeskCore
import HTTPService
import HTTPTypes

/// The operations of intake over HTTP. Routes and `/openapi.json` are derived from them.
enum IntakeEndpoint: CaseIterable, DescribedRoute {
  case submitMessages, readMessage, readTicket, submitFeedback, readGateway

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

  private static let id = OpenAPIParameter("ID", in: .path, name: "id", schema: .uuid)
}
