import DeskCore
import HTTPService
import UntrustedInput
import UseCases

/// The schemas of the console's requests and responses.
enum ConsoleSchemas {
  static let all = requests + responses

  // MARK: Request bodies

  private static let requests: [(name: String, schema: JSONSchema)] = [
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
    ("Outcome", .closedObject([.required("outcome", reason)])),
    ("Reason", .closedObject([.required("reason", reason)])),
    ("ReasonIfAny", .closedObject([.optional("reason", reason)])),
    (
      "Reply",
      .closedObject([
        .required("text", text), .optional("awaits_customer", .boolean),
        .optional("attachments", .array(of: .reference("Attachment"), .atMost(ConsoleBounds.attachments)).orNull),
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
    (
      "PriorityChange",
      .closedObject([.required("priority", .choice(Priority.allCases.map(\.name))), .required("reason", reason)])
    ),
  ]

  // MARK: Response bodies

  private static let responses = tickets + people + system

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
        .optional("question", .anyObject.orNull), .optional("messages", .array(of: .reference("Message"))),
        .optional("messages_next", .string.orNull), .optional("links", .array(of: .reference("TicketLink"))),
        .optional("articles", .array(of: .reference("Suggestion"))),
        .optional("guesses", .array(of: .reference("LabelGuess"))), .optional("rating", .anyObject.orNull),
      ])
    ),
    list("Tickets", "tickets", of: .reference("Ticket")),
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
        .optional("attachments", .array(of: .anyObject)), .optional("at", .time),
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
        .optional("decisions", .array(of: .reference("Decision"))), .optional("next", .string.orNull),
      ])
    ),
    (
      "Decision",
      .object([
        .optional("kind", .string), .optional("at", .time), .optional("policy", .integer),
        .optional("replayed_bit_by_bit", .boolean.orNull),
      ])
    ),
  ]

  private static let people: [(name: String, schema: JSONSchema)] = [
    (
      "Customer",
      .object([
        .optional("channel", .string), .optional("customer", .string), .optional("tier", .string),
        .optional("dedicated_agent", .string.orNull), .optional("last_ticket", .string.orNull),
      ])
    ),
    (
      "Contact",
      .object([
        .optional("ticket_id", .uuid), .optional("given_at", .time),
        .optional(
          "contact",
          .object([.optional("name", .string), .optional("phone", .string), .optional("email", .string)]).orNull),
      ])
    ),
    (
      "FollowUp",
      .object([
        .optional("ticket_id", .uuid), .optional("lead", .string.orNull), .optional("rating", .integer),
        .optional("opened_at", .time), .optional("done_at", .string.orNull), .optional("done_by", .string.orNull),
        .optional("outcome", .string.orNull),
      ])
    ),
    list("FollowUps", "follow_ups", of: .reference("FollowUp")),
    list("Feedback", "groups", of: .anyObject),
    list("HotIssues", "hot_issues", of: .anyObject),
    (
      "Agent",
      .object([
        .optional("agent", .string), .optional("presence", .string), .optional("load", .integer),
        .optional("capacity", .integer), .optional("idle_since", .time), .optional("seen_at", .time),
        .optional("break_reason", .string.orNull), .optional("break_until", .string.orNull),
      ])
    ),
    list("Agents", "agents", of: .reference("Agent")),
  ]

  private static let system: [(name: String, schema: JSONSchema)] = [
    (
      "Hook",
      .object([
        .optional("hook", .string), .optional("endpoint", .string), .optional("enabled", .boolean),
        .optional("held", .boolean), .optional("paused_at", .string.orNull),
        .optional("failing_since", .string.orNull), .optional("failures", .integer),
        .optional("reason", .string.orNull), .optional("kinds", .array(of: .string)),
      ])
    ),
    list("Hooks", "hooks", of: .reference("Hook")),
    list("Queues", "queues", of: .anyObject),
    (
      "Report",
      .object([
        .required("by", .string), .required("from", .date), .required("to", .date), .required("zone", .string),
        .required("rows", .array(of: .reference("ReportRow"))), .required("total", .reference("ReportRow")),
      ])
    ),
    ("ReportRow", DeskReport.rowSchema),
    list("ServiceLevels", "service_levels", of: .anyObject),
    list("Workers", "workers", of: .anyObject),
    list("Leases", "leases", of: .anyObject),
    (
      "Overview",
      .object([
        .optional("at", .time), .optional("undecided", .anyObject), .optional("tickets", .anyObject),
        .optional("dead_letters", .integer),
      ])
    ),
    (
      "Policy",
      .object([
        .optional("version", .integer), .optional("applied_by", .string), .optional("applied_at", .time),
        .optional("document", .string),
      ])
    ),
  ]

  // MARK: Values

  private static let name = JSONSchema.string(.within(1...InputBounds.nameCharacters))
  private static let text = JSONSchema.string(.within(1...InputBounds.textCharacters))
  private static let reason = JSONSchema.string(.within(1...ConsoleBounds.reasonCharacters))
    .described("Stored with the timeline or next to the audit log, and erased with the customer.")
  private static let breakEnd = JSONSchema.time.orNull.described(
    "When the agent expects to be back: a future time within \(ConsoleBounds.longestBreakDays) days. Needs a reason.")

  private static func list(
    _ name: String, _ property: String, of element: JSONSchema
  ) -> (name: String, schema: JSONSchema) {
    (name, .object([.required(property, .array(of: element))]))
  }
}
