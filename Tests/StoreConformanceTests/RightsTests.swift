import DeskCore
import PostgreSQL
import Store
import TestPostgres
import Testing

/// The database privileges of the services' role.
@Suite struct RightsTests {
  /// A store that works as a service, and one that works as the owner.
  private func serving(_ body: (_ service: DeskStore, _ owner: TestDesk) async throws -> Void) async throws {
    try await TestDesk.with { desk in
      let name = try #require(
        try await desk.store.pool.query(PostgresStatement<String>("database_name", "SELECT current_database()::text"))
          .first)
      let role = "service_of_\(name)"
      try await desk.run("CREATE ROLE \(role) LOGIN")
      try await desk.store.access.grantService(to: role)
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
      _ = try await store.privacy.ensurePartitions()
      try await service.upsert(["ann"], capacity: 4)
      var ticket = try await service.queued(["cara"])[0]
      try await service.take(&ticket, .offered(try await service.offer(to: "ann")))
      let consult = Consult(
        id: try await service.fresh(), asker: "eve", recipient: .agent("ann"), question: "why?",
        askedAt: try await store.now())
      #expect(try await service.take(&ticket, .consulted(consult, by: ActingAgent("eve", leads: true))))
      #expect(try await store.consults.open(on: ticket.id).map(\.consult) == [consult])
      // A full ticket leaves its customer's name to the one that continues it, though a service may not rewrite names.
      var beyond: Set<TicketID> = []
      for id in ["1", "2"] {
        let outcomes = try await store.inbox.accept(
          [service.message(id, from: "dora")], owner: nil, messagesPerTicket: 1)
        for outcome in outcomes { beyond.formUnion([try #require(outcome.acceptance).ticket]) }
      }
      #expect(beyond.count == 2)
      let me = try await service.fresh(ServiceInstance.self)
      try await store.fleet.register(.test(me, service: "router"))
      #expect(
        try await store.fleet.heartbeat(me, load: ServiceInstance.Load(busyShare: 0.5, itemsPerSecond: 9)).isRegistered)
      #expect(try await store.capacity.look().count == ElasticService.allCases.count)
      let lease = try #require(try await store.fleet.acquireLeases(["sla-watcher"], holder: me).first)
      let decision = KeptCapacity(
        .router, mode: .auto, wanted: 3, range: 2...8, reason: CapacityReason(.unknown).coded, isApart: true)
      #expect(
        try await store.capacity.keep([decision], fencedBy: Fence(lease: lease.name, holder: me, term: lease.term))
          == [.router])
      #expect(try await store.access.key(digest: Array(repeating: 0, count: 32)) == nil)
      #expect(try await store.access.newestPolicy() == nil)
      try await store.audit.note("presence.set", of: "service", detail: .object([]))
      #expect(try await store.audit.openTimelineRanges() == 0)
      // Persons are changed by functions only.
      let (cara, dora) = (Correspondent("cara", on: "web"), Correspondent("dora", on: "web"))
      #expect(try await store.privacy.join(cara, with: dora, detail: .object([])) == .joined)
      let join = try #require(try await store.privacy.person(of: cara)?.joins.first)
      try await store.privacy.setCustomer("dora", of: "web", tier: .vip, dedicatedAgent: nil)
      #expect(try await store.privacy.person(of: cara)?.tier == .vip)
      #expect(try await store.privacy.separate(join.id, detail: .object([])) == true)
      try await store.privacy.wantLookUp(of: cara, timeout: .seconds(5))
      #expect(try await store.privacy.claimLookUps(limit: 4, claimTime: .seconds(5)) == [cara])
      try await store.privacy.failLookUp(of: cara)
      #expect(try await store.privacy.forgetLookUps(olderThan: .seconds(-1), limit: 4) == 1)
      _ = try await store.privacy.forget(olderThan: 5)
      #expect(
        try await owner.store.audit.newestAuditEntries(ofKind: "presence.set", limit: 1).first?.actor.hasPrefix(
          "service_of_")
          == true
      )
    }
  }

  @Test func aServiceCannotChangeSchemaOrProtectedTables() async throws {
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
      "SELECT * FROM desk.audit_free_text", "UPDATE desk.audit_free_text SET reason = NULL, salt = NULL",
      "UPDATE desk.message SET body = 'never said'", "UPDATE desk.message SET author = 'me', id = gen_random_uuid()",
      "UPDATE desk.message SET direction = 2, received_at = now()", "UPDATE desk.ticket SET customer = 'me'",
      "UPDATE desk.open_ticket SET customer = 'me', tier = 'vip'",
      "UPDATE desk.inbox SET message_id = gen_random_uuid()",
      "UPDATE desk.outbox SET body = '{}'", "UPDATE desk.outbox SET hook = 'mine'",
      "UPDATE desk.agent_state SET agent = 'me'", "UPDATE desk.follow_up SET lead = 'me'",
      "UPDATE desk.timeline_range SET form = 1", "UPDATE desk.timeline_range SET to_id = from_id",
      "INSERT INTO desk.timeline_range (from_id, to_id) VALUES (desk.uuid_floor(now()), 'ffffffff-ffff-ffff-ffff-ffffffffffff')",
      "SELECT desk.erase_customer_content('web', 'ann', 'x', 'y')", "SELECT desk.audit_write('key.created', 'x', '{}')",
      "DELETE FROM desk.ticket_event", "UPDATE desk.ticket_event SET actor = 'me'", "DELETE FROM desk.message",
      "DELETE FROM desk.message_key", "UPDATE desk.message_key SET digest = ''", "DELETE FROM desk.closed_ticket",
      "DELETE FROM desk.customer", "UPDATE desk.correction SET category = 'x'", "DELETE FROM desk.rating",
      "DELETE FROM desk.timeline_range", "UPDATE desk.customer SET person = gen_random_uuid(), person_tier = 'vip'",
      "INSERT INTO desk.person_join (channel, customer, other_channel, other_customer, how) VALUES ('a', 'a', 'b', 'b', 'agent')",
      "UPDATE desk.person_join SET separated_at = now()", "SELECT desk.erase_identity('web', 'ann')",
      """
      INSERT INTO desk.session (id, digest, role, label, expires_at, idle_limit)
      VALUES (gen_random_uuid(), sha256(''), 'operator', 'mine', now() + interval '1 day', '1 day')
      """,
      "UPDATE desk.session SET role = 'operator', agent = NULL", "UPDATE desk.session SET expires_at = 'infinity'",
      "UPDATE desk.session SET digest = sha256('')", "DELETE FROM desk.session", "SELECT digest FROM desk.sign_in_link",
      "UPDATE desk.sign_in_link SET role = 'operator', agent = NULL", "UPDATE desk.sign_in_link SET used_at = NULL",
      "INSERT INTO desk.sign_in_link (digest, role, label, expires_at) VALUES (sha256(''), 'operator', 'mine', now())",
      "DELETE FROM desk.sign_in_link",
      """
      INSERT INTO desk.identity_provider (id, name, issuer, client, sealing_key, scopes, agent_claim)
      VALUES (gen_random_uuid(), 'mine', 'https://mine.example', 'c', sha256(''), ARRAY['openid'], 'sub')
      """,
      "UPDATE desk.identity_provider SET issuer = 'https://mine.example'", "DELETE FROM desk.identity_provider",
      "UPDATE desk.session SET provider = NULL", "SELECT digest FROM desk.sign_in_answer",
      "DELETE FROM desk.sign_in_answer",
      "DELETE FROM desk.sign_in_link", "UPDATE desk.search_entry SET terms = ''", "DELETE FROM desk.search_entry",
      "UPDATE desk.watch_cursor SET erasures = 0", "SELECT desk.drop_oldest_partition('search_entry', 0)",
      "UPDATE desk.intent SET state = 'done'", "UPDATE desk.intent SET requested_by = gen_random_uuid()",
      "DELETE FROM desk.intent", "SELECT desk.begin_intent()", "SELECT desk.audit_intent()",
      "UPDATE desk.capacity SET mode = 'fixed'", "UPDATE desk.capacity SET wanted = 3, term = 0",
      "INSERT INTO desk.capacity (service, mode, wanted, base, ceiling, reason) VALUES ('notifier', 'fixed', 9, 1, 1, '{}')",
      "DELETE FROM desk.capacity", "DELETE FROM desk.capacity_peak", "UPDATE desk.capacity_peak SET workers = 1",
      """
      INSERT INTO desk.capacity_peak (name, service, starts_at, ends_at, workers)
      VALUES ('mine', 'router', now(), now() + interval '1 hour', 9)
      """,
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

  @Test func aServiceOpensSessionsWithLinksAndOpensNoEndedOneAgain() async throws {
    try await serving { store, owner in
      let link = [UInt8](repeating: 1, count: 32)
      try await owner.store.access.addSignInLink(
        digest: link, role: .agent, agent: "ann", label: "l", lifetime: .seconds(600))
      let opening = SessionOpening(link: link, id: try await owner.fresh(), digest: [UInt8](repeating: 2, count: 32))
      let opened = try await store.access.open([opening], lifetime: .seconds(600), idle: .seconds(600))
      #expect(opened[opening]?.role == .agent && opened[opening]?.agent == "ann")
      #expect(try await store.access.endSession(opening.id))
      let error = await #expect(throws: PostgresError.self) {
        try await store.pool.executeScript("UPDATE desk.session SET ended_at = NULL")
      }
      #expect(error?.sqlState == "42501")
      #expect(try await store.access.sessions(digests: [opening.digest]).isEmpty)
    }
  }

  @Test func aDecidedMessageStaysOnItsTicket() async throws {
    try await serving { store, owner in
      let accepted = try await owner.accept(from: ["ann"])[0]
      let other = try await owner.accept(from: ["bob"])[0]
      let service = TestDesk(store: store)
      let move = "UPDATE desk.message SET ticket_id = '\(other.ticket)' WHERE id = '\(accepted.message)'"
      // While it is undecided it may be moved to its customer's live ticket.
      try await service.run(move)
      try await owner.run("DELETE FROM desk.inbox")
      let error = await #expect(throws: PostgresError.self) {
        try await service.run(move.replacing("\(other.ticket)", with: "\(accepted.ticket)"))
      }
      #expect(error?.sqlState == "42501")
    }
  }

  // MARK: By column

  /// Actor, action, time and channel, in the tables that a service may update. In addition there are only the columns of
  /// `desk.service_updates()`.
  private static let fixedColumns: [String: Set<String>] = [
    "agent_state": ["agent"],
    "arrival_slot": ["category", "slot"],
    "call_back": ["ticket", "number", "origin", "owner", "queue", "promised_at", "due_at", "moves", "broken_at"],
    "consult": ["id", "ticket", "slot", "asker", "asked_agent", "asked_line", "question", "asked_at"],
    "crisis": ["id", "cause", "kinds", "opened_at", "examples"],
    "crisis_slot": ["crisis", "slot", "queue"],
    "customer": ["channel", "external_id", "person", "person_tier", "person_agent"],
    "customer_contact": ["channel", "customer"],
    "customer_lookup": ["channel", "customer"],
    "customer_proof": ["channel", "customer", "kind"],
    "dead_letter": ["id", "kind", "hook"],
    "draft": ["ticket", "agent", "kind"],
    "feedback_group": ["id", "category", "signature", "first_message", "first_ticket", "opened_at"],
    "follow_up": ["ticket", "lead", "opened_at"],
    "hook_state": ["hook"],
    "hot_issue": ["category", "raised_at", "tickets", "expected", "examples", "group_id", "first_seen"],
    "inbox": ["message_id", "accepted_at"],
    "inspection": ["id", "ticket", "agent", "queue", "cause", "sampled_at"],
    "lease": ["name"],
    "message": [
      "id", "direction", "channel", "author", "subject", "body", "attributes", "attachments", "sent_at", "received_at",
      "traceparent", "addressee",
    ],
    "capacity": ["service", "mode"],
    "open_ticket": ["channel", "customer", "tier", "known_as"],
    "outbox": ["id", "hook", "kind", "ticket_id", "body", "created_at", "traceparent"],
    "question_group": ["id", "category", "signature", "first_message", "first_ticket", "opened_at"],
    "queue_pace": ["queue"],
    "rating": ["ticket"],
    "reply": ["id", "channel", "customer", "hook", "position", "written_at"],
    "reply_channel": ["channel"],
    "reserve_call": ["agent", "called_at", "team", "queue", "reason", "waiting", "late", "example", "leads"],
    "service_instance": ["id", "service", "build", "host", "process_id", "curve_public_key", "started_at"],
    "session": ["id", "digest", "role", "agent", "label", "created_at", "expires_at", "idle_limit", "provider"],
    "shadow_tally": ["champion", "challenger", "champion_category", "challenger_category", "first_at"],
    "stuck_queue": ["queue", "began_at", "reason", "waiting", "example", "leads"],
    "ticket": [
      "id", "channel", "customer", "tier", "opened_at", "previous_ticket",
    ],
    "ticket_read": ["ticket", "agent"],
    "ticket_viewer": ["ticket", "agent"],
    "timeline_range": ["from_id", "to_id", "form"],
    "watch_cursor": ["name", "erasures"],
  ]

  @Test func everyColumnIsListedAndOthersAreDenied() async throws {
    try await serving { _, owner in
      let rows = try await owner.store.pool.query(
        PostgresStatement<String>(
          "test_column_rights",
          """
          SELECT c.relname || ' ' || a.attname || ' ' || has_column_privilege(r.rolname, c.oid, a.attnum, 'UPDATE')::text
            FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            JOIN pg_roles r ON r.rolname = 'service_of_' || current_database()
           WHERE c.relnamespace = 'desk'::regnamespace AND c.relkind IN ('r', 'p')
          """))
      let listed = try await owner.store.pool.query(
        PostgresStatement<String>(
          "test_update_lists",
          """
          SELECT u.relation || ' ' || name FROM desk.service_updates() u, unnest(u.columns) AS name
           WHERE EXISTS (SELECT FROM desk.service_rights() r WHERE r.relation = u.relation AND r.rights ~ 'UPDATE')
          """))
      var found: [String: Set<String>] = [:]
      for row in rows {
        let parts = row.split(separator: " ").map(String.init)
        let isAllowed = parts[2] == "true"
        #expect(isAllowed == listed.contains("\(parts[0]) \(parts[1])"), "\(row)")
        if let fixed = Self.fixedColumns[parts[0]] {
          found[parts[0], default: []].insert(parts[1])
          #expect(isAllowed != fixed.contains(parts[1]), "decide whether a service may update \(parts[0]).\(parts[1])")
        } else {
          #expect(!isAllowed, "decide on the columns of \(parts[0])")
        }
      }
      for (table, columns) in Self.fixedColumns {
        #expect(columns.isSubset(of: found[table] ?? []), "\(table) has lost a column")
      }
    }
  }

  @Test func objectsCreatedLaterHaveNoRights() async throws {
    try await serving { store, owner in
      try await owner.run(
        """
        CREATE TABLE desk.later (x integer);
        CREATE FUNCTION desk.later() RETURNS integer LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS 'SELECT 1';
        ALTER TABLE desk.message ADD COLUMN later text;
        """)
      for round in 0..<2 {
        for statement in ["SELECT * FROM desk.later", "SELECT desk.later()", "UPDATE desk.message SET later = 'x'"] {
          let error = await #expect(throws: PostgresError.self, "\(statement)") {
            try await store.pool.executeScript(statement)
          }
          #expect(error?.sqlState == "42501", "\(statement)")
        }
        // Granting again gives exactly what is listed.
        let role = try await owner.store.pool.query(
          PostgresStatement<String>("test_role_\(round)", "SELECT 'service_of_' || current_database()"))[0]
        try await owner.store.access.grantService(to: role)
      }
    }
  }

  // MARK: Functions and kinds

  @Test func securityDefinerFunctionsArePinnedAndListed() async throws {
    try await serving { _, owner in
      let loose = try await owner.store.pool.query(
        PostgresStatement<String>(
          "test_loose_functions",
          """
          SELECT p.oid::regprocedure::text FROM pg_proc p
           WHERE p.pronamespace = 'desk'::regnamespace
             AND (p.prosecdef AND NOT coalesce(array_to_string(p.proconfig, ',') ~ 'search_path=pg_catalog', false)
               OR EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a WHERE a.grantee = 0))
          """))
      #expect(loose == [], "pin `search_path`, and revoke from PUBLIC")
      let callable = try await owner.store.pool.query(
        PostgresStatement<String>(
          "test_callable_functions",
          """
          SELECT p.proname::text FROM pg_proc p
           WHERE p.pronamespace = 'desk'::regnamespace AND p.prosecdef
             AND has_function_privilege('service_of_' || current_database(), p.oid, 'EXECUTE') ORDER BY 1
          """))
      #expect(
        callable == [
          "audit_note", "audit_page", "drop_oldest_partition", "ensure_partitions_of", "forget_before",
          "join_by_proof", "join_customers", "open_provider_session", "open_session",
          "release_customer_name", "separate_customers",
        ])
    }
  }

  /// Kinds that services record themselves. Every other kind comes from the trigger or function that makes the change.
  private static let kindsOfServices: Set<String> = [
    "contact.read", "crisis.changed", "crisis.ended", "crisis.opened", "customer.set", "follow_up.done",
    "hook.enabled_by", "hook.paused_by",
    "inspection.appealed", "inspection.changed", "inspection.scored", "inspection.upheld", "interception.read",
    "presence.set", "ticket.labelled",
    "ticket.merged_across_customers",
  ]

  @Test func aServiceWritesOnlyItsOwnAuditKinds() async throws {
    try await serving { store, owner in
      // All kinds that functions and triggers of the schema name.
      let named = try await owner.store.pool.query(
        PostgresStatement<String>(
          "test_kinds",
          """
          SELECT DISTINCT k[1] FROM pg_proc p, regexp_matches(p.prosrc, $kind$'([a-z_]+\\.[a-z_]+)'$kind$, 'g') AS k
           WHERE p.pronamespace = 'desk'::regnamespace
          """))
      for kind in ["retention.dropped", "timeline.sealed", "customer.erased", "role.granted", "hook.disabled"] {
        #expect(named.contains(kind))
      }
      let before = try await owner.store.audit.auditHead().number
      for kind in Set(named).union(Self.kindsOfServices).union(["test", "key.revoked", ""]) {
        // This would make `audit verify` report that all timelines were dropped.
        let detail = JSONValue.object([.init("before", "ffffffff-ffff-ffff-ffff-ffffffffffff")])
        do {
          try await store.audit.note(kind, of: "ticket_event_20200101", detail: detail)
          #expect(Self.kindsOfServices.contains(kind), "\(kind)")
        } catch let error as PostgresError {
          #expect(error.sqlState == "42501" && !Self.kindsOfServices.contains(kind), "\(kind): \(error)")
        }
      }
      let written = try await owner.store.audit.auditEntries(after: before, limit: 1000)
      #expect(Set(written.map(\.kind)) == Self.kindsOfServices)
    }
  }

  /// Fails closed: a relation that is not listed is an error here, and denied to services by `grant_service`.
  @Test func everyTablesRightsAreListed() async throws {
    try await serving { _, owner in
      let listed = try await owner.store.pool.query(
        PostgresStatement<String>(
          "test_listed_rights", "SELECT relation || ': ' || rights FROM desk.service_rights() ORDER BY relation"))
      // Views, sequences and foreign tables as well, should there ever be any; partitions are reached through their parents.
      let held = try await owner.store.pool.query(
        PostgresStatement<String>(
          "test_held_rights",
          """
          SELECT c.relname || ': ' || array_to_string(ARRAY(
                   SELECT p FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER'])
                          WITH ORDINALITY AS a(p, place)
                    WHERE has_table_privilege(r.oid, c.oid, p)
                       OR p IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES') AND has_any_column_privilege(r.oid, c.oid, p)
                    ORDER BY place), ', ')
            FROM pg_class c JOIN pg_roles r ON r.rolname = 'service_of_' || current_database()
           WHERE c.relnamespace = 'desk'::regnamespace AND c.relkind NOT IN ('i', 'I', 'S', 'c') AND NOT c.relispartition
           ORDER BY c.relname
          """))
      #expect(held.count > 30)
      #expect(
        Set(held) == Set(listed) && held.count == listed.count,
        """
        list every table in `desk.service_rights()` in a new migration, with what services do to it: \
        \(Set(held).symmetricDifference(listed).sorted())
        """)
      #expect(
        try await owner.number(
          """
          SELECT count(*) FROM pg_class c WHERE c.relnamespace = 'desk'::regnamespace AND c.relkind = 'S'
            AND NOT EXISTS (SELECT FROM pg_depend d JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
                             WHERE d.objid = c.oid AND d.deptype = 'i' AND a.attidentity = 'a')
          """) == 0,
        "`grant_service` grants no sequence; a column that is always generated needs no grant")
    }
  }

  @Test func aPartitionIsReachedOnlyThroughItsParent() async throws {
    try await serving { store, _ in
      for partition in ["message_default", "ticket_event_default", "closed_ticket_default"] {
        let error = await #expect(throws: PostgresError.self) {
          try await store.pool.executeScript("SELECT FROM desk.\(partition)")
        }
        #expect(error?.sqlState == "42501", "\(partition)")
      }
    }
  }
}
