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

  @Test func sessionsOfAgentsWhoHaveLeftEnd() async throws {
    try await StaffedDesk.with { desk in
      let registrar = registrar(desk)
      try await registrar.runOnce()
      var openings: [SessionOpening] = []
      for (byte, agent) in [(1, "ann"), (2, "bob")] as [(UInt8, AgentID)] {
        let link = [UInt8](repeating: byte, count: 32)
        try await desk.store.access.addSignInLink(
          digest: link, role: .lead, agent: agent, label: "l", lifetime: .seconds(600))
        openings.append(
          SessionOpening(link: link, id: try await desk.fresh(), digest: [UInt8](repeating: byte + 10, count: 32)))
      }
      let access = desk.store.access
      #expect(try await access.open(openings, lifetime: .seconds(600), idle: .seconds(600)).count == 2)
      let stored = try #require(try await access.newestPolicy())
      _ = try await access.applyPolicy(
        document: stored.document.replacing("{ id: bob,", with: "{ id: cyn,"), by: "test")
      try await desk.policy.look()
      try await registrar.runOnce()
      #expect(try await access.openSessions().map(\.agent) == ["ann"])
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
