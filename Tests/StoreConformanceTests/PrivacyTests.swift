import DeskCore
import PostgreSQL
import Store
import TestStore
import Testing

/// Erasing a customer, and dropping old data.
@Suite struct PrivacyTests {
  @Test func anErasureIsCompleteAndAudited() async throws {
    try await TestDesk.with { desk in
      // One ended ticket, one live, one of another customer.
      let over = try await desk.queued(["ann-7391"])[0]
      try await desk.run(
        """
        INSERT INTO desk.closed_ticket (id, state, channel, customer, queue, opened_at, closed_at, ticket)
        SELECT id, 'closed', channel, customer, queue, opened_at, now(), to_jsonb(t) FROM desk.ticket t;
        DELETE FROM desk.ticket;
        DELETE FROM desk.open_ticket;
        INSERT INTO desk.customer (channel, external_id, tier) VALUES ('web', 'ann-7391', 'vip');
        """)
      let fresh = try await desk.store.inbox.accept([desk.message("second", from: "ann-7391")], owner: nil)
      let living = try #require(fresh[0].acceptance)
      let other = try await desk.accept(from: ["bob"])[0]
      try await desk.run(
        """
        INSERT INTO desk.outbox (id, hook, kind, ticket_id, body, created_at, next_attempt_at)
        VALUES (gen_random_uuid(), 'crm', 'k', '\(living.ticket)', '{"customer":"ann-7391"}', now(), now());
        INSERT INTO desk.dead_letter (id, kind, ticket_id, hook, reason, body)
        VALUES (gen_random_uuid(), 'notice', '\(over.id)', 'crm', 'gone', '{"body":"ann-7391"}'),
               (gen_random_uuid(), 'message', '\(over.id)', NULL, 'poison', '{"customer":"ann-7391"}');
        INSERT INTO desk.customer_contact (channel, customer, key_name, sealed, given_at) VALUES
          ('web', 'ann-7391', 'k', '\\x00', now()), ('web', 'bob', 'k', '\\x00', now());
        """)
      let erasure = try #require(
        try await desk.store.privacy.erase(customer: "ann-7391", of: "web", reason: "asked for it", receipt: "r1"))
      #expect(erasure.tickets == 2 && erasure.messages == 2 && erasure.deliveries == 2)
      for table in [
        "message", "open_ticket", "ticket", "closed_ticket", "customer", "outbox", "dead_letter", "inbox", "audit",
        "ticket_event", "correction", "feedback", "feedback_group", "follow_up", "rating", "ticket_link", "hot_issue",
        "request_key", "customer_contact", "reply", "crisis", "topic_mention", "question_member", "question_group",
        "search_entry",
      ] {
        let rows = try await desk.number(
          "SELECT count(*) FROM desk.\(table) t WHERE t::text ~ 'ann-7391|words of (second|first of ann)'")
        #expect(rows == 0, "\(table)")
      }
      #expect(try await desk.store.conversations.message(other.message)?.body == "words of first of bob")
      #expect(try await desk.store.privacy.contact(of: "bob", on: "web") != nil)
      let proof = try #require(try await desk.store.audit.auditEntries(after: erasure.entry - 1, limit: 1).first)
      #expect(proof.kind == "customer.erased" && proof.subject == "web")
      #expect(
        proof.detail.contains(#""receipt": "r1""#) && proof.reason?.text == "asked for it"
          && !proof.detail.contains("asked"))
      // The live ticket continues.
      let ticket = try #require(try await desk.store.tickets.tickets([living.ticket])[living.ticket])
      #expect(ticket.customer == "erased:\(ticket.id)")
      // The channel's retry is neither stored again nor treated as the same.
      let again = try await desk.store.inbox.accept([desk.message("second", from: "ann-7391")], owner: nil)
      #expect(again[0].acceptance == nil)
      #expect(try await desk.store.privacy.erase(customer: "ann-7391", of: "web", reason: "x", receipt: "r2") == nil)
    }
  }

  @Test func erasureRemovesOnlyThatCustomersTrainingData() async throws {
    try await TestDesk.with { desk in
      let accepted = try await desk.accept(from: ["ann-7391", "bob"])
      let (ann, bob) = (accepted[0], accepted[1])
      try await desk.run(
        """
        INSERT INTO desk.correction (ticket, message, category, by_agent, model_version)
        VALUES ('\(ann.ticket)', '\(ann.message)', 'refund', 'ada', 'm'), ('\(bob.ticket)', '\(bob.message)', 'refund', 'ada', 'm');
        INSERT INTO desk.feedback_group (id, category, signature, first_message, first_ticket, opened_at, last_at, messages)
        SELECT id, 'suggestion', decode(repeat('00', 256), 'hex'), '\(ann.message)', '\(ann.ticket)', now(), now(), members
          FROM (VALUES ('00000000-0000-7000-8000-000000000001'::uuid, 1), ('00000000-0000-7000-8000-000000000002', 1)) g(id, members);
        INSERT INTO desk.feedback (message, ticket, group_id, at)
        VALUES ('\(ann.message)', '\(ann.ticket)', '00000000-0000-7000-8000-000000000001', now()),
               ('\(bob.message)', '\(bob.ticket)', '00000000-0000-7000-8000-000000000002', now());
        INSERT INTO desk.follow_up (ticket, rating, done_at, done_by, outcome)
        VALUES ('\(ann.ticket)', 1, now(), 'eve', 'called ann-7391'), ('\(bob.ticket)', 1, now(), 'eve', 'called bob');
        INSERT INTO desk.hot_issue (category, tickets, expected, examples)
        VALUES ('refund', 20, 2, ARRAY['\(bob.ticket)', '\(ann.ticket)']::uuid[]);
        """)
      let erasure = try #require(
        try await desk.store.privacy.erase(customer: "ann-7391", of: "web", reason: "asked for it", receipt: "r1"))
      #expect(erasure.lessons == 2)
      #expect(try await desk.number("SELECT count(*) FROM desk.correction") == 1)
      #expect(try await desk.number("SELECT count(*) FROM desk.feedback_group") == 1)
      // A group with others is represented by their text, not by erased text.
      #expect(
        try await desk.number("SELECT count(*) FROM desk.feedback_group WHERE first_message = '\(bob.message)'") == 1)
      #expect(try await desk.number("SELECT count(*) FROM desk.follow_up WHERE outcome ~ 'ann'") == 0)
      #expect(try await desk.number("SELECT count(*) FROM desk.follow_up WHERE outcome = 'called bob'") == 1)
      #expect(try await desk.store.learning.hotIssues(limit: 5).first?.examples == [bob.ticket])
      let proof = try #require(try await desk.store.audit.auditEntries(after: erasure.entry - 1, limit: 1).first)
      for count in [#""corrections": 1"#, #""feedback": 1"#, #""follow_ups": 1"#, #""hot_issues": 1"#] {
        #expect(proof.detail.contains(count), "\(proof.detail)")
      }
    }
  }

  @Test func dependentRowsAreDeletedWithTicketsAndAudited() async throws {
    try await TestDesk.with { desk in
      let fresh = try await desk.accept(from: ["bob"])[0]
      let old = "desk.uuid_floor(now() - interval '40 days')"
      try await desk.run(
        """
        INSERT INTO desk.correction (ticket, message, category, by_agent, model_version)
        SELECT t, t, 'refund', 'ada', 'm' FROM unnest(ARRAY[\(old), '\(fresh.ticket)'::uuid]) t;
        INSERT INTO desk.ticket_link (ticket, other, kind, by_agent) VALUES
          ('\(fresh.ticket)', \(old), 'related', 'ada'), ('\(fresh.ticket)', '\(fresh.message)', 'related', 'ada');
        INSERT INTO desk.rating (ticket, solved) SELECT t, true FROM unnest(ARRAY[\(old), '\(fresh.ticket)'::uuid]) t;
        INSERT INTO desk.follow_up (ticket, rating) SELECT t, 1 FROM unnest(ARRAY[\(old), '\(fresh.ticket)'::uuid]) t;
        INSERT INTO desk.feedback_group (id, category, signature, first_message, first_ticket, opened_at, last_at, messages)
        SELECT gen_random_uuid(), category, decode(repeat('00', 256), 'hex'), \(old), \(old), now() - interval '40 days', last, 1
          FROM (VALUES ('suggestion', now() - interval '40 days'), ('product_fault', now())) g(category, last);
        INSERT INTO desk.feedback (message, ticket, group_id, at)
        SELECT \(old), \(old), id, last_at FROM desk.feedback_group WHERE category = 'suggestion';
        INSERT INTO desk.feedback (message, ticket, group_id, at)
        SELECT '\(fresh.message)', '\(fresh.ticket)', id, last_at FROM desk.feedback_group WHERE category = 'product_fault';
        INSERT INTO desk.hot_issue (category, raised_at, ended_at, tickets, expected, examples) VALUES
          ('refund', now() - interval '40 days', now() - interval '39 days', 20, 2, ARRAY[\(old)]),
          ('refund', now(), NULL, 20, 2, ARRAY[\(old), '\(fresh.ticket)'::uuid]);
        INSERT INTO desk.customer (channel, external_id, tier, last_ticket) VALUES
          ('web', 'long gone', 'standard', \(old)), ('web', 'kept for her tier', 'vip', \(old)),
          ('web', 'bob', 'standard', \(old));
        INSERT INTO desk.customer_contact (channel, customer, key_name, sealed, given_at)
        SELECT 'web', customer, 'k', '\\x00', now() - interval '40 days' FROM unnest(ARRAY['long gone', 'bob']) AS customer;
        """)
      let forgotten = try await desk.store.privacy.forget(olderThan: 30)
      #expect(forgotten.partitions.isEmpty)
      for (table, left) in [
        "correction": 1, "ticket_link": 1, "rating": 1, "follow_up": 1, "feedback": 1, "feedback_group": 1,
        "hot_issue": 1,
        "customer": 2, "customer_contact": 1,
      ] {
        #expect(try await desk.number("SELECT count(*) FROM desk.\(table)") == Int64(left), "\(table)")
      }
      #expect(
        try await desk.number("SELECT count(*) FROM desk.feedback_group WHERE first_ticket = '\(fresh.ticket)'") == 1)
      #expect(try await desk.store.learning.hotIssues(limit: 5).first?.examples == [fresh.ticket])
      #expect(
        try await desk.number("SELECT count(*) FROM desk.customer WHERE tier = 'vip' AND last_ticket IS NULL") == 1)
      let noted = try #require(
        try await desk.store.audit.newestAuditEntries(ofKind: "retention.forgotten", limit: 5).first)
      for part in [
        "corrections", "links", "ratings", "follow_ups", "feedback", "feedback_groups", "hot_issues", "customers",
        "contacts",
      ] {
        #expect(noted.detail.contains("\"\(part)\": 1"), "\(part): \(noted.detail)")
      }
      // Nothing is left to do, and nothing is recorded.
      #expect(try await desk.store.privacy.forget(olderThan: 30) == Forgotten())
      #expect(try await desk.store.audit.newestAuditEntries(ofKind: "retention.forgotten", limit: 5).count == 1)
    }
  }

  /// Day partitions of 9 to 11 days ago.
  private static let oldDays = DayPartitions.script(daysAgo: 9...11)

  @Test func historyIsDeletedByDayExceptForLiveTickets() async throws {
    try await TestDesk.with { desk in
      try await desk.run(
        """
        \(Self.oldDays)
        INSERT INTO desk.message (id, ticket_id, direction, channel, author, body, received_at)
        SELECT desk.uuid_floor(now() - make_interval(days => days)), desk.uuid_floor(now() - make_interval(days => days)), 1, 'web',
               'ann', 'old', now() FROM generate_series(9, 11) days;
        INSERT INTO desk.message_key (channel, external_id, message_id, digest, received_at)
        SELECT channel, 'key ' || id, id, '', received_at FROM desk.message;
        INSERT INTO desk.open_ticket (ticket_id, channel, customer, opened_at)
        SELECT ticket_id, channel, author, received_at FROM desk.message WHERE id < desk.uuid_floor(now() - interval '9.5 days')
         ORDER BY id DESC LIMIT 1;
        """)
      #expect(try await desk.store.privacy.forget(olderThan: 30) == Forgotten())
      let held = try await desk.store.privacy.forget(olderThan: 5)
      #expect(held.partitions.count == 9, "one old ticket does not retain a day: \(held.partitions)")
      // The keys of the two dropped messages.
      #expect(held.rows == 2)
      #expect(try await desk.number("SELECT count(*) FROM desk.message JOIN desk.open_ticket USING (ticket_id)") == 1)
      #expect(try await desk.number("SELECT count(*) FROM desk.message") == 1)
      #expect(try await desk.store.privacy.forget(olderThan: 5) == Forgotten())
      try await desk.run("DELETE FROM desk.open_ticket")
      let rest = try await desk.store.privacy.forget(olderThan: 5)
      #expect(rest.partitions.isEmpty && rest.rows == 2, "the message and its key")
      #expect(try await desk.number("SELECT count(*) FROM desk.message") == 0)
      #expect(try await desk.number("SELECT count(*) FROM desk.message_key") == 0)
      let entries = try await desk.store.audit.newestAuditEntries(ofKind: "retention.dropped", limit: 20)
      #expect(entries.count == 9)
      #expect(entries.count { $0.detail.contains(#""kept": 1"#) } == 1)
      await #expect(throws: PostgresError.self) { try await desk.store.privacy.forget(olderThan: 0) }
    }
  }

  @Test func pendingRepliesAndDeadLettersKeepOnlyTheirTicket() async throws {
    try await TestDesk.with { desk in
      try await desk.run(
        """
        \(Self.oldDays)
        INSERT INTO desk.message (id, ticket_id, direction, channel, author, body, received_at)
        SELECT (left(desk.uuid_floor(now() - interval '10 days')::text, 34) || side || n)::uuid,
               (left(desk.uuid_floor(now() - interval '10 days')::text, 34) || '0' || n)::uuid, side, 'web', 'ann',
               'words ' || n, now() FROM generate_series(1, 3) n, generate_series(1, 2) side;
        INSERT INTO desk.ticket_event (ticket_id, version, position, kind, actor, at, detail)
        SELECT DISTINCT ticket_id, 1, 0, 'closed', 'desk', now(), '{}'::jsonb FROM desk.message;
        INSERT INTO desk.closed_ticket (id, state, channel, customer, opened_at, closed_at, ticket)
        SELECT DISTINCT ticket_id, 'closed', 'web', 'ann', now(), now(), '{}'::jsonb FROM desk.message;
        INSERT INTO desk.outbox (id, hook, kind, ticket_id, body, created_at, next_attempt_at)
        SELECT gen_random_uuid(), 'crm', 'message.replied', ticket_id, json_build_object('message', id)::text, now(), now()
          FROM desk.message WHERE body = 'words 1' AND direction = 2;
        INSERT INTO desk.dead_letter (id, kind, ticket_id, reason, body)
        SELECT id, 'message', ticket_id, 'poison', '{}' FROM desk.message WHERE body = 'words 2' AND direction = 1;
        """)
      _ = try await desk.store.privacy.forget(olderThan: 1)
      func left() async throws -> [Int64] {
        var counts: [Int64] = []
        for table in ["message", "ticket_event", "closed_ticket"] {
          counts.append(try await desk.number("SELECT count(*) FROM desk.\(table)"))
        }
        return counts
      }
      #expect(try await left() == [4, 2, 2])
      #expect(try await desk.number("SELECT count(*) FROM desk.message WHERE body = 'words 3'") == 0)
      // The reply is delivered with its text; after that nothing retains it.
      let claimed = try #require(
        await desk.store.outbox.claimNotices(for: "crm", by: desk.fresh(), limit: 9, claimTime: .seconds(60)).first)
      let reply = try #require(claimed.body.split(separator: "\"").map(String.init).compactMap { MessageID($0) }.first)
      #expect(try await desk.store.conversations.message(reply)?.body == "words 1")
      try await desk.store.outbox.delivered([claimed.id])
      _ = try await desk.store.privacy.forget(olderThan: 1)
      #expect(try await left() == [2, 1, 1])
      let noted = try #require(await desk.store.audit.newestAuditEntries(ofKind: "retention.forgotten", limit: 1).first)
      #expect(noted.detail.contains(#""messages": 2"#) && noted.detail.contains(#""timelines": 1"#))
    }
  }

  @Test func aDayStillMuchNeededIsKeptWhole() async throws {
    try await TestDesk.with { desk in
      try await desk.run(
        """
        \(Self.oldDays)
        CREATE OR REPLACE FUNCTION desk.rows_moved_of_day() RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT 1::bigint';
        INSERT INTO desk.message (id, ticket_id, direction, channel, author, body, received_at)
        SELECT (left(desk.uuid_floor(now() - interval '10 days')::text, 35) || n)::uuid,
               desk.uuid_floor(now() - interval '10 days'), 1, 'web', 'ann', 'words', now() FROM generate_series(1, 2) n;
        INSERT INTO desk.open_ticket (ticket_id, channel, customer, opened_at)
        SELECT DISTINCT ticket_id, channel, author, received_at FROM desk.message;
        """)
      #expect(try await desk.store.privacy.forget(olderThan: 5).partitions.count == 8)
      #expect(try await desk.number("SELECT count(*) FROM desk.message") == 2)
      try await desk.run("DELETE FROM desk.open_ticket")
      #expect(try await desk.store.privacy.forget(olderThan: 5).partitions.count == 1)
      #expect(try await desk.number("SELECT count(*) FROM desk.message") == 0)
    }
  }

  @Test func anOldKeyWorksOnlyForItsGracePeriod() async throws {
    try await TestDesk.with { desk in
      let ids = try await [desk.fresh(APIKey.self), desk.fresh(APIKey.self), desk.fresh(APIKey.self)]
      let digests = (0..<3).map { Array(repeating: UInt8($0), count: 32) }
      try await desk.store.access.addKey(
        id: ids[0], digest: digests[0], role: .channel, channel: "web", agent: nil, label: "shop",
        lifetime: .seconds(3600),
        access: .read)
      #expect(
        try await desk.store.access.rotateKey(
          ids[0], to: ids[1], digest: digests[1], grace: .seconds(60), lifetime: nil))
      let (old, fresh) = (
        try await desk.store.access.key(digest: digests[0]), try await desk.store.access.key(digest: digests[1])
      )
      #expect(old?.replacedBy == ids[1])
      #expect(fresh?.channel == "web" && fresh?.access == .read && fresh?.label == "shop")
      let ends = try (#require(old?.expiresAt), #require(fresh?.expiresAt))
      #expect(ends.0 < ends.1, "the old one expires after its grace period, the new one after its own hour")
      let twice = try await desk.store.access.rotateKey(
        ids[0], to: ids[2], digest: digests[2], grace: .zero, lifetime: nil)
      #expect(!twice)
      #expect(
        try await desk.store.access.rotateKey(
          ids[1], to: ids[2], digest: digests[2], grace: .zero, lifetime: .seconds(60)))
      #expect(try await desk.store.access.key(digest: digests[1]) == nil)
      #expect(try await desk.store.access.key(digest: digests[2]) != nil)
    }
  }
}
