import DeskCore
import HTTPService
import Hummingbird
import PolicyReading
import ServiceProcess
import Store
import UntrustedInput

// The policy: checked while it is edited, put into force by an intent, and its earlier versions.

extension ConsoleRoutes {
  /// Checks a text as `apply` would. Nothing is stored.
  func checkPolicy(_ call: Call) async throws -> Response {
    var body = try await JSONBody(call.request, longest: ConsoleBounds.policyBodyBytes)
    let document = body.policyText("document")
    let base = body.version("based_on")
    try body.finish()
    let basis = try await text(of: base)
    do {
      let draft = try PolicyDraft(document, editing: basis)
      let changes = try await PolicyChange.changes(to: draft.policy, text: draft.text, in: store)
      let newest = try await store.access.newestPolicyVersion()
      return Self.json(
        .object([
          .init("valid", .flag(true)), .init("mistakes", .list([])), .init("omitted", .integer(0)),
          .init("in_force", .integer(Int64(newest))),
          .init("changes", changes.map { .list($0.map { .text($0.text) }) } ?? .null),
          .init("unreachable", .list(draft.policy.unreachablePromises.map { .text($0.text) })),
          .init("counts", ConsoleJSON.counts(of: draft.policy)),
        ]))
    } catch let mistakes as PolicyMistakes {
      return Self.json(
        .object([
          .init("valid", .flag(false)), .init("mistakes", .list(mistakes.mistakes.map(ConsoleJSON.mistake))),
          .init("omitted", .integer(Int64(mistakes.omitted))),
          .init("in_force", .integer(Int64(try await store.access.newestPolicyVersion()))),
          .init("changes", .null), .init("unreachable", .list([])), .init("counts", .null),
        ]))
    }
  }

  func applyPolicy(_ call: Call) async throws -> Response {
    var body = try await JSONBody(call.request, longest: ConsoleBounds.policyBodyBytes)
    let document = body.policyText("document")
    let base = body.version("based_on")
    let isConfirmed = body.flagIfAny("changes_confirmed") ?? false
    let reason = body.reason()
    try body.finish()
    let basis = try await text(of: base)
    do {
      _ = try PolicyDraft(document, editing: basis)
    } catch {
      throw ConsoleProblem.policyMistakes(error)
    }
    // As it was shown: the executor puts hidden values back from the version that they are hidden in.
    return try await ask(
      IntentRequest(
        .applyPolicy,
        [.init("based_on", .integer(Int64(base ?? 0))), .init("changes_confirmed", .flag(isConfirmed))],
        document: document, reason: reason), call)
  }

  func restorePolicy(_ call: Call) async throws -> Response {
    var body = try await JSONBody(call)
    let version = body.version("version")
    let base = body.version("based_on")
    let isConfirmed = body.flagIfAny("changes_confirmed") ?? false
    let reason = body.reason()
    try body.finish()
    if let version, try await store.access.policy(version: version) == nil {
      throw ConsoleProblem.noSuchVersion(version, field: "version")
    }
    return try await ask(
      IntentRequest(
        .restorePolicy,
        [
          .init("version", .integer(Int64(version ?? 0))), .init("based_on", .integer(Int64(base ?? 0))),
          .init("changes_confirmed", .flag(isConfirmed)),
        ], reason: reason), call)
  }

  func policyVersions(_ call: Call) async throws -> Response {
    let page = try PageQuery<Int32>(call, most: ConsoleBounds.policyVersionsPerPage)
    let rows = try await store.access.policyVersions(before: page.before, limit: page.limit + 1)
    let next = rows.count > page.limit ? rows[page.limit - 1].version : nil
    return Self.json(
      .object([
        .init(
          "versions",
          .list(
            rows.prefix(page.limit).map { row in
              .object([
                .init("version", .integer(Int64(row.version))), .init("applied_by", .text(row.appliedBy)),
                .init("applied_at", ConsoleJSON.time(row.appliedAt)),
              ])
            })),
        .init("next", next.map { .text("\($0)") } ?? .null),
      ]))
  }

  func policyVersion(_ call: Call) async throws -> Response {
    guard let number = Int32(try RequestPath.value("version", in: call.parameters)),
      let stored = try await store.access.policy(version: number)
    else { throw ConsoleProblem.notFound("version") }
    return Self.json(ConsoleJSON.policy(stored))
  }

  /// The stored text of the version that was edited; empty for version 0, before the first.
  /// - Throws: `HTTPProblem` 422 when there is no such version.
  func text(of version: Int32?) async throws -> String {
    guard let version, version > 0 else { return "" }
    guard let stored = try await store.access.policy(version: version) else {
      throw ConsoleProblem.noSuchVersion(version, field: "based_on")
    }
    return stored.document
  }
}

extension JSONBody {
  /// The text of a policy.
  mutating func policyText(_ name: String) -> String {
    text(name) { value throws(InputFault) in
      guard value.utf8.count <= PolicyLimits.bytes else {
        throw InputFault(
          "The text is larger than \(PolicyLimits.bytes) bytes.", remedy: "Send at most \(PolicyLimits.bytes) bytes.")
      }
      // PostgreSQL stores none, and YAML has none.
      guard !value.unicodeScalars.contains("\0") else {
        throw InputFault("The text contains a NUL character.", remedy: "Remove it.")
      }
    }
  }

  /// The number of a version; 0 stands for none.
  mutating func version(_ name: String) -> Int32? {
    if isMissing(name) { refuse(name, "The field is missing.", remedy: "Send the `version` that was shown.") }
    return integerIfAny(name, in: 0...Int(Int32.max)).map { Int32($0) }
  }
}

extension ConsoleJSON {
  static func mistake(_ mistake: PolicyMistake) -> JSONValue {
    .object([
      .init("file", mistake.file.isEmpty ? .null : .text(mistake.file)), .init("line", .integer(Int64(mistake.line))),
      .init("column", .integer(Int64(mistake.column))), .init("path", .text(mistake.path)),
      .init("problem", .text(mistake.problem)), .init("remedy", .text(mistake.remedy)),
      .init("says", mistake.says ?? .null), .init("remedy_says", mistake.remedySays ?? .null),
    ])
  }

  static func counts(of policy: Policy) -> JSONValue {
    .object([
      .init("channels", .integer(Int64(policy.channels.count))), .init("queues", .integer(Int64(policy.queues.count))),
      .init("rules", .integer(Int64(policy.rules.count))), .init("agents", .integer(Int64(policy.agents.count))),
      .init("articles", .integer(Int64(policy.life.answers.articles.count))),
    ])
  }
}

extension ConsoleProblem {
  /// A policy that would not be put into force, with the place of each mistake as the value.
  static func policyMistakes(_ mistakes: PolicyMistakes) -> HTTPProblem {
    HTTPProblem(
      .unprocessableContent, type: .invalidRequest, detail: "The policy has mistakes; nothing was applied.",
      errors: mistakes.mistakes.map {
        .init(
          field: "/document", value: "\($0.line):\($0.column)",
          detail: "\($0.path.isEmpty ? "" : "\($0.path): ")\($0.problem)", remedy: $0.remedy)
      })
  }

  static func noSuchVersion(_ version: Int32, field: String) -> HTTPProblem {
    HTTPProblem(
      .unprocessableContent, type: .invalidRequest, detail: "There is no such version of the policy.",
      errors: [
        .init(
          field: "/" + field, value: "\(version)", detail: "There is no such version of the policy.",
          remedy: "Send a version of GET /v1/policy/versions.")
      ])
  }
}
