import DeskCore
import Hummingbird
import ServiceProcess
import Store

// Operations of leads, operators and auditors.

extension ConsoleRoutes {
  /// Setting another agent's presence is recorded in the audit log.
  func setPresenceOfAnother(_ call: Call) async throws -> Response {
    let agent: AgentID = try key(of: "agent", call)
    let response = try await setPresence(call, of: agent)
    try await store.audit.note(
      "presence.set", of: agent.rawValue,
      detail: .object([
        .init("key", .text(call.bearer.id.description)), .init("role", .text(call.bearer.role.rawValue)),
      ]))
    return response
  }

  func agents() async throws -> Response {
    let breaks = try await store.matching.breaks()
    return Self.list("agents", try await store.matching.agentRows()) { ConsoleJSON.agent($0, on: breaks[$0.agent]) }
  }

  func queues() async throws -> Response {
    let now = clock.now()
    return Self.list("queues", try await reading.reports.queueFigures()) { ConsoleJSON.queue($0, now: now) }
  }

  func workers() async throws -> Response {
    Self.json(
      .object([
        .init("workers", .list(try await store.fleet.livingInstances().map(ConsoleJSON.worker))),
        .init("capacity", .list(try await store.capacity.rows().map(ConsoleJSON.capacity))),
        .init("peaks", .list(try await store.capacity.peaks().map(ConsoleJSON.peak))),
      ]))
  }

  func leases() async throws -> Response {
    Self.list("leases", try await store.fleet.leases(), ConsoleJSON.lease)
  }

  func overview() async throws -> Response {
    let inbox = try await reading.reports.inboxFigures()
    let states = try await reading.reports.stateFigures()
    let deadLetters = try await reading.outbox.deadLetterCount()
    return Self.json(ConsoleJSON.overview(inbox, states, deadLetters: deadLetters, now: clock.now()))
  }

  func newestPolicy() async throws -> Response {
    guard let policy = try await store.access.newestPolicy() else { throw ConsoleProblem.notFound("policy") }
    return Self.json(ConsoleJSON.policy(policy))
  }
}
