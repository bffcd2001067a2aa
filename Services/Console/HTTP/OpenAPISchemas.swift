import DeskCore

/// The schemas of what the console takes and gives.
enum OpenAPISchemas {
  static let all: [Detail.Field] = [
    object(
      "Presence", strict: true,
      [
        .init(
          "presence",
          .object([
            .init("type", "string"), .init("enum", .list(Presence.allCases.map { .text($0.rawValue) })),
          ]))
      ], required: ["presence"]),
    object(
      "Reply", strict: true, [.init("text", words), .init("awaits_customer", type("boolean"))], required: ["text"]),
    object("Note", strict: true, [.init("text", words)], required: ["text"]),
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
        .init("idle_since", time), .init("seen_at", time),
      ]),
    list("Agents", "agents", reference("Agent")),
    object(
      "Ticket",
      [
        .init("ticket_id", uuid), .init("version", integer), .init("state", string), .init("channel", string),
        .init("customer", string), .init("tier", string), .init("queue", orNull("string")), .init("priority", string),
        .init("skills", .object([.init("type", "array"), .init("items", type("object"))])), .init("weight", integer),
        .init("agent", orNull("string")), .init("last_agent", orNull("string")), .init("opened_at", time),
        .init("waiting_since", orNull("string")), .init("resolved_at", orNull("string")), .init("reopened", integer),
        .init("closed_at", time), .init("labels", orNull("object")), .init("offer", orNull("object")),
        .init("clocks", type("object")),
        .init("messages", .object([.init("type", "array"), .init("items", reference("Message"))])),
      ], required: ["ticket_id", "state", "channel", "customer", "opened_at"]),
    object(
      "Message",
      [
        .init("message_id", uuid),
        .init("kind", .object([.init("type", "string"), .init("enum", .list(["customer", "reply", "note"]))])),
        .init("author", string), .init("subject", orNull("string")), .init("text", string), .init("at", time),
      ]),
    list("Tickets", "tickets", reference("Ticket")),
    object(
      "Timeline",
      [
        .init("ticket_id", uuid),
        .init("entries", .object([.init("type", "array"), .init("items", reference("TimelineEntry"))])),
      ]),
    object(
      "TimelineEntry",
      [
        .init("version", integer), .init("position", integer), .init("kind", string), .init("actor", string),
        .init("at", time), .init("traceparent", orNull("string")), .init("detail", type("object")),
      ]),
    list("Queues", "queues", type("object")),
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
  private static let null = type("null")
  private static let uuid = Detail.object([.init("type", "string"), .init("format", "uuid")])
  private static let time = Detail.object([.init("type", "string"), .init("format", "date-time")])
  private static let words = Detail.object([
    .init("type", "string"), .init("minLength", .integer(1)),
    .init("maxLength", .integer(Int64(ConsoleBounds.textCharacters))),
  ])

  private static func type(_ name: String) -> Detail { .object([.init("type", .text(name))]) }

  private static func orNull(_ name: String) -> Detail { .object([.init("type", .list([.text(name), "null"]))]) }

  private static func reference(_ name: String) -> Detail {
    .object([.init("$ref", .text("#/components/schemas/\(name)"))])
  }

  private static func list(_ name: String, _ field: String, _ items: Detail) -> Detail.Field {
    object(name, [.init(field, .object([.init("type", "array"), .init("items", items)]))], required: [field])
  }

  private static func object(
    _ name: String, strict: Bool = false, _ properties: [Detail.Field], required: [String] = []
  ) -> Detail.Field {
    var fields: [Detail.Field] = [.init("type", "object"), .init("properties", .object(properties))]
    if !required.isEmpty { fields.append(.init("required", .list(required.map { .text($0) }))) }
    if strict { fields.append(.init("additionalProperties", .flag(false))) }
    return .init(name, .object(fields))
  }
}
