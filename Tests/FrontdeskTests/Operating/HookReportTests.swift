import DeskCore
import PostgreSQL
import Store
import TestPostgres
import Testing

@testable import Frontdesk

@Suite("Hooks, as operators see and switch them")
struct HookReportTests {
  private static let policy = """
    version: 1
    agents: [{ id: ann, capacity: 4 }]
    queues: { general: {} }
    rules: [{ name: rest, queue: general }]
    default_queue: general
    triage: { queue: general, below: 0.35 }
    channels: { web: {} }
    hooks:
      crm: { url: "https://crm.example/", secret_env: [CRM], kinds: all }
      shop: { url: "https://shop.example/", secret_env: [SHOP], kinds: all }
    """

  private func withStore(_ body: (DeskStore) async throws -> Void) async throws {
    let pool = PostgresPool(
      DeskStore.configure(try await PrivatePostgres.shared().createDatabase()),
      limits: PostgresPoolLimits(connectionsMinimum: 0, connectionsMaximum: 2))
    do {
      _ = try await PostgresMigrator(DeskMigrations.all).migrate(pool)
      let store = DeskStore(pool: pool)
      _ = try await store.applyPolicy(document: Self.policy, by: "test")
      try await body(store)
    } catch {
      await pool.shutdown()
      throw error
    }
    await pool.shutdown()
  }

  @Test func aTableTellsStateBacklogAndReason() async throws {
    try await withStore { store in
      try await store.setHook("shop", disabled: true, reason: "the endpoint answered 410")
      try await store.setHook("gone", disabled: true, reason: nil)
      try await store.pool.executeScript(
        """
        INSERT INTO desk.outbox (id, hook, kind, ticket_id, body, created_at, next_attempt_at)
        SELECT gen_random_uuid(), 'shop', 'ticket.queued', gen_random_uuid(), '{}', now() - interval '90 seconds', now()
          FROM generate_series(1, 7)
        """)
      let hooks = try await HookReport.read(store)
      #expect(hooks.map(\.id) == ["crm", "gone", "shop"] && hooks.map(\.isOn) == [true, false, false])
      let lines = HookReport.table(hooks, now: try await store.now()).split(separator: "\n").map(String.init)
      #expect(lines[1].split(separator: " ") == ["crm", "on", "0"])
      #expect(lines[2].contains("off, not in the policy"))
      #expect(lines[3].contains(" 7 ") && lines[3].contains(" 90 s") && lines[3].hasSuffix("the endpoint answered 410"))
    }
  }

  @Test func whoSwitchedAHookOnAndWhyIsNotedOnce() async throws {
    try await withStore { store in
      try await store.setHook("shop", disabled: true, reason: "the endpoint answered 410")
      #expect(try await HookReport.enable("shop", reason: "端点已恢复", in: store))
      #expect(try await !HookReport.enable("shop", reason: "again", in: store))
      #expect(try await store.disabledHooks().isEmpty)
      let noted = try await store.newestAuditEntries(ofKind: "hook.enabled_by", limit: 5)
      #expect(noted.map(\.subject) == ["shop"] && noted[0].detail.contains("端点已恢复"))
      await #expect(throws: CommandFailure.self) { try await HookReport.enable("nobody", reason: "r", in: store) }
    }
  }
}
