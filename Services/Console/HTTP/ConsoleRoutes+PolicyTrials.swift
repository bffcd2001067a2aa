import DeskCore
import HTTPService
import Hummingbird
import PolicyReading
import ServiceProcess
import Store
import UseCases

// A policy is tried before it is applied: on examples, and on tickets that were routed already.

extension ConsoleRoutes {
  /// Runs examples through the rules of a text, as `frontdesk rules test` does.
  func tryExamples(_ call: Call) async throws -> Response {
    var body = try await JSONBody(call.request, longest: ConsoleBounds.policyBodyBytes)
    let draft = try await policyDraft(&body) { body in body.policyText("examples") }
    let examples: [RuleExample]
    do {
      examples = try RuleExamples(bytes: Array(draft.extra.utf8), for: draft.policy).examples
    } catch {
      return Self.json(
        .object([
          .init("run", .integer(0)), .init("failed", .list([])),
          .init("mistakes", .list(error.mistakes.map(ConsoleJSON.mistake))),
        ]))
    }
    let failed = examples.compactMap { example in
      example.difference(under: draft.policy).map { (example, $0.differences) }
    }
    return Self.json(
      .object([
        .init("run", .integer(Int64(examples.count))),
        .init(
          "failed",
          .list(
            failed.map { example, differences in
              .object([
                .init("name", .text(example.name)), .init("line", .integer(Int64(example.line))),
                .init("differences", .list(differences.map { .text($0) })),
              ])
            })), .init("mistakes", .list([])),
      ]))
  }

  /// Decides again on the newest tickets.
  func tryOnTickets(_ call: Call) async throws -> Response {
    var body = try await JSONBody(call.request, longest: ConsoleBounds.policyBodyBytes)
    let draft = try await policyDraft(&body) { body in
      body.integerIfAny("tickets", in: 1...ConsoleBounds.dryRunTickets) ?? ConsoleBounds.dryRunDefault
    }
    guard let current = policy.current else { throw TicketProblem.noPolicy }
    let run = try await reports.take {
      try await PolicyDryRun(of: draft.policy, against: current, onNewest: draft.extra, in: store)
    }
    return Self.json(
      .object([
        .init("examined", .integer(Int64(run.examined))), .init("unknown", .integer(Int64(run.unknown))),
        .init("elsewhere", .integer(Int64(run.elsewhere))),
        .init(
          "moves",
          .list(
            run.moves.map { move in
              .object([
                .init("from", Self.place(move.from)), .init("to", Self.place(move.to)),
                .init("tickets", .integer(Int64(move.tickets))),
                .init("examples", .list(move.examples.map { .text($0.description) })),
              ])
            })),
      ]))
  }

  private static func place(_ place: PolicyDryRun.Place) -> JSONValue {
    .object([.init("queue", .text(place.queue.rawValue)), .init("priority", .text(place.priority.name))])
  }

  /// Reads the text of a policy, and something else, from a body.
  /// - Throws: `HTTPProblem` 422 also when the policy has mistakes.
  private func policyDraft<Extra>(
    _ body: inout JSONBody, _ extra: (inout JSONBody) -> Extra
  ) async throws -> (policy: Policy, extra: Extra) {
    let document = body.policyText("document")
    let base = body.version("based_on")
    let extra = extra(&body)
    try body.finish()
    let basis = try await text(of: base)
    do {
      return (try PolicyDraft(document, editing: basis).policy, extra)
    } catch {
      throw ConsoleProblem.policyMistakes(error)
    }
  }
}
