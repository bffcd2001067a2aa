import DeskCore
import PostgreSQL
import Store
import Testing

/// Forgetting one customer, and forgetting what is old.
@Suite struct PrivacyTests {
  @Test func anErasedCustomerIsNowhereAndTheAuditProvesIt() async throws {
    try await TestDesk.with { desk in
      // One ticket that is over, one that lives, one of somebody else.
      let over = try await desk.queued(["ann-7391"])[0]
      try await desk.run(
        """
        INSERT INTO desk.closed_ticket (id, state, channel, customer, queue, opened_at, closed_at, ticket)
        SELECT id, 'closed', channel, customer, queue, opened_at, now(), to_jsonb(t) FROM desk.ticket t;
        DELETE FROM desk.ticket;
        DELETE FROM desk.open_ticket;
        INSERT INTO desk.customer (channel, external_id, tier) VALUES ('web', 'ann-7391', 'vip');
        """)
      let fresh = try await desk.store.accept([desk.message("second", from: "ann-7391")], owner: nil)
      let living = try #require(fresh[0].acceptance)
      let other = try await desk.accept(from: ["bob"])[0]
      try await desk.run(
        """
        INSERT INTO desk.outbox (id, hook, kind, ticket_id, body, created_at, next_attempt_at)
        VALUES (gen_random_uuid(), 'crm', 'k', '\(living.ticket)', '{"customer":"ann-7391"}', now(), now());
        INSERT INTO desk.dead_letter (id, kind, ticket_id, hook, reason, body)
        VALUES (gen_random_uuid(), 'notice', '\(over.id)', 'crm', 'gone', '{"body":"ann-7391"}'),
               (gen_random_uuid(), 'message', '\(over.id)', NULL, 'poison', '{"customer":"ann-7391"}');
        """)
      let erasure = try #require(
        try await desk.store.erase(customer: "ann-7391", of: "web", reason: "asked for it", receipt: "r1"))
      #expect(erasure.tickets == 2 && erasure.messages == 2 && erasure.deliveries == 2)
      for table in [
        "message", "open_ticket", "ticket", "closed_ticket", "customer", "outbox", "dead_letter", "inbox", "audit",
        "ticket_event",
      ] {
        let rows = try await desk.number(
          "SELECT count(*) FROM desk.\(table) t WHERE t::text ~ 'ann-7391|words of (second|first of ann)'")
        #expect(rows == 0, "\(table)")
      }
      #expect(try await desk.store.message(other.message)?.body == "words of first of bob")
      let proof = try #require(try await desk.store.auditEntries(after: erasure.entry - 1, limit: 1).first)
      #expect(proof.kind == "customer.erased" && proof.subject == "web")
      #expect(proof.detail.contains(#""receipt": "r1""#) && proof.detail.contains("asked for it"))
      // The living ticket goes on.
      let ticket = try #require(try await desk.store.tickets([living.ticket])[living.ticket])
      #expect(ticket.customer == "erased:\(ticket.id)")
      // The channel's repetition is neither stored again nor taken for the same.
      let again = try await desk.store.accept([desk.message("second", from: "ann-7391")], owner: nil)
      #expect(again[0].acceptance == nil)
      #expect(try await desk.store.erase(customer: "ann-7391", of: "web", reason: "x", receipt: "r2") == nil)
    }
  }

  @Test func historyGoesByWholeDaysUnlessSomethingLivingNeedsIt() async throws {
    try await TestDesk.with { desk in
      try await desk.run(
        """
        DO $$
        DECLARE
          parent text;
          day date;
        BEGIN
          FOREACH parent IN ARRAY ARRAY['message', 'ticket_event', 'closed_ticket'] LOOP
            FOR ago IN 9..11 LOOP
              day := (now() AT TIME ZONE 'UTC')::date - ago;
              EXECUTE format('CREATE TABLE desk.%I PARTITION OF desk.%I FOR VALUES FROM (%L) TO (%L)',
                parent || '_' || to_char(day, 'YYYYMMDD'), parent, desk.uuid_floor(day::timestamp AT TIME ZONE 'UTC'),
                desk.uuid_floor((day + 1)::timestamp AT TIME ZONE 'UTC'));
            END LOOP;
          END LOOP;
        END
        $$;
        INSERT INTO desk.message (id, ticket_id, direction, channel, author, body, received_at)
        SELECT desk.uuid_floor(now() - make_interval(days => days)), desk.uuid_floor(now() - make_interval(days => days)), 1, 'web',
               'ann', 'old', now() FROM generate_series(9, 11) days;
        INSERT INTO desk.message_key (channel, external_id, message_id, digest, received_at)
        SELECT channel, 'key ' || id, id, '', received_at FROM desk.message;
        INSERT INTO desk.open_ticket (ticket_id, channel, customer, opened_at)
        SELECT ticket_id, channel, author, received_at FROM desk.message WHERE id < desk.uuid_floor(now() - interval '9.5 days')
         ORDER BY id DESC LIMIT 1;
        """)
      let held = try await desk.store.forget(olderThan: 5)
      #expect(held.partitions.count == 3, "only the day before the living ticket's went: \(held.partitions)")
      #expect(held.rows == 1)
      try await desk.run("DELETE FROM desk.open_ticket")
      #expect(try await desk.store.forget(olderThan: 30) == Forgotten())
      let rest = try await desk.store.forget(olderThan: 5)
      #expect(rest.partitions.count == 6 && rest.rows == 2)
      #expect(try await desk.number("SELECT count(*) FROM desk.message_key") == 0)
      let entries = try await desk.store.newestAuditEntries(ofKind: "retention.dropped", limit: 20)
      #expect(entries.count == 9)
      await #expect(throws: PostgresError.self) { try await desk.store.forget(olderThan: 0) }
    }
  }

  @Test func anOldKeyWorksOnForItsGraceAndNoLonger() async throws {
    try await TestDesk.with { desk in
      let ids = try await [desk.fresh(APIKey.self), desk.fresh(APIKey.self), desk.fresh(APIKey.self)]
      let digests = (0..<3).map { Array(repeating: UInt8($0), count: 32) }
      try await desk.store.addKey(
        id: ids[0], digest: digests[0], role: .channel, channel: "web", agent: nil, label: "shop",
        lifetime: .seconds(3600),
        access: .read)
      #expect(
        try await desk.store.rotateKey(ids[0], to: ids[1], digest: digests[1], grace: .seconds(60), lifetime: nil))
      let (old, fresh) = (try await desk.store.key(digest: digests[0]), try await desk.store.key(digest: digests[1]))
      #expect(old?.replacedBy == ids[1])
      #expect(fresh?.channel == "web" && fresh?.access == .read && fresh?.label == "shop")
      let ends = try (#require(old?.expiresAt), #require(fresh?.expiresAt))
      #expect(ends.0 < ends.1, "the old one ends after its grace, the new one after an hour of its own")
      let twice = try await desk.store.rotateKey(ids[0], to: ids[2], digest: digests[2], grace: .zero, lifetime: nil)
      #expect(!twice)
      #expect(
        try await desk.store.rotateKey(ids[1], to: ids[2], digest: digests[2], grace: .zero, lifetime: .seconds(60)))
      #expect(try await desk.store.key(digest: digests[1]) == nil)
      #expect(try await desk.store.key(digest: digests[2]) != nil)
    }
  }
}
