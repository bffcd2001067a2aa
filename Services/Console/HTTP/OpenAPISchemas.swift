import DeskCore
import ServiceKit

/// The schemas of the console's requests and responses.
enum OpenAPISchemas {
  static let all: [JSONValue.Field] = asked + answered

  /// Request bodies.
  private static let asked: [JSONValue.Field] = [
    object(
      "Presence", strict: true,
      [.init("presence", oneOf(Presence.allCases.map(\.rawValue))), .init("reason", reason), .init("until", breakEnd)],
      required: ["presence"]),
    object(
      "Label", strict: true,
      [.init("category", name), .init("intent", name), .init("message_id", uuid), .init("reason", reason)],
      required: ["category", "reason"]),
    object(
      "Transfer", strict: true, [.init("queue", name), .init("agent", name), .init("reason", reason)],
      required: ["reason"]),
    object(
      "MoveAnswer", strict: true, [.init("accept", type("boolean")), .init("reason", reason)], required: ["accept"]),
    object(
      "Link", strict: true, [.init("ticket_id", uuid), .init("reason", reason)], required: ["ticket_id", "reason"]),
    object(
      "Merge", strict: true,
      [.init("into", uuid), .init("across_customers", type("boolean")), .init("reason", reason)],
      required: ["into", "reason"]),
    object(
      "CustomerSettings", strict: true,
      [
        .init("tier", oneOf(CustomerTier.allCases.map(\.rawValue))), .init("dedicated_agent", orNull("string")),
        .init("reason", reason),
      ], required: ["tier", "reason"]),
    object("Outcome", strict: true, [.init("outcome", reason)], required: ["outcome"]),
    object("Reason", strict: true, [.init("reason", reason)], required: ["reason"]),
    object("ReasonIfAny", strict: true, [.init("reason", reason)]),
    object(
      "Reply", strict: true,
      [
        .init("text", words), .init("awaits_customer", type("boolean")),
        .init(
          "attachments",
          .object([
            .init("type", .list(["array", "null"])), .init("maxItems", .integer(Int64(ConsoleBounds.attachments))),
            .init("items", reference("Attachment")),
          ])),
      ], required: ["text"]),
    object(
      "Attachment", strict: true,
      [
        .init(
          "url",
          .object([
            .init("type", "string"), .init("format", "uri"), .init("pattern", "^[hH][tT][tT][pP][sS]?://"),
            .init("maxLength", .integer(Int64(InputBounds.addressCharacters))),
            .init("description", "An absolute http or https URL without user and password."),
          ])),
        .init("media_type", textOrNull(longest: InputBounds.mediaTypeCharacters, "A media type (RFC 6838).")),
        .init(
          "name", textOrNull(longest: InputBounds.attachmentNameCharacters, "One line without control characters.")),
      ], required: ["url"]),
    object("Note", strict: true, [.init("text", words)], required: ["text"]),
  ]

  /// Response bodies.
  private static let answered: [JSONValue.Field] = [
    object(
      "Customer",
      [
        .init("channel", string), .init("customer", string), .init("tier", string),
        .init("dedicated_agent", orNull("string")), .init("last_ticket", orNull("string")),
      ]),
    object(
      "Contact",
      [
        .init("ticket_id", uuid), .init("given_at", time),
        .init(
          "contact",
          .object([
            .init("type", .list([.text("object"), .text("null")])),
            .init("properties", .object(["name", "phone", "email"].map { JSONValue.Field($0, string) })),
          ])),
      ]),
    object(
      "FollowUp",
      [
        .init("ticket_id", uuid), .init("lead", orNull("string")), .init("rating", integer), .init("opened_at", time),
        .init("done_at", orNull("string")), .init("done_by", orNull("string")), .init("outcome", orNull("string")),
      ]),
    list("FollowUps", "follow_ups", reference("FollowUp")),
    object(
      "Hook",
      [
        .init("hook", string), .init("endpoint", string), .init("enabled", type("boolean")),
        .init("held", type("boolean")), .init("paused_at", orNull("string")),
        .init("failing_since", orNull("string")), .init("failures", integer), .init("reason", orNull("string")),
        .init("kinds", .object([.init("type", "array"), .init("items", string)])),
      ]),
    list("Hooks", "hooks", reference("Hook")),
    list("Feedback", "groups", type("object")),
    list("HotIssues", "hot_issues", type("object")),
    object(
      "PriorityChange", strict: true,
      [
        .init(
          "priority",
          .object([.init("type", "string"), .init("enum", .list(Priority.allCases.map { .text($0.name) }))])),
        .init("reason", words),
      ], required: ["priority", "reason"]),
    object(
      "Written",
      [
        .init("message_id", uuid),
        .init("ticket", .object([.init("oneOf", .list([reference("Ticket"), null]))])),
      ]),
    object(
      "Agent",
      [
        .init("agent", string), .init("presence", string), .init("load", integer), .init("capacity", integer),
        .init("idle_since", time), .init("seen_at", time), .init("break_reason", orNull("string")),
        .init("break_until", orNull("string")),
      ]),
    list("Agents", "agents", reference("Agent")),
    object(
      "Ticket",
      [
        .init("ticket_id", uuid), .init("version", integer), .init("state", string), .init("channel", string),
        .init("customer", string), .init("tier", string), .init("queue", orNull("string")), .init("priority", string),
        .init("skills", .object([.init("type", "array"), .init("items", type("object"))])),
        .init("weight", .object([.init("oneOf", .list([integer, oneOf(["whole"])]))])),
        .init("agent", orNull("string")), .init("last_agent", orNull("string")), .init("opened_at", time),
        .init("waiting_since", orNull("string")), .init("reply_due_since", orNull("string")),
        .init("answered_at", orNull("string")), .init("resolved_at", orNull("string")),
        .init("confirmed_at", orNull("string")), .init("reopened", integer),
        .init("closed_at", time), .init("labels", orNull("object")), .init("offer", orNull("object")),
        .init("clocks", type("object")), .init("reply_to", type("object")),
        .init("offer_pauses", .object([.init("type", "array"), .init("items", type("object"))])),
        .init("suggested_move", orNull("object")), .init("held_until", orNull("string")),
        .init("messages", .object([.init("type", "array"), .init("items", reference("Message"))])),
        .init("messages_next", orNull("string")),
        .init("links", .object([.init("type", "array"), .init("items", reference("TicketLink"))])),
        .init("articles", .object([.init("type", "array"), .init("items", reference("Suggestion"))])),
        .init("rating", orNull("object")),
      ], required: ["ticket_id", "state", "channel", "customer", "opened_at"]),
    object(
      "TicketLink",
      [
        .init("ticket_id", uuid),
        .init("kind", oneOf(["follows", "continues", "continued_by", "related", "merged_into", "absorbed"])),
      ], required: ["ticket_id", "kind"]),
    object(
      "Suggestion",
      [
        .init("article", string), .init("coverage", type("number")), .init("title", orNull("string")),
        .init("answer", orNull("string")), .init("steps", .object([.init("type", "array"), .init("items", string)])),
      ]),
    object(
      "Message",
      [
        .init("message_id", uuid),
        .init("kind", .object([.init("type", "string"), .init("enum", .list(["customer", "reply", "note"]))])),
        .init("channel", string), .init("author", string), .init("addressee", orNull("string")),
        .init("subject", orNull("string")), .init("text", string),
        .init("attachments", .object([.init("type", "array"), .init("items", type("object"))])), .init("at", time),
      ]),
    object(
      "Messages",
      [
        .init("ticket_id", uuid),
        .init("messages", .object([.init("type", "array"), .init("items", reference("Message"))])),
        .init("next", orNull("string")),
      ], required: ["ticket_id", "messages", "next"]),
    list("Tickets", "tickets", reference("Ticket")),
    object(
      "Timeline",
      [
        .init("ticket_id", uuid),
        .init("entries", .object([.init("type", "array"), .init("items", reference("TimelineEntry"))])),
        .init("next", orNull("string")),
      ]),
    object(
      "TimelineEntry",
      [
        .init("version", integer), .init("position", integer), .init("kind", string), .init("actor", string),
        .init("at", time), .init("traceparent", orNull("string")), .init("detail", type("object")),
      ]),
    object(
      "Explanation",
      [
        .init("ticket_id", uuid), .init("replayed_bit_by_bit", orNull("boolean")),
        .init("decisions", .object([.init("type", "array"), .init("items", reference("Decision"))])),
        .init("next", orNull("string")),
      ]),
    object(
      "Decision",
      [
        .init("kind", string), .init("at", time), .init("policy", integer),
        .init("replayed_bit_by_bit", orNull("boolean")),
      ]),
    list("Queues", "queues", type("object")),
    object(
      "Report",
      [
        .init("by", string), .init("from", date), .init("to", date), .init("zone", string),
        .init("rows", .object([.init("type", "array"), .init("items", reference("ReportRow"))])),
        .init("total", reference("ReportRow")),
      ], required: ["by", "from", "to", "zone", "rows", "total"]),
    .init("ReportRow", DeskReport.rowSchema),
    list("ServiceLevels", "service_levels", type("object")),
    list("Workers", "workers", type("object")),
    list("Leases", "leases", type("object")),
    object(
      "Overview",
      [
        .init("at", time), .init("undecided", type("object")), .init("tickets", type("object")),
        .init("dead_letters", integer),
      ]),
    object(
      "Policy",
      [.init("version", integer), .init("applied_by", string), .init("applied_at", time), .init("document", string)]),
    object(
      "Problem",
      [
        .init("type", string), .init("title", string), .init("status", integer), .init("detail", string),
        .init("instance", string),
        .init("errors", .object([.init("type", "array"), .init("items", type("object"))])),
      ], required: ["type", "title", "status"]),
  ]

  private static let string = type("string")
  private static let integer = type("integer")
  private static let name = JSONValue.object([
    .init("type", "string"), .init("minLength", .integer(1)),
    .init("maxLength", .integer(Int64(InputBounds.nameCharacters))),
  ])
  private static let reason = JSONValue.object([
    .init("type", "string"), .init("minLength", .integer(1)),
    .init("maxLength", .integer(Int64(ConsoleBounds.reasonCharacters))),
    .init("description", "Stored with the timeline or next to the audit log, and erased with the customer."),
  ])

  private static func oneOf(_ words: [String]) -> JSONValue {
    .object([.init("type", "string"), .init("enum", .list(words.map { .text($0) }))])
  }

  private static let null = type("null")
  private static let date = JSONValue.object([.init("type", "string"), .init("format", "date")])
  private static let uuid = JSONValue.object([.init("type", "string"), .init("format", "uuid")])
  private static let time = JSONValue.object([.init("type", "string"), .init("format", "date-time")])
  private static let breakEnd = JSONValue.object([
    .init("type", .list(["string", "null"])), .init("format", "date-time"),
    .init(
      "description",
      .text(
        "When the agent expects to be back: a future time within \(ConsoleBounds.longestBreakDays) days. Needs a reason."
      )
    ),
  ])

  private static func textOrNull(longest: Int, _ description: String) -> JSONValue {
    .object([
      .init("type", .list(["string", "null"])), .init("minLength", .integer(1)),
      .init("maxLength", .integer(Int64(longest))), .init("description", .text(description)),
    ])
  }

  private static let words = JSONValue.object([
    .init("type", "string"), .init("minLength", .integer(1)),
    .init("maxLength", .integer(Int64(InputBounds.textCharacters))),
  ])

  private static func type(_ name: String) -> JSONValue { .object([.init("type", .text(name))]) }

  private static func orNull(_ name: String) -> JSONValue { .object([.init("type", .list([.text(name), "null"]))]) }

  private static func reference(_ name: String) -> JSONValue {
    .object([.init("$ref", .text("#/components/schemas/\(name)"))])
  }

  private static func list(_ name: String, _ field: String, _ items: JSONValue) -> JSONValue.Field {
    object(name, [.init(field, .object([.init("type", "array"), .init("items", items)]))], required: [field])
  }

  private static func object(
    _ name: String, strict: Bool = false, _ properties: [JSONValue.Field], required: [String] = []
  ) -> JSONValue.Field {
    var fields: [JSONValue.Field] = [.init("type", "object"), .init("properties", .object(properties))]
    if !required.isEmpty { fields.append(.init("required", .list(required.map { .text($0) }))) }
    if strict { fields.append(.init("additionalProperties", .flag(false))) }
    return .init(name, .object(fields))
  }
}
