import DeskCore
import HTTPService
import PolicyReading
import Store
import UntrustedInput
import UseCases

/// The schemas of the console's requests and responses.
enum ConsoleSchemas {
  static let all = requests + wallboardRequests + responses + operating + staffing

  // MARK: Request bodies

  private static let requests: [(name: String, schema: JSONSchema)] = [
    ("SignIn", .closedObject([.required("secret", .string(.within(1...ConsoleBounds.signInSecretCharacters)))])),
    (
      "Presence",
      .closedObject([
        .required("presence", .choice(Presence.allCases.map(\.rawValue))), .optional("reason", reason),
        .optional("until", breakEnd),
      ])
    ),
    (
      "Label",
      .closedObject([
        .required("category", name), .optional("intent", name), .optional("message_id", .uuid),
        .required("reason", reason),
      ])
    ),
    ("MoveAnswer", .closedObject([.required("accept", .boolean), .optional("reason", reason)])),
    ("Transfer", .closedObject([.optional("queue", name), .optional("agent", name), .required("reason", reason)])),
    ("Link", .closedObject([.required("ticket_id", .uuid), .required("reason", reason)])),
    (
      "Merge",
      .closedObject([
        .required("into", .uuid), .optional("across_customers", .boolean), .required("reason", reason),
      ])
    ),
    (
      "CustomerSettings",
      .closedObject([
        .required("tier", .choice(CustomerTier.allCases.map(\.rawValue))),
        .optional("dedicated_agent", .string.orNull), .required("reason", reason),
      ])
    ),
    (
      "CrisisOpening",
      .closedObject([
        .optional("name", name), .optional("topic", name), .optional("category", name),
        .optional("owner", .string.orNull),
        .required("reason", reason),
      ])
    ),
    (
      "CrisisCheck",
      .closedObject([
        .required("item", .integer(.within(1...ConsoleBounds.crisisItems))), .required("done", .boolean),
      ])
    ),
    ("CrisisAnswer", .closedObject([.required("answer", name), .required("on", .boolean)])),
    ("CrisisOwner", .closedObject([.required("agent", name)])),
    (
      "Join",
      .closedObject([
        .required("channel", .string.described("The channel of the other customer.")),
        .required("customer", .string(.within(1...InputBounds.customerCharacters))), .required("reason", reason),
      ])
    ),
    ("Separation", .closedObject([.required("join_id", .uuid), .required("reason", reason)])),
    ("Outcome", .closedObject([.required("outcome", reason)])),
    ("Reason", .closedObject([.required("reason", reason)])),
    ("ReasonIfAny", .closedObject([.optional("reason", reason)])),
    (
      "Reply",
      .closedObject([
        .required("text", text), .optional("awaits_customer", .boolean),
        .optional("attachments", .array(of: .reference("Attachment"), .atMost(ConsoleBounds.attachments)).orNull),
        .optional(
          "acknowledge",
          .array(of: .string(.none, pattern: "^[a-z0-9._-]{1,64}$"), .atMost(ConsoleBounds.acknowledgements)).orNull
            .described("Reply rules whose warning the agent has read: the reply is sent although it violates them.")),
      ])
    ),
    (
      "Attachment",
      .closedObject([
        .required(
          "url",
          .string(.atMost(InputBounds.addressCharacters), format: "uri", pattern: "^[hH][tT][tT][pP][sS]?://")
            .described("An absolute http or https URL without user and password.")),
        .optional(
          "media_type",
          .string(.within(1...InputBounds.mediaTypeCharacters)).orNull.described("A media type (RFC 6838).")),
        .optional(
          "name",
          .string(.within(1...InputBounds.attachmentNameCharacters)).orNull
            .described("One line without control characters.")),
      ])
    ),
    ("Note", .closedObject([.required("text", text)])),
    ("ReadMark", .closedObject([.required("message_id", .uuid)])),
    (
      "DraftText",
      .closedObject([
        .required("text", text),
        .optional("awaits_customer", .boolean.described("Whether the ticket then waits for the customer; of a reply.")),
        .optional(
          "replaces",
          .uuid.orNull.described("The key of the draft that this text was written from; none for a new draft.")),
      ])
    ),
    (
      "ConsultQuestion",
      .closedObject([
        .required("question", .string(.within(1...ConsoleBounds.consultCharacters))),
        .optional("agent", name.described("The agent who is asked.")),
        .optional("product_line", name.described("The product line whose interface people are asked.")),
      ]).described("Either `agent` or `product_line`.")
    ),
    ("InspectionScore", .closedObject([.required("scores", marks), .optional("remark", remark)])),
    ("Appeal", .closedObject([.required("reason", remark)])),
    (
      "AppealDecision",
      .closedObject([
        .required("outcome", .choice(["upheld", "changed"])), .optional("scores", marks), .required("reason", remark),
      ])
    ),
    (
      "InspectionMark",
      .closedObject([
        .required("criterion", .string(.none, pattern: "^[a-z0-9._-]{1,64}$")), .required("score", .integer),
        .optional("comment", remark.orNull),
      ])
    ),
    (
      "CallBackChange",
      .closedObject([
        .optional(
          "due_at",
          .time.described(
            "Until when the customer is called, at most \(ConsoleBounds.longestCallBackDays) days ahead. A new call-back needs it."
          )),
        .optional("owner", name.described("The agent who calls; of a new call-back the caller by default.")),
        .optional(
          "state",
          .choice(["kept", "broken"]).described("The customer was called, or no one will call. Finishes the call-back.")
        ),
        .optional("reason", reason),
      ])
    ),
    (
      "PriorityChange",
      .closedObject([.required("priority", .choice(Priority.allCases.map(\.name))), .required("reason", reason)])
    ),
  ]

  // MARK: Response bodies

  private static let callBack: [JSONSchema.Property] = [
    .required("number", .integer), .required("state", .choice(CallBack.State.allCases.map(\.rawValue))),
    .required("origin", .choice(CallBack.Origin.allCases.map(\.rawValue))), .required("owner", .string.orNull),
    .required("due_at", .time), .required("moves", .integer), .required("promised_at", .time),
    .required("broken_at", .string.orNull), .required("ended_at", .string.orNull),
  ]

  private static let responses = tickets + search + people + system + wallboard

  private static let tickets: [(name: String, schema: JSONSchema)] = [
    (
      "Written",
      .object([.optional("message_id", .uuid), .optional("ticket", .reference("Ticket").orNull)])
    ),
    (
      "Ticket",
      .object([
        .required("ticket_id", .uuid), .optional("version", .integer), .required("state", .string),
        .required("channel", .string), .required("customer", .string), .optional("tier", .string),
        .optional("queue", .string.orNull), .optional("priority", .string),
        .optional("skills", .array(of: .anyObject)), .optional("weight", .oneOf(.integer, .choice(["whole"]))),
        .optional("agent", .string.orNull), .optional("last_agent", .string.orNull), .required("opened_at", .time),
        .optional("waiting_since", .string.orNull), .optional("reply_due_since", .string.orNull),
        .optional("answered_at", .string.orNull), .optional("resolved_at", .string.orNull),
        .optional("confirmed_at", .string.orNull), .optional("reopened", .integer), .optional("closed_at", .time),
        .optional("labels", .anyObject.orNull), .optional("offer", .anyObject.orNull),
        .optional("clocks", .anyObject), .optional("service_level", .string.orNull),
        .optional("escalation_steps", .integer), .optional("reply_to", .anyObject),
        .optional("offer_pauses", .array(of: .anyObject)), .optional("suggested_move", .anyObject.orNull),
        .optional("held_until", .string.orNull), .optional("fields", .anyObject),
        .optional("question", .anyObject.orNull), .optional("progress", .anyObject.orNull),
        .optional("call_back", .reference("CallBack").orNull),
        .optional("messages", .array(of: .reference("Message"))),
        .optional("messages_next", .string.orNull), .optional("links", .array(of: .reference("TicketLink"))),
        .optional("articles", .array(of: .reference("Suggestion"))),
        .optional("guesses", .array(of: .reference("LabelGuess"))), .optional("rating", .anyObject.orNull),
        .optional(
          "attributes", .anyObject.described("Of the shown messages of customers: of each name the newest value.")),
        .optional("crm", .reference("CustomerLookUp")),
        .optional("last_message", .reference("LastMessage").orNull),
        .optional(
          "unread",
          .integer(.within(0...StoreBounds.unreadCounted)).described(
            "Messages of customers and notes of others that the agent has not read; counted up to \(StoreBounds.unreadCounted)."
          )),
        .optional("promise", .reference("Promise").orNull),
      ])
    ),
    (
      "LastMessage",
      .object([
        .required("message_id", .uuid), .required("kind", .choice(["customer", "reply", "note"])),
        .required("author", .string), .required("excerpt", .string(.atMost(StoreBounds.excerptCharacters))),
        .required("at", .time),
      ])
    ),
    (
      "Promise",
      .object([
        .required("kind", .choice(["first_response", "next_response", "resolution", "call_back"])),
        .required("due_at", .time), .required("paused", .boolean),
      ]).described("What was promised to the customer and is due next.")
    ),
    (
      "ReadState",
      .object([
        .required("ticket_id", .uuid), .required("message_id", .uuid), .required("unread", .integer(.atLeast(0))),
      ])
    ),
    (
      "Draft",
      .object([
        .required("ticket_id", .uuid), .required("agent", .string),
        .required("kind", .choice(Draft.Kind.allCases.map(\.rawValue))), .required("changed_at", .time),
        .required("text", .string.orNull.described("Null for all but the writer.")),
        .required("awaits_customer", .boolean.orNull),
        .required(
          "key",
          .uuid.orNull.described("The Idempotency-Key to send the text with, and what its next change must name.")),
      ])
    ),
    list("Drafts", "drafts", of: .reference("Draft")),
    (
      "CustomerLookUp",
      .object([
        .required("state", .choice(LookUpRecord.State.allCases.map(\.rawValue))), .required("at", .string.orNull),
        .required("fields", .anyObject),
      ])
    ),
    list("Tickets", "tickets", of: .reference("Ticket")),
    (
      "TicketPage",
      .object([
        .required("tickets", .array(of: .reference("Ticket"), .atMost(ConsoleBounds.ticketsPerPage))),
        .required("next", .string.orNull.described("The `cursor` of the next page; null on the last page.")),
        .optional(
          "words_encrypted",
          JSONSchema.boolean.described("With `text`: true if messages are encrypted, so that it finds none of those.")),
      ])
    ),
    ("CallBack", .object(callBack)),
    (
      "Consult",
      .object([
        .required("consult_id", .uuid), .required("ticket_id", .uuid),
        .required("state", .choice(Consult.State.allCases.map(\.rawValue))), .required("asker", .string),
        .required("to", .object([.optional("agent", .string), .optional("product_line", .string)])),
        .required("question", .string.orNull.described("Null when the customer was erased.")),
        .required("asked_at", .time), .required("ended_at", .string.orNull),
        .required("answered_by", .string.orNull),
        .required("answer", .string.orNull.described("For who asked and who answered.")),
        .required("note_id", .string.orNull),
      ])
    ),
    (
      "Consults",
      .object([
        .required("consults", .array(of: .reference("Consult"), .atMost(ConsoleBounds.consultsPerPage))),
        .required("next", .string.orNull.described("The `before` of the next page; null on the last page.")),
      ])
    ),
    (
      "CallBacks",
      .object([
        .required(
          "callbacks",
          .array(of: .reference("ListedCallBack"), .atMost(ConsoleBounds.callBacksPerPage))),
        .required("next", .string.orNull.described("The `cursor` of the next page; null on the last page.")),
      ])
    ),
    (
      "ListedCallBack",
      .object([.required("ticket_id", .uuid), .required("queue", .string.orNull)] + callBack)
    ),
    (
      "TicketLink",
      .object([
        .required("ticket_id", .uuid),
        .required("kind", .choice(["follows", "continues", "continued_by", "related", "merged_into", "absorbed"])),
      ])
    ),
    (
      "LabelGuess",
      .object([.required("category", .string), .required("intent", .string), .required("share", .number)])
    ),
    (
      "Suggestion",
      .object([
        .optional("article", .string), .optional("coverage", .number), .optional("title", .string.orNull),
        .optional("answer", .string.orNull), .optional("steps", .array(of: .string)),
      ])
    ),
    (
      "Message",
      .object([
        .optional("message_id", .uuid), .optional("kind", .choice(["customer", "reply", "note"])),
        .optional("channel", .string), .optional("author", .string), .optional("addressee", .string.orNull),
        .optional("subject", .string.orNull), .optional("text", .string),
        .optional("attachments", .array(of: .anyObject)), .optional("attributes", .anyObject), .optional("at", .time),
        .optional("delivery", .reference("Delivery").orNull),
      ])
    ),
    (
      "Delivery",
      .object([
        .required(
          "state",
          .choice(ReplyState.allCases.map(\.rawValue)).described(
            "`queued` until the customer's channel has the reply, `sent` from then on, then what the channel reports.")),
        .required("at", .time), .optional("reason", .string.orNull.described("Why it failed.")),
      ])
    ),
    (
      "Messages",
      .object([
        .required("ticket_id", .uuid), .required("messages", .array(of: .reference("Message"))),
        .required("next", .string.orNull),
      ])
    ),
    (
      "Timeline",
      .object([
        .optional("ticket_id", .uuid), .optional("entries", .array(of: .reference("TimelineEntry"))),
        .optional("next", .string.orNull),
      ])
    ),
    (
      "TimelineEntry",
      .object([
        .optional("version", .integer), .optional("position", .integer), .optional("kind", .string),
        .optional("actor", .string), .optional("at", .time), .optional("traceparent", .string.orNull),
        .optional("detail", .anyObject),
      ])
    ),
    (
      "Explanation",
      .object([
        .optional("ticket_id", .uuid), .optional("replayed_bit_by_bit", .boolean.orNull),
        .optional("decisions", .array(of: .reference("Decision"))), .optional("paused", .array(of: .anyObject)),
        .optional("next", .string.orNull),
      ])
    ),
    (
      "Decision",
      .object([
        .optional("kind", .string), .optional("at", .time), .optional("policy", .integer),
        .optional("replayed_bit_by_bit", .boolean.orNull),
        .optional("summary", .array(of: .reference("Phrase")).described("Of a routing, a confirmation or a question.")),
        .optional("gap", .reference("Phrase").described("Why it cannot be explained.")),
        .optional("rules", .array(of: .anyObject).described("Every rule, in order, with its condition part by part.")),
        .optional("chosen", .anyObject.described("Of an offer: the agent, and the phrase `because`.")),
        .optional("turns", .array(of: .reference("Phrase")).described("Of an offer: why it was the ticket's turn.")),
        .optional(
          "requirements", .array(of: .reference("Phrase")).described("Of an offer: what an agent had to meet.")),
        .optional(
          "candidates",
          .array(of: .anyObject).described(
            "Of an offer: every agent, nearest first, with the phrases `because` and, if few changes would have sufficed, `wants`."
          )),
        .optional("alternatives", .array(of: .reference("Alternative"))),
      ])
    ),
    (
      "Alternative",
      .object([
        .required("changed", .array(of: .reference("Phrase"))), .required("outcome", .reference("Phrase")),
        .required("text", .string), .optional("rule", .string.orNull), .optional("queue", .string),
        .optional("priority", .string), .optional("changes", .array(of: .string)),
      ]).described("What would have changed a decision. Each was verified by deciding again with the change.")
    ),
    (
      "Phrase",
      .object([
        .required(
          "code", .string.described("What it says. New codes may come; show `text` for those you do not know.")),
        .required("values", .anyObject.described("Numbers, names, lists of names, and phrases.")),
        .required("text", .string.described("In English.")),
      ])
    ),
  ]

  // MARK: Values

  private static let name = JSONSchema.string(.within(1...InputBounds.nameCharacters))
  private static let text = JSONSchema.string(.within(1...InputBounds.textCharacters))
  private static let reason = JSONSchema.string(.within(1...ConsoleBounds.reasonCharacters))
    .described("Stored with the timeline or next to the audit log, and erased with the customer.")
  private static let remark = JSONSchema.string(.within(1...ConsoleBounds.remarkCharacters))
    .described("Stored with the inspection, and erased with the customer.")
  private static let marks = JSONSchema.array(
    of: .reference("InspectionMark"), .atMost(PolicyLimits.inspectionCriteria))
  private static let breakEnd = JSONSchema.time.orNull.described(
    "When the agent expects to be back: a future time within \(ConsoleBounds.longestBreakDays) days. Needs a reason.")

  static func list(
    _ name: String, _ property: String, of element: JSONSchema
  ) -> (name: String, schema: JSONSchema) {
    (name, .object([.required(property, .array(of: element))]))
  }
}
