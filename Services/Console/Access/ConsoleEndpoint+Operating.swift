import HTTPService
import HTTPTypes
import Store

// What operators do with the desk itself. The console may do none of it: it writes an intent, which the executor carries out.

extension ConsoleEndpoint {
  private static let operators: Set<Role> = [.operator]
  private static let watchers: Set<Role> = [.lead, .operator, .auditor]
  private static let examiners: Set<Role> = [.operator, .auditor]

  /// An operation whose answer is an intent, which is followed at `/v1/intents/{id}`.
  private static func intent(
    _ name: Name, _ path: String, _ summary: String, body: String = "Reason"
  ) -> ConsoleEndpoint {
    ConsoleEndpoint(
      name: name, method: .post, path: path, roles: operators,
      summary: "\(summary) Answers with the intent that the executor carries out.", body: body, answer: "Intent",
      parameters: [.messageKey])
  }

  static let operating: [ConsoleEndpoint] = [
    .init(
      name: .listIntents, method: .get, path: "/v1/intents", roles: examiners,
      summary: "What operators asked for, newest first, and what became of it; `next` gives the earlier page.",
      answer: "Intents", parameters: [.intentState, .before, .limit]),
    .init(
      name: .readIntent, method: .get, path: "/v1/intents/{id}", roles: examiners,
      summary: "An intent and, once it is finished, its result.", answer: "Intent"),
    intent(
      .scaleWorkers, "/v1/workers/scale",
      "Chooses how many processes of a service run, or that their number follows the load.",
      body: "WorkerScale"),
    .init(
      name: .listDeadLetters, method: .get, path: "/v1/dead-letters", roles: watchers,
      summary:
        "The newest dead letters that match all filters, and the set of those waiting, which can be replayed as it was counted.",
      answer: "DeadLetters", parameters: OpenAPIParameter.deadLetterFilters + [.limit]),
    .init(
      name: .readDeadLetter, method: .get, path: "/v1/dead-letters/{id}", roles: watchers,
      summary: "A dead letter: what failed, of which ticket, and why.", answer: "DeadLetter"),
    intent(
      .replayDeadLetters, "/v1/dead-letters/replays",
      "Replays the dead letters of a set that was listed. Refused if they are no longer the same.",
      body: "DeadLetterReplay"),
    .init(
      name: .listKeys, method: .get, path: "/v1/keys", roles: examiners,
      summary: "The API keys without their secrets, newest first.", answer: "Keys"),
    intent(.revokeKey, "/v1/keys/{id}/revoke", "Revokes an API key."),
    .init(
      name: .checkPolicy, method: .post, path: "/v1/policy/check", roles: operators,
      summary:
        "Checks a policy as it is typed: mistakes with line and column, and what it would change for open tickets. Stores nothing.",
      body: "PolicyText", answer: "PolicyCheck"),
    .init(
      name: .tryPolicyExamples, method: .post, path: "/v1/policy/examples", roles: operators,
      summary: "Runs examples through the rules of a policy, and says which differ from what they expect.",
      body: "PolicyExamples", answer: "PolicyExampleResults"),
    .init(
      name: .tryPolicyOnTickets, method: .post, path: "/v1/policy/dry-run", roles: operators,
      summary:
        "Decides again on the newest tickets, and says which would have gone elsewhere than under the policy in force.",
      body: "PolicyDryRun", answer: "PolicyDryRunResult"),
    intent(
      .applyPolicy, "/v1/policy",
      "Puts a policy into force, if the version that it was edited from still is. Hidden secrets stay as they are.",
      body: "PolicyApplication"),
    .init(
      name: .listPolicyVersions, method: .get, path: "/v1/policy/versions", roles: watchers,
      summary: "The versions of the policy, newest first; `next` gives the earlier page.", answer: "PolicyVersions",
      parameters: [.before, .limit]),
    .init(
      name: .readPolicyVersion, method: .get, path: "/v1/policy/versions/{version}", roles: watchers,
      summary: "A version of the policy. Secrets are hidden.", answer: "Policy"),
    intent(
      .restorePolicy, "/v1/policy/restore", "Puts an earlier version of the policy into force again, as a new version.",
      body: "PolicyRestoration"),
    intent(
      .promoteModel, "/v1/models/promote",
      "Replaces the model in force by the candidate, if that is better on corrections that neither was trained on."),
    intent(.revertModel, "/v1/models/back", "Puts the previous model into force again."),
    .init(
      name: .listAudit, method: .get, path: "/v1/audit", roles: examiners,
      summary: "The audit, newest first, without what people wrote as reasons; `next` gives the earlier page.",
      answer: "AuditEntries", parameters: [.before, .limit]),
    intent(.verifyAudit, "/v1/audit/verification", "Verifies the audit chain from its first entry."),
  ]
}

// MARK: - Parameters

extension OpenAPIParameter {
  static let intentState = OpenAPIParameter(
    "IntentState", in: .query, name: "state",
    description:
      "States, separated by commas: \(Intent.State.allCases.map(\.rawValue).joined(separator: ", ")); default: all.",
    schema: .string)

  static let deadLetterFilters = [
    OpenAPIParameter(
      "HookOfDeadLetter", in: .query, name: "hook", description: "The hook that did not accept it.", schema: .string),
    OpenAPIParameter(
      "KindOfDeadLetter", in: .query, name: "kind", description: "What failed, or the kind of the notice that did.",
      schema: .choice(DeadLetterFilter.kinds)),
    OpenAPIParameter(
      "TicketOfDeadLetter", in: .query, name: "ticket", description: "The ticket that it belongs to.", schema: .uuid),
    OpenAPIParameter(
      "FailedSince", in: .query, name: "since", description: "It failed at or after this time.", schema: .time),
    OpenAPIParameter(
      "FailedUntil", in: .query, name: "until", description: "It failed before this time; default: now.", schema: .time),
    OpenAPIParameter(
      "Replayed", in: .query, name: "replayed",
      description: "Whether those that were replayed are listed too; default: false.",
      schema: .choice(["true", "false"])),
  ]
}
