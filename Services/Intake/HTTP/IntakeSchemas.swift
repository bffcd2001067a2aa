import DeskCore
import HTTPService

/// The schemas of intake's requests and responses, over HTTP and ZeroMQ. Their limits are the ones that are enforced.
enum IntakeSchemas {
  static let all = requests + responses

  // MARK: Request bodies

  private static let requests: [(name: String, schema: JSONSchema)] = [
    (
      "Message",
      .closedObject([
        .optional(
          "id",
          .string(.within(1...IntakeBounds.idCharacters))
            .described("The channel's id of the message. Required unless the request has an Idempotency-Key.")),
        .optional("channel", .string.described("Optional; must be the key's channel if present.")),
        .required(
          "customer",
          .string(.within(1...IntakeBounds.customerCharacters))
            .described("The channel's id of the customer, without U+0000 and not blank.")),
        .required(
          "text",
          .string(.within(1...IntakeBounds.textCharacters))
            .described("The message text, without U+0000 and with at least one visible character.")),
        .optional("subject", text(IntakeBounds.subjectCharacters)),
        .optional("thread", text(IntakeBounds.threadCharacters).described("The channel's id of the conversation.")),
        .optional("sent_at", .time.orNull), .optional("attributes", attributes),
        .optional(
          "attachments", .array(of: .reference("Attachment"), .atMost(IntakeBounds.attachments)).orNull),
        .optional("contact", .reference("Contact")), .optional("proofs", .reference("Proofs")),
      ])
    ),
    (
      "Proofs",
      .closedObject(ProofKind.allCases.map { .optional($0.rawValue, digest) }).orNull.described(
        "What the channel has verified of the customer, as digests. Customers of trusted channels with the same digest become one person; "
          + "what the policy does not trust the channel with is ignored.")
    ),
    (
      "Contact",
      .closedObject([
        .optional("name", text(IntakeBounds.contactNameCharacters)),
        .optional("phone", text(IntakeBounds.phoneCharacters)),
        .optional("email", text(IntakeBounds.emailCharacters)),
      ]).orNull.described(
        "How the customer can be reached. Stored encrypted (AES-256-GCM); refused by an installation without contact keys."
      )
    ),
    (
      "Feedback",
      .closedObject([
        .required("solved", .boolean), .optional("rating", .integer(.within(Feedback.ratings)).orNull),
        .optional("comment", .string(.within(1...IntakeBounds.textCharacters)).orNull),
      ])
    ),
    (
      "Attachment",
      .closedObject([
        .required(
          "url",
          .string(.atMost(IntakeBounds.urlCharacters), format: "uri", pattern: "^[hH][tT][tT][pP][sS]?://")
            .described("An absolute http or https URL without user and password.")),
        .optional(
          "media_type",
          text(IntakeBounds.mediaTypeCharacters).described("A media type (RFC 6838), with its parameters, if any.")),
        .optional(
          "name", text(IntakeBounds.attachmentNameCharacters).described("One line without control characters.")),
      ])
    ),
    (
      "Receipts",
      .closedObject([
        .required("receipts", .array(of: receipt, .within(1...IntakeBounds.receiptsPerRequest)))
      ])
    ),
  ]

  private static let digest = JSONSchema.string(.none, pattern: "^[0-9a-f]{64}$").orNull

  private static let attributes = JSONSchema.map(
    of: .string(.atMost(IntakeBounds.attributeValueCharacters)),
    names: .string(.within(1...IntakeBounds.attributeNameCharacters), except: MessageRules.reservedAttribute),
    .atMost(IntakeBounds.attributes)
  ).orNull

  private static let receipt = JSONSchema.closedObject([
    .required("reply_id", .uuid), .required("state", .choice(ReplyState.reportable.map(\.rawValue))),
    .optional("at", .time.orNull.described("By the channel's clock; later than now counts as now.")),
    .optional(
      "reason",
      .string(.within(1...IntakeBounds.failureReasonCharacters)).orNull.described(
        "Why it failed; only with `failed`. Agents see it.")),
  ])

  // MARK: Response bodies

  private static let responses: [(name: String, schema: JSONSchema)] = [
    (
      "Result",
      .object([
        .optional("id", .string.described("The channel's id of the message; missing if it could not be read.")),
        .required("status", .choice(["accepted", "duplicate", "rejected"])), .optional("message_id", .uuid),
        .optional("ticket_id", .uuid), .optional("problem", .reference("MessageProblem")),
      ])
    ),
    ("Results", .object([.required("results", .array(of: .reference("Result")))])),
    (
      "MessageProblem",
      .object([
        .required("type", .string(.none, format: "uri")),
        .required(
          "status", .integer.described("The status that the message would have had in its own request.")),
        .required("detail", .string),
        .required(
          "field", .string.described("A JSON pointer into the message; empty for the message as a whole.")),
        .optional(
          "value", .string.described("The offending value, shortened; left out if it is customer data.")),
        .required("remedy", .string),
      ])
    ),
    (
      "StoredMessage",
      .object([
        .required("message_id", .uuid), .required("ticket_id", .uuid), .required("channel", .string),
        .required("customer", .string), .optional("subject", .string), .required("text", .string),
        .required("received_at", .time), .required("state", .choice(["received", "decided"])),
      ])
    ),
    ("Ticket", ticket), ("Reply", reply),
    (
      "Replies",
      .object([
        .required("replies", .array(of: .reference("Reply"))),
        .required("next", .string.described("The cursor behind these replies.")),
      ])
    ),
    ("ReceiptResults", .object([.required("results", .array(of: receiptResult))])),
    (
      "Gateway",
      .object([
        .required(
          "endpoint",
          .string.described(
            "A ZeroMQ endpoint that a client can connect to: the advertised endpoint if configured, else the bound one; if the socket is bound to every address of its host, with the host of this request."
          )),
        .required("public_key", .string(.within(40...40)).described("Z85.")),
      ])
    ),
  ]

  private static let ticket = JSONSchema.object([
    .required("ticket_id", .uuid), .required("channel", .string),
    .required(
      "customer",
      .string.orNull.described(
        "The channel's customer on this ticket; null if several of its customers share it.")),
    .optional(
      "merged_into",
      .uuid.described(
        "The ticket into which it was merged, if any. New messages of its customer go there and are answered from there."
      )),
    .required(
      "state",
      .choice([
        "received", "triage", "queued", "offered", "assigned", "pending", "answered", "resolved", "closed",
        "rejected",
      ])), .optional("queue", .string), .optional("priority", .string), .required("opened_at", .time),
    .optional("closed_at", .time),
    .optional(
      "replies",
      .array(of: .reference("Reply"), .atMost(IntakeBounds.repliesPerTicket)).described(
        "The newest replies to the channel's customer, when the ticket is read.")),
    .optional(
      "call_back_due_at",
      .time.described("Until when the customer was promised to be called back; until the call-back is finished.")),
    .optional(
      "queue_position",
      .integer(.atLeast(1)).described(
        "While it waits, on chat channels only: its position in its queue, 1 is next; counted up to 10,001.")),
    .optional(
      "expected_wait_seconds",
      .integer.orNull.described(
        "While it waits, on chat channels only: the expected wait, from the number of tickets assigned to agents in the last minutes; null if there were none."
      )),
  ])

  private static let replyStates = JSONSchema.choice(ReplyState.allCases.map(\.rawValue))

  private static let reply = JSONSchema.object([
    .required("reply_id", .uuid.described("Stable: a channel drops a reply that it has already delivered.")),
    .required("cursor", .string), .required("ticket_id", .uuid),
    .required("customer", .string.described("The channel's id of the customer.")), .required("text", .string),
    .required("attachments", .array(of: .reference("Attachment"))), .required("written_at", .time),
    .required("state", replyStates), .required("state_at", .time),
    .optional("reason", .string.described("Why it failed.")),
  ])

  private static let receiptResult = JSONSchema.object([
    .required("reply_id", .uuid),
    .required(
      "status",
      .choice(ReplyDelivery.Outcome.allCases.map(\.rawValue) + ["unknown"]).described(
        "`contradicted`: the reply had failed, or had been read, and stays so. `unknown`: the channel has no such reply."
      )),
    .optional("state", replyStates),
  ])

  /// Optional text.
  /// - Parameter longest: in Unicode scalars.
  private static func text(_ longest: Int) -> JSONSchema { JSONSchema.string(.atMost(longest)).orNull }
}
