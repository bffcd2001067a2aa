import PostgreSQL
import TestStore
import Testing

@testable import DeskCore
@testable import Store

/// What a restored database tells about itself, and what settles it.
@Suite struct RestoreStoreTests {
  @Test func aServerThatWasNeverRestoredShowsTheNewestTrace() async throws {
    try await TestDesk.with { desk in
      let before = try await desk.store.now()
      try await desk.store.audit.note("test", of: "x", detail: .object([]))
      let audited = try #require(try await desk.store.restores.server().newestTrace)
      #expect(audited >= before)
      let instance = try await desk.fresh(ServiceInstance.self)
      try await desk.store.fleet.register(.test(instance, service: "router"))
      let server = try await desk.store.restores.server()
      #expect(try #require(server.newestTrace) > audited, "a heartbeat is a trace too")
      #expect(!server.isInRecovery && server.target == nil && server.timeline == 1 && server.settled == nil)
    }
  }

  @Test func effectsThatMayBeRepeatedAreCountedByKindAndReceiver() async throws {
    try await TestDesk.with { desk in
      #expect(try await desk.store.restores.repeatableEffects().isEmpty)
      let tickets = try await desk.queued(["ann", "bob"])
      _ = try await desk.accept(from: ["cyn", "dan"])
      try await desk.run(
        "UPDATE desk.inbox SET claimed_until = now() WHERE message_id = (SELECT min(message_id::text)::uuid FROM desk.inbox)"
      )
      var notices: [Notice] = []
      for (hook, ticket) in [("crm", tickets[0]), ("crm", tickets[1]), ("erp", tickets[0])] {
        notices.append(
          Notice(
            id: try await desk.fresh(), hook: HookID(hook), kind: .customerWrote, ticket: ticket.id, body: .object([])))
      }
      try await desk.store.outbox.enqueueNotices(notices)
      let holder = try await desk.fresh(ServiceInstance.self)
      _ = try await desk.store.outbox.claimNotices(for: "erp", by: holder, limit: 1, claimTime: .seconds(60))
      try await desk.run(
        """
        INSERT INTO desk.reply (id, channel, customer, hook, state, state_at, written_at)
        VALUES (gen_random_uuid(), 'web', 'ann', NULL, 'queued', now(), now()),
               (gen_random_uuid(), 'web', 'ann', NULL, 'sent', now(), now()),
               (gen_random_uuid(), 'app', 'bob', 'crm', 'queued', now(), now());
        UPDATE desk.ticket SET next_check_at = CASE customer WHEN 'ann' THEN now() - interval '1 second' ELSE now() + interval '1 hour' END
        """)
      let effects = try await desk.store.restores.repeatableEffects()
      #expect(
        effects.map { "\($0.kind.rawValue) \($0.receiver) \($0.count) \($0.claimed)" } == [
          "delivery crm \(NoticeKind.customerWrote.rawValue) 2 0",
          "delivery erp \(NoticeKind.customerWrote.rawValue) 1 1",
          "overdue deadline 1 0", "reply web 1 0", "undecided inbox 2 1",
        ], "a reply with a hook is a delivery")
      #expect(effects.allSatisfy { $0.oldest != nil })
    }
  }

  @Test func afterSettlingNoOldCursorSkipsANewReply() async throws {
    try await TestDesk.with { desk in
      func write(_ channel: String) async throws {
        let id: MessageID = try await desk.fresh()
        try await desk.run(
          """
          INSERT INTO desk.message (id, ticket_id, direction, channel, author, body, received_at)
          VALUES ('\(id)', '\(id)', 2, '\(channel)', 'ada', 'hello', now());
          INSERT INTO desk.reply (id, channel, customer, state_at, written_at) VALUES ('\(id)', '\(channel)', 'ann', now(), now())
          """)
      }
      try await desk.run(
        """
        INSERT INTO desk.api_key (id, digest, role, channel, label) VALUES (gen_random_uuid(), sha256('a'), 'channel', 'app', 'a');
        INSERT INTO desk.channel_curve_key (public_key, channel, label) VALUES (sha256('b'), 'mail', 'b')
        """)
      try await write("web")
      #expect(try await desk.store.replies.replies(of: "web", after: 0, limit: 9).map(\.sequence) == [1])
      // Numbers up to 7 were given after the moment.
      let cursor: Int64 = 7
      let moment = Instant(seconds: 1_800_000_000)
      let settled = try await desk.store.restores.settle(restoredTo: moment)
      #expect(settled.channels == ["app", "mail", "web"])
      for channel: ChannelID in ["web", "app", "mail"] {
        #expect(try await desk.store.replies.newestSequence(of: channel) >= cursor, "the cursor is accepted")
        try await write(channel.rawValue)
        #expect(try await desk.store.replies.replies(of: channel, after: cursor, limit: 9).count == 1)
      }
      #expect(try await desk.store.replies.replies(of: "web", after: 0, limit: 9).count == 2)
    }
  }

  @Test func settlingEndsSessionsAndLinksAndIsRecordedOnce() async throws {
    try await TestDesk.with { desk in
      let hour: Duration = .seconds(3600)
      func digest(_ byte: UInt8) -> [UInt8] { [UInt8](repeating: byte, count: 32) }
      for link: UInt8 in [1, 2] {
        try await desk.store.access.addSignInLink(
          digest: digest(link), role: .operator, agent: nil, label: "l", lifetime: hour)
      }
      let first = SessionOpening(link: digest(1), id: try await desk.fresh(), digest: digest(10))
      let second = SessionOpening(link: digest(2), id: try await desk.fresh(), digest: digest(11))
      #expect(try await desk.store.access.open([first], lifetime: hour, idle: hour).count == 1)
      try await desk.run(
        "INSERT INTO desk.api_key (id, digest, role, label) VALUES (gen_random_uuid(), sha256('a'), 'operator', 'a')")
      #expect(
        try await desk.store.restores.access() == RestoredAccess(keys: 1, curveKeys: 0, sessions: 1, links: 1))

      let head = try await desk.store.audit.auditHead().number
      let moment = Instant(microseconds: 1_800_000_000_123_456)
      let done = try await desk.store.restores.settle(restoredTo: moment)
      #expect(done.sessions == 1 && done.links == 1)
      #expect(try await desk.store.access.sessions(digests: [first.digest]).isEmpty)
      #expect(try await desk.store.access.open([second], lifetime: hour, idle: hour).isEmpty)
      #expect(
        try await desk.store.restores.access() == RestoredAccess(keys: 1, curveKeys: 0, sessions: 0, links: 0))

      let settled = try #require(try await desk.store.restores.server().settled)
      #expect(settled.moment == moment && settled.entry == head + 1, "nothing of this history comes before it")
      _ = try await desk.store.restores.settle(restoredTo: moment)
      #expect(try await desk.store.restores.server().settled == settled, "the first one counts")
    }
  }

  @Test func aTimelineIsSettledOnce() async throws {
    try await TestDesk.with { desk in
      try await desk.run("INSERT INTO desk.reply_channel (channel, last_sequence) VALUES ('web', 7)")
      let sequence = "SELECT last_sequence FROM desk.reply_channel"
      let moment = Instant(seconds: 1_700_000_000)
      // Another timeline's settling is of a restore before.
      _ = try await desk.number(
        "SELECT desk.audit_append('desk.restored', '2023-01-01T00:00:00.000000Z', jsonb_build_object('timeline', 99))")
      let restoredAgain = try await desk.store.restores.server()
      #expect(restoredAgain.settled?.timeline == 99 && !restoredAgain.isSettled)
      #expect(try await !desk.store.restores.settle(restoredTo: moment).wasSettled)
      let settled = try await desk.store.restores.server()
      #expect(settled.isSettled && settled.settled?.moment == moment && settled.settled?.timeline == 1)

      let (head, after) = (try await desk.store.audit.auditHead().number, try await desk.number(sequence))
      #expect(after > 7)
      let again = try await desk.store.restores.settle(restoredTo: moment + .seconds(1))
      #expect(again == RestoreSettlement(wasSettled: true, channels: [], sessions: 0, links: 0))
      #expect(try await desk.store.audit.auditHead().number == head)
      #expect(try await desk.number(sequence) == after)

      var terms = SettlingTerms(moment: moment + .seconds(1))
      terms.isRepeated = true
      terms.isWithoutRecovery = true
      terms.brokenEntry = 2
      #expect(try await desk.store.restores.settle(terms).channels == ["web"])
      let entry = try #require(try await desk.store.audit.newestAuditEntries(ofKind: "desk.restored", limit: 1).first)
      #expect(entry.detail.contains("\"without_recovery\": true") && entry.detail.contains("\"audit_broken_at\": 2"))
      #expect(try await desk.store.restores.server().settled?.entry == entry.number)
    }
  }

  @Test func whatFollowsASettlingWasNotRestored() async throws {
    try await TestDesk.with { desk in
      _ = try await desk.accept(from: ["ann"])
      let accepted = try #require(try await desk.store.restores.server().newestTrace)
      // What an operator does between a restore and the start is no trace of a service.
      try await desk.run(
        "SET frontdesk.actor = 'command:ann'; SELECT desk.audit_append('test', 'x', '{}'); RESET frontdesk.actor")
      #expect(try await desk.store.restores.server().newestTrace == accepted)
      _ = try await desk.store.restores.settle(restoredTo: accepted)
      try await desk.store.audit.note("test", of: "x", detail: .object([]))
      let server = try await desk.store.restores.server()
      #expect(try #require(server.newestTrace) > accepted && server.restoredTrace == accepted)
      #expect(server.now >= accepted)
    }
  }

  @Test func messagesThatAreNamedAndGoneAreMissing() async throws {
    try await TestDesk.with { desk in
      _ = try await desk.accept(from: ["ann", "bob"])
      #expect(try await desk.store.restores.missingMessages(examples: 9) == MissingMessages(count: 0, examples: []))
      try await desk.run(
        """
        DELETE FROM desk.inbox WHERE message_id IN (SELECT id FROM desk.message WHERE author = 'ann');
        DELETE FROM desk.message WHERE author = 'ann'
        """)
      let missing = try await desk.store.restores.missingMessages(examples: 9)
      #expect(missing.count == 1 && missing.examples.count == 1)
      #expect(try await desk.store.restores.missingMessages(examples: 0).examples.isEmpty)
      // Retention keeps the keys of what it drops.
      _ = try await desk.number(
        """
        SELECT desk.audit_append('retention.dropped', 'message_20260101',
                                 jsonb_build_object('keep_days', 1, 'before', desk.uuid_floor(now() + interval '1 day'), 'kept', 0))
        """)
      #expect(try await desk.store.restores.missingMessages(examples: 9).count == 0)
    }
  }

  @Test func everyTableIsKnownAndAMissingOneIsNamed() async throws {
    try await TestDesk.with { desk in
      let there = try await desk.store.pool.query(
        PostgresStatement<String>(
          "test_tables",
          """
          SELECT 'desk.' || relname FROM pg_class
           WHERE relnamespace = 'desk'::regnamespace AND relkind IN ('r', 'p') AND relname !~ '_[0-9]{8}$'
          """))
      #expect(Set(RestoreStore.tables) == Set(there).union(["public.schema_migration"]))
      #expect(try await desk.store.restores.missingTables().isEmpty)
      try await desk.run("DROP TABLE desk.draft")
      #expect(try await desk.store.restores.missingTables() == ["desk.draft"])
    }
  }

  @Test func aKeyThatLeadsToAnotherMessageIsToldFromNone() async throws {
    try await TestDesk.with { desk in
      _ = try await desk.accept(from: ["ann"])
      let key = try #require(
        try await desk.store.pool.query(
          PostgresStatement<String>("test_key", "SELECT external_id FROM desk.message_key")
        ).first)
      let other: MessageID = try await desk.fresh()
      let channel = ChannelID(
        try #require(
          try await desk.store.pool.query(
            PostgresStatement<String>("test_channel", "SELECT channel FROM desk.message_key")
          ).first))
      let findings = try await desk.store.audit.audit([
        LedgerClaim(channel: channel, externalID: key, message: other),
        LedgerClaim(channel: channel, externalID: key + "x", message: other),
      ])
      #expect(findings.map(\.isUnderAnother) == [true, false] && findings.allSatisfy { !$0.keyMatches })
    }
  }
}
