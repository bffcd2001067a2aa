import PostgreSQL
import ServiceHealth
import ServiceProcess
import Store
import TestKit
import TestService
import Testing

@testable import Console
@testable import DeskCore

@Suite(.timeLimit(.minutes(3))) struct AgentRegistrarTests {
  private func registrar(_ desk: StaffedDesk) -> AgentRegistrar {
    AgentRegistrar(
      store: desk.store, policy: desk.policy, logger: .silent)
  }

  private func agents(_ desk: StaffedDesk) async throws -> [AgentID] {
    try await desk.store.matching.agentRows().map(\.agent).sorted()
  }

  @Test func agentsAreRegisteredOncePerPolicy() async throws {
    try await StaffedDesk.with { desk in
      let registrar = registrar(desk)
      try await desk.store.pool.executeScript("DELETE FROM desk.agent_state")
      try await registrar.runOnce()
      #expect(try await agents(desk) == ["ann", "bob"])
      try await desk.store.pool.executeScript("DELETE FROM desk.agent_state")
      try await registrar.runOnce()
      #expect(try await agents(desk).isEmpty, "the policy is the same")
      let stored = try #require(try await desk.store.access.newestPolicy())
      _ = try await desk.store.access.applyPolicy(
        document: stored.document.replacing("{ id: bob,", with: "{ id: cyn,"), by: "test")
      try await desk.policy.look()
      try await registrar.runOnce()
      #expect(try await agents(desk) == ["ann", "cyn"])
    }
  }

  @Test func failuresAreCountedAndRetried() async throws {
    try await StaffedDesk.with { desk in
      let registrar = registrar(desk)
      try await desk.store.pool.executeScript(
        "DELETE FROM desk.agent_state; ALTER TABLE desk.agent_state RENAME TO hidden")
      let running = Task { try await registrar.run() }
      try await eventually("a failure") { registrar.task.failuresTotal > 0 }
      try await desk.store.pool.executeScript("ALTER TABLE desk.hidden RENAME TO agent_state")
      try await eventually("the registration") { try await agents(desk) == ["ann", "bob"] }
      running.cancel()
      try await running.value
    }
  }
}
