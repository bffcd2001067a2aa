import DeskCore
import Hummingbird
import ServiceKit
import Store

// Operations of leads, operators and auditors.

extension ConsoleRoutes {
  /// Setting another agent's presence is recorded in the audit log.
  func setPresenceOfAnother(_ call: Call) async throws -> Response {
    let agent: AgentID = try key(of: "agent", call)
    let response = try await setPresence(call, of: agent)
    try await store.note(
      "presence.set", of: agent.rawValue,
      detail: .object([
        .init("key", .text(call.bearer.id.description)), .init("role", .text(call.bearer.role.rawValue)),
      ]))
    return response
  }

  func agents() async throws -> Response {
    let breaks = try await store.breaks()
    return Self.list("agents", try await store.agentRows()) { ConsoleJSON.agent($0, on: breaks[$0.agent]) }
  }

  func queues() async throws -> Response {
    let now = clock.now()
    return Self.list("queues", try await store.queueFigures()) { ConsoleJSON.queue($0, now: now) }
  }

  func workers() async throws -> Response {
    Self.list("workers", try await store.livingInstances(), ConsoleJSON.worker)
  }

  func leases() async throws -> Response {
    Self.list("leases", try await store.leases(), ConsoleJSON.lease)
  }

  func overview() async throws -> Response {
    let inbox = try await store.inboxFigures()
    let states = try await store.stateFigures()
    let deadLetters = try await store.deadLetterCount()
    return Self.json(ConsoleJSON.overview(inbox, states, deadLetters: deadLetters, now: clock.now()))
  }

  func newestPolicy() async throws -> Response {
    guard let policy = try await store.newestPolicy() else { throw ConsoleProblem.notFound("policy") }
    return Self.json(ConsoleJSON.policy(policy))
  }
}
