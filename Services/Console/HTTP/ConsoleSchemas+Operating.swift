import HTTPService
import PolicyReading
import Store

extension ConsoleSchemas {
  private static let why = JSONSchema.string(.within(1...ConsoleBounds.reasonCharacters))
    .described("Stored with the intent and next to the audit log.")
  private static let version = JSONSchema.integer(.within(0...Int(Int32.max)))
  private static let document = JSONSchema.string(.within(1...PolicyLimits.bytes)).described(
    "YAML. Where it shows the placeholders of the version that it was edited from, that version's secrets stay.")
  private static let confirmed = JSONSchema.boolean.described(
    "Whether what changes for open tickets was read; without it a policy that changes anything for them is refused.")

  private static let place = JSONSchema.object([.required("queue", .string), .required("priority", .string)])

  /// The requests and responses of what operators do with the desk itself.
  static let operating: [(name: String, schema: JSONSchema)] = [
    (
      "WorkerScale",
      .closedObject([
        .required("service", .choice(ScalableService.allCases.map(\.rawValue))),
        .optional("count", .integer(.within(ScalableService.counts))),
        .optional(
          "automatic",
          JSONSchema.boolean.described(
            "True instead of a count: the number follows the load. "
              + "For \(ScalableService.elastic.map(\.rawValue).joined(separator: " and ")).")),
        .required("reason", why),
      ])
    ),
    (
      "DeadLetterReplay",
      .closedObject([
        .optional("hook", .string(.none, pattern: "^[a-z0-9._-]{1,64}$").orNull),
        .optional("kind", JSONSchema.choice(DeadLetterFilter.kinds).orNull),
        .optional("ticket_id", JSONSchema.uuid.orNull), .optional("since", JSONSchema.time.orNull),
        .required("until", .time), .required("count", .integer(.within(1...IntentBounds.deadLettersPerReplay))),
        .required("digest", .string(.none, pattern: "^[0-9a-f]{32}$")),
        .optional("per_second", .integer(.within(ConsoleBounds.replayRates))), .required("reason", why),
      ]).described("The filters of a list of dead letters, and its `set`.")
    ),
    ("PolicyText", .closedObject([.required("document", document), .required("based_on", version)])),
    (
      "PolicyApplication",
      .closedObject([
        .required("document", document), .required("based_on", version), .optional("changes_confirmed", confirmed),
        .required("reason", why),
      ])
    ),
    (
      "PolicyRestoration",
      .closedObject([
        .required("version", version), .required("based_on", version), .optional("changes_confirmed", confirmed),
        .required("reason", why),
      ])
    ),
    (
      "Intent",
      .object([
        .required("intent_id", .uuid), .required("kind", .string), .required("parameters", .anyObject),
        .required("reason", .string), .required("requested_by", .uuid), .required("label", .string),
        .required("state", .choice(Intent.State.allCases.map(\.rawValue))), .required("requested_at", .time),
        .required("expires_at", .time), .required("begun_at", .string.orNull),
        .required("finished_at", .string.orNull),
        .required(
          "result", .anyObject.orNull.described("`code` says what came of it; the rest are its parameters.")),
      ])
    ),
    page("Intents", "intents", of: "Intent", most: IntentBounds.perPage),
    (
      "DeadLetter",
      .object([
        .required("dead_letter_id", .uuid), .required("kind", .string), .required("ticket_id", .uuid),
        .required("hook", .string.orNull), .required("reason", .string), .required("failed_at", .time),
        .required("replayed_at", .string.orNull),
      ])
    ),
    (
      "DeadLetters",
      .object([
        .required("dead_letters", .array(of: .reference("DeadLetter"), .atMost(ConsoleBounds.deadLettersPerPage))),
        .required(
          "set",
          .object([
            .required("count", .integer), .required("until", .time),
            .required("digest", .string.described("Empty if they are too many for one replay.")),
          ]).described("The waiting ones that match, however many are listed.")),
      ])
    ),
    (
      "Key",
      .object([
        .required("key_id", .uuid), .required("role", .choice(Role.allCases.map(\.rawValue))),
        .required("channel", .string.orNull), .required("agent", .string.orNull), .required("label", .string),
        .required("access", .choice(KeyAccess.allCases.map(\.rawValue))), .required("created_at", .time),
        .required("expires_at", .string.orNull), .required("revoked_at", .string.orNull),
        .required("replaced_by", .string.orNull),
      ])
    ),
    ("Keys", .object([.required("keys", .array(of: .reference("Key"), .atMost(ConsoleBounds.keysPerList)))])),
    (
      "PolicyCheck",
      .object([
        .required("valid", .boolean), .required("mistakes", .array(of: .reference("PolicyMistake"))),
        .required("omitted", .integer.described("Further mistakes.")), .required("in_force", .integer),
        .required(
          "changes",
          JSONSchema.array(of: .string).orNull.described(
            "What changes for open tickets; null if it is not valid, or this build cannot read the policy in force.")),
        .required("unreachable", .array(of: .string)), .required("counts", .anyObject.orNull),
      ])
    ),
    (
      "PolicyMistake",
      .object([
        .required("file", .string.orNull), .required("line", .integer), .required("column", .integer),
        .required("path", .string), .required("problem", .string), .required("remedy", .string),
        .required(
          "says",
          HTTPProblem.sentence.orNull.described(
            "The code and the values of `problem`, for readers of other languages; null for a sentence without a code.")
        ),
        .required("remedy_says", HTTPProblem.sentence.orNull.described("The same for `remedy`.")),
      ])
    ),
    (
      "PolicyExamples",
      .closedObject([
        .required("document", document), .required("based_on", version),
        .required(
          "examples", .string(.within(1...PolicyLimits.bytes)).described("YAML, as for `frontdesk rules test`.")),
      ])
    ),
    (
      "PolicyExampleResults",
      .object([
        .required("run", .integer),
        .required(
          "failed",
          .array(
            of: .object([
              .required("name", .string), .required("line", .integer), .required("differences", .array(of: .string)),
            ]))),
        .required(
          "mistakes", .array(of: .reference("PolicyMistake")).described("Of the examples; with any, none is run.")),
      ])
    ),
    (
      "PolicyDryRun",
      .closedObject([
        .required("document", document), .required("based_on", version),
        .optional("tickets", .integer(.within(1...ConsoleBounds.dryRunTickets))),
      ])
    ),
    (
      "PolicyDryRunResult",
      .object([
        .required("examined", .integer), .required("unknown", .integer.described("Tickets whose facts were not kept.")),
        .required("elsewhere", .integer),
        .required(
          "moves",
          .array(
            of: .object([
              .required("from", place), .required("to", place), .required("tickets", .integer),
              .required("examples", .array(of: .uuid)),
            ]))),
      ])
    ),
    (
      "PolicyVersion",
      .object([.required("version", .integer), .required("applied_by", .string), .required("applied_at", .time)])
    ),
    page("PolicyVersions", "versions", of: "PolicyVersion", most: ConsoleBounds.policyVersionsPerPage),
    (
      "AuditEntry",
      .object([
        .required("number", .integer), .required("at", .time), .required("actor", .string), .required("kind", .string),
        .required("subject", .string), .required("detail", .anyObject.orNull), .required("digest", .string),
      ])
    ),
    page("AuditEntries", "entries", of: "AuditEntry", most: ConsoleBounds.auditEntriesPerPage),
  ]

  private static func page(
    _ name: String, _ property: String, of element: String, most: Int
  ) -> (name: String, schema: JSONSchema) {
    (
      name,
      .object([.required(property, .array(of: .reference(element), .atMost(most))), .required("next", .string.orNull)])
    )
  }
}
