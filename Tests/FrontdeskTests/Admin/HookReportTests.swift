import DeskCore
import PostgreSQL
import Store
import TestStore
import Testing

@testable import Administration
@testable import CommandLineTool

@Suite("Listing, pausing and resuming hooks")
struct HookReportTests {
  private static let policy = """
    version: 1
    agents: [{ id: ann, capacity: 4 }]
    queues: { general: {} }
    rules: [{ name: rest, queue: general }]
    default_queue: general
    triage: { queue: general, below: 0.35 }
    channels: { web: { replies: fetch } }
    hooks:
      crm: { url: "https://crm.example/", secret_env: [CRM], kinds: all }
      shop: { url: "https://shop.example/", secret_env: [SHOP], kinds: all }
    """

  private func withStore(_ body: (DeskStore) async throws -> Void) async throws {
    try await TestDatabase.with(connections: 2) { store in
      _ = try await store.access.applyPolicy(document: Self.policy, by: "test")
      try await body(store)
    }
  }

  @Test func theTableShowsStateBacklogAndReason() async throws {
    try await withStore { store in
      try await store.hooks.pauseHook("shop", reason: "the endpoint answered 410")
      try await store.hooks.pauseHook("gone", reason: nil)
      try await store.hooks.noteHold(of: "crm", reason: "CRM is not set")
      try await store.pool.executeScript(
        """
        INSERT INTO desk.outbox (id, hook, kind, ticket_id, body, created_at, next_attempt_at)
        SELECT gen_random_uuid(), 'shop', 'ticket.queued', gen_random_uuid(), '{}', now(), now()
          FROM generate_series(1, 7)
        """)
      let hooks = try await HookReport.read(store)
      #expect(hooks.map(\.id) == ["crm", "gone", "shop"] && hooks.map(\.isOn) == [false, false, false])
      let oldest = try #require(hooks[2].waiting?.oldest)
      let lines = HookReport.table(hooks, now: oldest + .seconds(90)).split(separator: "\n").map(String.init)
      #expect(
        lines[1].split(separator: " ") == ["crm", "https://crm.example/", "held", "0", "CRM", "is", "not", "set"])
      #expect(lines[2].contains("not in the policy") && lines[2].contains("paused"))
      #expect(lines[3].contains(" 7 ") && lines[3].contains(" 90 s") && lines[3].hasSuffix("the endpoint answered 410"))
    }
  }

  @Test func resumingAHookIsAuditedOnceWithItsReason() async throws {
    try await withStore { store in
      try await store.hooks.pauseHook("shop", reason: "the endpoint answered 410")
      #expect(try await HookReport.resume("shop", reason: "端点已恢复", perSecond: 50, in: store).wasPaused)
      #expect(try await !HookReport.resume("shop", reason: "again", perSecond: 50, in: store).wasPaused)
      #expect(try await store.hooks.pausedHooks().isEmpty)
      let noted = try await store.audit.newestAuditEntries(ofKind: "hook.enabled_by", limit: 5)
      #expect(noted.map(\.subject) == ["shop"] && noted[0].reason?.text == "端点已恢复")
      await #expect(throws: CommandFailure.self) {
        try await HookReport.resume("unknown", reason: "r", perSecond: 50, in: store)
      }
      await #expect(throws: CommandFailure.self) { try await HookReport.pause("unknown", reason: "r", in: store) }
      #expect(try await HookReport.pause("shop", reason: "their maintenance", in: store))
      #expect(try await !HookReport.pause("shop", reason: "again", in: store))
      #expect(try await store.audit.newestAuditEntries(ofKind: "hook.paused_by", limit: 5).map(\.subject) == ["shop"])
      // No notice to the operators: they did it themselves.
      #expect(try await store.hooks.hookStates().first { $0.hook == "shop" }?.notifiedAt != nil)
    }
  }

  @Test func aReplayRestoresDeliveriesAndMessagesOnceInBatches() async throws {
    try await withStore { store in
      try await store.pool.executeScript(
        """
        INSERT INTO desk.dead_letter (id, kind, ticket_id, hook, reason, body, failed_at)
        SELECT gen_random_uuid(), 'notice', gen_random_uuid(), CASE WHEN n <= 600 THEN 'shop' ELSE 'crm' END, 'gave up',
               '{"kind":"ticket.queued","body":"{}","created_at":"2026-01-01T00:00:00Z"}', now() - interval '1 hour'
          FROM generate_series(1, 610) n
        """)
      var replay = DeadLetterReplay(filter: DeadLetterFilter(), perSecond: 100)
      replay.filter.hook = "shop"
      var progress: [Int] = []
      #expect(try await replay.run(on: store) { done, _ in progress.append(done) } == 600)
      #expect(progress == [256, 512])
      #expect(try await store.reports.outboxFigures().map(\.waiting) == [600])
      #expect(try await replay.run(on: store) { _, _ in } == 0)
      // However long the batches took: never more than 100 become due within a second.
      let shortestGap = try await store.pool.query(
        PostgresStatement<Int64>(
          "shortest_gap",
          """
          SELECT round(1000 * extract(epoch FROM min(gap)))::bigint
            FROM (SELECT next_attempt_at - lag(next_attempt_at) OVER (ORDER BY next_attempt_at) AS gap FROM desk.outbox) g
          """))
      #expect(try #require(shortestGap.first) == 10)
      #expect(try await store.outbox.deadLetterCount() == 10)
    }
  }
}
