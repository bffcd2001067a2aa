import DeskCore
import HTTPService
import Store
import UseCases

/// The schemas of customers, inspections, what many customers report, and agents.
extension ConsoleSchemas {
  static let people: [(name: String, schema: JSONSchema)] = [
    (
      "Customer",
      .object([
        .optional("channel", .string), .optional("customer", .string), .optional("tier", .string),
        .optional("dedicated_agent", .string.orNull), .optional("last_ticket", .string.orNull),
        .optional("person", .reference("Person").orNull),
      ])
    ),
    (
      "Person",
      .object([
        .required("person_id", .uuid), .required("tier", .string), .required("dedicated_agent", .string.orNull),
        .required("identities", .array(of: .anyObject)), .required("joins", .array(of: .anyObject)),
      ]).described("The tier and the dedicated agent count for new tickets of all its identities.")
    ),
    (
      "History",
      .object([
        .required("tickets", .array(of: .reference("HistoryTicket"))), .required("next", .string.orNull),
      ])
    ),
    (
      "HistoryTicket",
      .object([
        .required("ticket_id", .uuid), .required("state", .string), .required("channel", .string),
        .required("customer", .string), .required("shared", .boolean), .optional("queue", .string.orNull),
        .optional("category", .string.orNull), .required("opened_at", .time), .optional("closed_at", .string.orNull),
        .optional("rating", .integer.orNull), .required("visible", .boolean),
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
      "Notice",
      .object([
        .required("notice_id", .uuid),
        .required("kind", .choice(StaffNotice.kinds)),
        .required("ticket_id", .string.orNull), .required("detail", .anyObject), .required("at", .time),
        .required("read_at", .string.orNull.described("When the agent marked it as read.")),
      ])
    ),
    (
      "Notices",
      .object([
        .required("notices", .array(of: .reference("Notice"), .atMost(ConsoleBounds.noticesPerPage))),
        .required("next", .string.orNull),
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
    (
      "Interception",
      .object([
        .required("interception_id", .uuid), .required("at", .time), .required("ticket_id", .uuid),
        .required("agent", .string), .required("queue", .string.orNull), .required("sent", .boolean),
        .required("message_id", .string.orNull),
        .required(
          "findings",
          .array(
            of: .object([
              .required("rule", .string), .required("action", .choice(ReplyRule.Action.allCases.map(\.rawValue))),
              .required("term", .string),
            ]))), .required("has_text", .boolean),
      ])
    ),
    (
      "Interceptions",
      .object([
        .required("interceptions", .array(of: .reference("Interception"))), .required("next", .string.orNull),
      ])
    ),
    (
      "InterceptedText",
      .object([
        .required("interception_id", .uuid), .required("ticket_id", .uuid), .required("text", .string.orNull),
      ])
    ),
    (
      "InterceptionReport",
      .object([
        .required("from", .date), .required("to", .date), .required("zone", .string),
        .required(
          "rows",
          .array(
            of: .object([
              .required("agent", .string), .required("queue", .string.orNull), .required("rule", .string),
              .required("term", .string), .required("action", .string), .required("refused", .integer),
              .required("sent", .integer),
            ]))),
      ])
    ),
    (
      "Inspection",
      .object([
        .required("inspection_id", .uuid), .required("ticket_id", .uuid), .required("agent", .string),
        .required("queue", .string.orNull), .required("cause", .choice(InspectionCause.allCases.map(\.rawValue))),
        .required("state", .choice(InspectionState.allCases.map(\.rawValue))), .required("sampled_at", .time),
        .required("inspector", .string.orNull), .required("inspected_at", .string.orNull),
        .required("percent", .integer.orNull), .required("scores", .array(of: .reference("ScoredCriterion"))),
        .required("remark", .string.orNull), .required("appeal_until", .string.orNull),
        .required("appeal", .anyObject.orNull), .optional("form", .array(of: .anyObject)),
      ])
    ),
    (
      "ScoredCriterion",
      .object([
        .required("criterion", .string), .optional("title", .string), .required("weight", .integer),
        .required("scale", .integer), .required("score", .integer), .required("comment", .string.orNull),
      ])
    ),
    (
      "Inspections",
      .object([.required("inspections", .array(of: .reference("Inspection"))), .required("next", .string.orNull)])
    ),
    (
      "InspectionResult",
      .object([
        .required("inspection_id", .uuid), .required("ticket_id", .uuid), .required("queue", .string.orNull),
        .required("state", .choice(InspectionState.allCases.map(\.rawValue))),
        .required("inspected_at", .string.orNull), .required("percent", .integer.orNull),
        .required("message", .string), .required("scores", .array(of: .reference("ScoredCriterion"))),
        .required("remark", .string.orNull), .required("can_appeal", .boolean),
        .required("appeal_until", .string.orNull), .required("appeal", .anyObject.orNull),
      ])
    ),
    (
      "InspectionResults",
      .object([
        .required("inspections", .array(of: .reference("InspectionResult"))), .required("next", .string.orNull),
      ])
    ),
    (
      "InspectionReport",
      .object([
        .required("by", .string), .required("from", .date), .required("to", .date), .required("zone", .string),
        .required("rows", .array(of: .reference("InspectionReportRow"))),
        .required("total", .reference("InspectionReportRow")),
      ])
    ),
    ("InspectionReportRow", QualityReport.rowSchema),
    list("Feedback", "groups", of: .anyObject),
    list("HotIssues", "hot_issues", of: .anyObject),
    (
      "Crisis",
      .object([
        .required("crisis", .uuid), .required("cause", .string), .required("state", .choice(["open", "ended"])),
        .required("owner", .string.orNull), .required("opened_at", .time), .required("opened_by", .string),
        .required("first_seen", .time), .required("reason", .string.orNull),
        .required("kinds", .array(of: .string)), .required("tickets_at_opening", .integer),
        .required("angry_at_opening", .integer), .optional("expected", .number.orNull),
        .required("examples", .array(of: .string)), .required("checklist", .array(of: .anyObject)),
        .required("answers", .array(of: .anyObject)), .required("ended_at", .string.orNull),
        .required("ended_by", .string.orNull), .required("end_reason", .string.orNull),
        .optional("figures", .anyObject),
      ])
    ),
    (
      "Crises",
      .object([.required("crises", .array(of: .reference("Crisis"))), .required("next", .string.orNull)])
    ),
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
}
