import DeskCore
import PostgreSQL
import Store
import TestPostgres
import Testing

/// What the role of services may do with the database, and what not.
@Suite struct RightsTests {
  /// A store that works as a service does, beside one that works as the owner.
  private func serving(_ body: (_ service: DeskStore, _ owner: TestDesk) async throws -> Void) async throws {
    try await TestDesk.with { desk in
      let name = try #require(
        try await desk.store.pool.query(PostgresStatement<String>("database_name", "SELECT current_database()::text"))
          .first)
      let role = "service_of_\(name)"
      try await desk.run("CREATE ROLE \(role) LOGIN")
      try await desk.store.grantService(to: role)
      var configuration = try await PrivatePostgres.shared().configuration.database(name)
      configuration["user"] = role
      let pool = PostgresPool(DeskStore.configure(configuration), limits: PostgresPoolLimits(connectionsMaximum: 2))
      do {
        try await body(DeskStore(pool: pool), desk)
      } catch {
        await pool.shutdown()
        throw error
      }
      await pool.shutdown()
      try await desk.run("DROP OWNED BY \(role); DROP ROLE \(role)")
    }
  }

  @Test func aServiceWorksWithItsRights() async throws {
    try await serving { store, owner in
      let service = TestDesk(store: store)
      #expect(try await PostgresMigrator(DeskMigrations.all).status(of: store.pool).isCurrent)
      _ = try await store.ensurePartitions()
      try await service.seat(["ann"], capacity: 4)
      var ticket = try await service.queued(["cara"])[0]
      try await service.take(&ticket, .offered(try await service.offer(to: "ann")))
      let me = try await service.fresh(ServiceInstance.self)
      try await store.register(.test(me, service: "router"))
      #expect(try await store.key(digest: Array(repeating: 0, count: 32)) == nil)
      #expect(try await store.newestPolicy() == nil)
      try await store.note("test", of: "service", detail: .object([]))
      #expect(try await store.openTimelineRanges() == 0)
      _ = try await store.forget(olderThan: 5)
      #expect(
        try await owner.store.newestAuditEntries(ofKind: "test", limit: 1).first?.actor.hasPrefix("service_of_") == true
      )
    }
  }

  @Test func aServiceCanNeitherChangeTheSchemaNorKeysPolicyAuditOrHistory() async throws {
    let forbidden = [
      "DROP TABLE desk.ticket", "ALTER TABLE desk.ticket ADD COLUMN x int", "CREATE TABLE desk.mine (x int)",
      "CREATE TABLE public.mine (x int)", "TRUNCATE desk.message", "DROP SCHEMA desk CASCADE",
      "ALTER TABLE desk.audit DISABLE TRIGGER ALL",
      "INSERT INTO desk.api_key (id, digest, role, label) VALUES (gen_random_uuid(), sha256(''), 'operator', 'mine')",
      "UPDATE desk.api_key SET role = 'operator'", "DELETE FROM desk.api_key",
      "INSERT INTO desk.channel_curve_key (public_key, channel, label) VALUES (sha256(''), 'web', 'mine')",
      "INSERT INTO desk.policy_version VALUES (99, '', 'me')", "DELETE FROM desk.policy_version",
      "SELECT * FROM desk.audit", "INSERT INTO desk.audit SELECT * FROM desk.audit",
      "UPDATE desk.audit_head SET number = 0",
      "DELETE FROM desk.ticket_event", "UPDATE desk.ticket_event SET actor = 'me'", "DELETE FROM desk.message",
      "DELETE FROM desk.message_key", "UPDATE desk.message_key SET digest = ''", "DELETE FROM desk.closed_ticket",
      "DELETE FROM desk.customer", "UPDATE desk.correction SET category = 'x'", "DELETE FROM desk.rating",
      "DELETE FROM desk.timeline_range",
      "INSERT INTO public.schema_migration VALUES (999, 'mine', 1)",
      "SELECT desk.erase_customer('web', 'ann', 'x', 'y')", "SELECT desk.grant_service('postgres')",
      "SELECT desk.drop_oldest_partition('ticket', 1)", "SELECT desk.drop_oldest_partition('message', 0)",
    ]
    try await serving { store, _ in
      for statement in forbidden {
        let error = await #expect(throws: PostgresError.self, "\(statement)") {
          try await store.pool.executeScript(statement)
        }
        #expect(["42501", "22023"].contains(error?.sqlState ?? ""), "\(statement): \(error?.sqlState ?? "none")")
      }
    }
  }

  @Test func everyTableHasItsRightsWrittenDown() async throws {
    let unnamed = try await TestDesk.shared().store.pool.query(
      PostgresStatement<String>(
        "tables_without_rights",
        """
        SELECT c.relname::text FROM pg_class c
         WHERE c.relnamespace = 'desk'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
           AND c.relname NOT IN (SELECT relation FROM desk.service_rights())
        """))
    #expect(unnamed == [], "add them to `desk.service_rights()` in a new migration, with what services do to them")
  }
}
