import DeskCore
import Foundation
import PostgreSQL
import Store
import TestPostgres
import Testing

/// The upgrade of a database of version 94, the last of the versions that the first migration replaces.
@Suite struct UpgradeTests {
  /// A pool of a database of version 94: the dumped schema and a few rows.
  private func withVersion94(_ body: (PostgresPool) async throws -> Void) async throws {
    let configuration = DeskStore.configure(try await PrivatePostgres.shared().createDatabase())
    let pool = PostgresPool(configuration, limits: PostgresPoolLimits(connectionsMaximum: 2))
    do {
      for file in ["schema_0094.sql", "rows_0094.sql"] {
        let url = URL(filePath: #filePath).deletingLastPathComponent().appending(path: file)
        try await pool.executeScript(String(contentsOf: url, encoding: .utf8), name: file)
      }
      try await body(pool)
    } catch {
      await pool.shutdown()
      throw error
    }
    await pool.shutdown()
  }

  /// Runs a body with the role of a service, which is granted its rights in the database first.
  private func withServiceRole(on pool: PostgresPool, _ body: () async throws -> Void) async throws {
    let database = try await pool.query(
      PostgresStatement<String>("upgrade_database", "SELECT current_database()::text"))[0]
    let role = "service_of_\(database)"
    try await pool.executeScript("CREATE ROLE \(role)")
    do {
      try await DeskStore(pool: pool).access.grantService(to: role)
      try await body()
    } catch {
      try await pool.executeScript("DROP OWNED BY \(role); DROP ROLE \(role)")
      throw error
    }
    try await pool.executeScript("DROP OWNED BY \(role); DROP ROLE \(role)")
  }

  /// Everything that the catalogue says of the schema, one line for each fact. The order of columns is not among them.
  private static let catalogue = PostgresStatement<String>(
    "upgrade_catalogue",
    """
    SELECT format('table %s %s %s %s', c.relname, c.relkind, (SELECT array_agg(o ORDER BY o) FROM unnest(c.reloptions) o),
             pg_get_expr(c.relpartbound, c.oid))
      FROM pg_class c WHERE c.relnamespace = 'desk'::regnamespace AND c.relkind NOT IN ('i', 'I')
    UNION ALL
    SELECT format('column %s.%s %s %s %s %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
             a.attstattarget, pg_get_expr(d.adbin, d.adrelid))
      FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (c.oid, a.attnum)
     WHERE c.relnamespace = 'desk'::regnamespace AND c.relkind IN ('r', 'p')
    UNION ALL
    SELECT format('constraint %s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
      FROM pg_constraint WHERE connamespace = 'desk'::regnamespace
    UNION ALL
    SELECT format('index %s %s', indexname, indexdef) FROM pg_indexes WHERE schemaname = 'desk'
    UNION ALL
    SELECT format('trigger %s', pg_get_triggerdef(oid)) FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL
    SELECT format('function %s', pg_get_functiondef(oid)) FROM pg_proc WHERE pronamespace = 'desk'::regnamespace
    UNION ALL
    SELECT format('right %s %s %s', c.relname, CASE WHEN r.oid IS NULL THEN 'all' ELSE 'service' END, a.privilege_type)
      FROM pg_class c CROSS JOIN aclexplode(c.relacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
     WHERE c.relnamespace = 'desk'::regnamespace AND a.grantee <> c.relowner
    UNION ALL
    SELECT format('right %s.%s %s %s', c.relname, t.attname, CASE WHEN r.oid IS NULL THEN 'all' ELSE 'service' END, a.privilege_type)
      FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid AND NOT t.attisdropped
     CROSS JOIN aclexplode(t.attacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
     WHERE c.relnamespace = 'desk'::regnamespace AND a.grantee <> c.relowner
    UNION ALL
    SELECT format('right %s %s %s', p.oid::regprocedure, CASE WHEN r.oid IS NULL THEN 'all' ELSE 'service' END, a.privilege_type)
      FROM pg_proc p CROSS JOIN aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a LEFT JOIN pg_roles r ON r.oid = a.grantee
     WHERE p.pronamespace = 'desk'::regnamespace AND a.grantee <> p.proowner
    UNION ALL
    SELECT format('default right %s %s', d.defaclobjtype, CASE WHEN a.grantee = 0 THEN 'all' ELSE 'owner' END)
      FROM pg_default_acl d CROSS JOIN aclexplode(d.defaclacl) a
    """)

  @Test func anUpgradedSchemaEqualsANewOne() async throws {
    try await withVersion94 { pool in
      let migrator = try PostgresMigrator(DeskMigrations.all)
      let pending = try await migrator.pending(in: pool).map(\.number)
      #expect(pending == DeskMigrations.all.map(\.number))
      try await withServiceRole(on: pool) {
        let applied = try await migrator.migrate(pool)
        #expect(applied == pending)
        let isCurrent = try await migrator.status(of: pool).isCurrent
        #expect(isCurrent)
        let upgraded = Set(try await pool.query(Self.catalogue))
        try await TestDesk.with { desk in
          // Day partitions are created later, and only here.
          try await desk.run(
            """
            DO $$ DECLARE name text; BEGIN
              FOR name IN SELECT relname FROM pg_class WHERE relnamespace = 'desk'::regnamespace AND relkind = 'r' AND relname ~ '_[0-9]{8}$'
              LOOP EXECUTE format('DROP TABLE desk.%I', name); END LOOP;
            END $$
            """)
          try await withServiceRole(on: desk.store.pool) {
            let new = Set(try await desk.store.pool.query(Self.catalogue))
            #expect(new.count > 500 && new.contains { $0.hasPrefix("right ticket_link service SELECT") })
            #expect(upgraded.subtracting(new).sorted() == [], "only after an upgrade")
            #expect(new.subtracting(upgraded).sorted() == [], "only in a new database")
          }
        }
      }
    }
  }

  @Test func rowsOfVersion94AreReadAfterTheUpgrade() async throws {
    try await withVersion94 { pool in
      let sealed = try await pool.query(
        PostgresStatement<[UInt8]>("upgrade_seal", "SELECT digest FROM desk.timeline_range"))[0]
      try await PostgresMigrator(DeskMigrations.all).migrate(pool)
      let store = DeskStore(pool: pool)
      let held = try #require(TicketID("019b8e07-4600-7000-8000-000000000001"))
      let ended = try #require(TicketID("019b8d99-6900-7000-8000-000000000002"))

      let ticket = try #require(try await store.tickets.tickets([held])[held])
      #expect(ticket.clocks.firstResponse.notifiedPercent == 80 && ticket.clocks.resolution.notifiedPercent == 50)
      #expect(ticket.clocks.nextResponse.notifiedPercent == 75 && ticket.clocks.escalationSteps == 2)
      #expect(ticket.replyDueSince == Instant(microseconds: 1_767_616_200_000_000))
      #expect(try await store.conversations.closedTicket(ended)?.category == "refund")
      let documents = try await pool.query(
        PostgresStatement<String>(
          "upgrade_documents",
          """
          SELECT concat_ws(' ', ticket->>'first_notified', ticket->>'resolution_notified',
                   ticket->'clock_state'->>'escalation_steps', ticket->'clock_state'->>'first_used_us')
            FROM desk.closed_ticket
           WHERE NOT ticket ?| ARRAY['first_told', 'resolution_told', 'reply_owed_since', 'first_early_at'] ORDER BY id
          """))
      #expect(documents == ["100 0 1 7", "0 0"])
      #expect(try await store.conversations.links(of: held).map(\.ticket) == [ended])

      let letter = try #require(try await store.outbox.deadLetters(includingReplayed: true, limit: 2).first)
      #expect(letter.ticket == held && letter.reason == "gone")
      let hook = try #require(try await store.hooks.hookStates().first)
      #expect(hook.failures == 3 && hook.notifiedAt != nil)
      #expect(try await store.learning.feedbackGroups(limit: 2).map(\.messages) == [1])
      let tally = try #require(
        try await store.learning.shadowTallies(champion: "linear-1", challenger: "linear-2").first)
      #expect(tally.pair.championCategory == "refund" && tally.pair.challengerCategory == "parcel")
      let entry = try #require(try await store.audit.newestAuditEntries(ofKind: "customer.set", limit: 1).first)
      #expect(entry.reason?.text == "contract")

      // Timelines keep what was sealed.
      let range = (from: try #require(TicketID("019b8d99-6900-0000-0000-000000000000")), to: held)
      let digest = try await store.audit.timelineDigest(from: range.from, to: range.to, form: .asBlanked)
      #expect(digest.events == 2 && digest.digest == sealed)
      let kinds = try await store.conversations.timeline(of: ended).map { TimelineEntry.Kind(stored: $0.kind) }
      #expect(kinds == [.absorbed, .feedbackReceived])
      #expect(
        try await store.conversations.timelinePage(of: ended, kinds: [.feedbackReceived], limit: 5).elements.count == 1)
    }
  }

  @Test func anOlderDatabaseIsRefusedWithTheRemedy() async throws {
    try await withVersion94 { pool in
      try await pool.executeScript("DELETE FROM public.schema_migration WHERE number > 81")
      let error = await #expect(throws: PostgresError.self) {
        try await PostgresMigrator(DeskMigrations.all).migrate(pool)
      }
      #expect(error?.code == .migration)
      let text = "\(try #require(error))"
      #expect(text.contains("version 81") && text.contains("release of version 94"), "\(text)")
    }
  }

  @Test func aDatabaseWithAnotherHistoryIsRefused() async throws {
    try await withVersion94 { pool in
      try await pool.executeScript("UPDATE public.schema_migration SET checksum = 1 WHERE number = 94")
      let error = await #expect(throws: PostgresError.self) {
        try await PostgresMigrator(DeskMigrations.all).migrate(pool)
      }
      #expect(error?.code == .migration)
    }
  }
}
