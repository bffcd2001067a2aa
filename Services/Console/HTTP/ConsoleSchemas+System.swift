import DeskCore
import HTTPService
import PolicyReading
import Store
import UntrustedInput
import UseCases

/// The schemas of reports, sessions, processes and the policy.
extension ConsoleSchemas {
  static let system: [(name: String, schema: JSONSchema)] = [
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
    (
      "Analysis",
      .object([
        .required("report", .choice(ReportTopic.allCases.map(\.rawValue))), .required("from", .date),
        .required("to", .date), .required("zone", .string),
      ])
    ),
    list("ServiceLevels", "service_levels", of: .anyObject),
    (
      "Caller",
      .object([
        .required("role", .choice(Role.allCases.map(\.rawValue))), .required("agent", .string.orNull),
        .required("label", .string), .required("read_only", .boolean),
        .required("session", JSONSchema.reference("Session").orNull), .required("at", .time),
      ])
    ),
    (
      "Session",
      .object([
        .required("session_id", .uuid), .required("role", .choice(Role.allCases.map(\.rawValue))),
        .required("agent", .string.orNull), .required("label", .string), .required("created_at", .time),
        .required("expires_at", .time), .required("seen_at", .time), .required("is_current", .boolean),
      ])
    ),
    list("Sessions", "sessions", of: .reference("Session")),
    list("Providers", "providers", of: .object([.required("provider_id", .uuid), .required("name", .string)])),
    (
      "Directory",
      .object([
        .required(
          "queues", .array(of: .object([.required("queue", .string), .required("teams", .array(of: .string))]))),
        .required("agents", .array(of: .reference("Agent"))), .required("categories", .array(of: .string)),
      ])
    ),
    ("Done", .object([.required("done", .boolean)])),
    (
      "Workers",
      .object([
        .required("workers", .array(of: .anyObject)), .required("capacity", .array(of: .reference("Capacity"))),
        .required("peaks", .array(of: .reference("PlannedPeak"))),
      ])
    ),
    (
      "Capacity",
      .object([
        .required("service", .string), .required("mode", .choice(CapacityRow.Mode.allCases.map(\.rawValue))),
        .required("wanted", .integer), .required("running", .integer), .required("base", .integer),
        .required("limit", .integer), .required("changed_at", .time), .required("reason", JSONSchema.anyObject.orNull),
      ])
    ),
    (
      "PlannedPeak",
      .object([
        .required("name", .string), .required("service", .string), .required("workers", .integer),
        .required("starts_at", .time), .required("ends_at", .time),
      ])
    ),
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
}
