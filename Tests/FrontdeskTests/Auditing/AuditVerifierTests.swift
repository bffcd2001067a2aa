import DeskCore
import PostgreSQL
import Store
import TestStore
import Testing

@testable import Administration

/// Tampering with a real database, as its owner could.
@Suite struct AuditVerifierTests {
  @Test func anUntouchedAuditIsValid() async throws {
    try await audited { store in
      var verifier = AuditVerifier(store: store)
      try await verifier.verifyChain()
      try await verifier.verifyTimelines()
      #expect(verifier.summary.contains("1 sealed ranges of timelines are valid"))
      let expected = try #require(verifier.summary.split(separator: "\n").last).split(separator: ":")
      #expect(expected.count == 2 && expected[1].count == 64)
      try await store.audit.note("test", of: "later", detail: .object([]))
      var later = AuditVerifier(store: store, expected: (try #require(Int64(expected[0])), String(expected[1])))
      try await later.verifyChain()
    }
  }

  @Test(
    "names the first entry that was tampered with",
    arguments: [
      ("UPDATE desk.audit SET actor = 'nobody' WHERE number = 8", 8),
      ("UPDATE desk.audit SET detail = '{\"x\": 1}' WHERE number = 9", 9),
      ("UPDATE desk.audit SET at = at + interval '1 microsecond' WHERE number = 7", 7),
      ("UPDATE desk.audit SET kind = 'tes', subject = 't' || subject WHERE number = 9", 9),
      ("DELETE FROM desk.audit WHERE number = 8", 8),
      ("DELETE FROM desk.audit WHERE number >= 10", 10),
      (
        """
        UPDATE desk.audit SET number = 1000 WHERE number = 8;
        UPDATE desk.audit SET number = 8 WHERE number = 9;
        UPDATE desk.audit SET number = 9 WHERE number = 1000
        """, 8
      ),
      // Recomputing the entry's own digest breaks the next one.
      (
        """
        UPDATE desk.audit SET actor = 'nobody', digest = sha256(previous || desk.netstring(number::text)
          || desk.netstring((extract(epoch FROM at) * 1000000)::bigint::text) || desk.netstring('nobody')
          || desk.netstring(kind) || desk.netstring(subject) || desk.netstring(detail)) WHERE number = 8
        """, 9
      ),
    ])
  func theFirstBrokenEntryIsNamed(tampering: String, entry: Int64) async throws {
    try await audited { store in
      try await store.pool.executeScript("ALTER TABLE desk.audit DISABLE TRIGGER USER; " + tampering)
      let broken = await #expect(throws: AuditChain.Break.self) {
        var verifier = AuditVerifier(store: store)
        try await verifier.verifyChain()
      }
      #expect(broken?.entry == entry, "\(broken?.description ?? "nothing was found")")
    }
  }

  @Test func aWrongLastEntryIsFound() async throws {
    try await audited { store in
      try await store.pool.executeScript("UPDATE desk.audit_head SET digest = sha256('')")
      await #expect(throws: AuditChain.Break.self) {
        var verifier = AuditVerifier(store: store)
        try await verifier.verifyChain()
      }
    }
  }

  @Test func aRewrittenChainIsFoundByASavedDigest() async throws {
    try await audited { store in
      let kept = try #require(try await store.audit.auditEntries(after: 8, limit: 1).first)
      try await store.pool.executeScript(
        """
        ALTER TABLE desk.audit DISABLE TRIGGER USER;
        DELETE FROM desk.audit;
        UPDATE desk.audit_head SET number = 0, digest = decode(repeat('00', 32), 'hex');
        SELECT desk.audit_append('test', n::text, '{}') FROM generate_series(1, 20) n;
        """)
      var trusting = AuditVerifier(store: store)
      try await trusting.verifyChain()
      let broken = await #expect(throws: AuditChain.Break.self) {
        var verifier = AuditVerifier(store: store, expected: (kept.number, Hexadecimal.text(kept.digest)))
        try await verifier.verifyChain()
      }
      #expect(broken?.entry == kept.number)
    }
  }

  @Test(
    "names a timeline that was changed after its seal",
    arguments: [
      "UPDATE desk.ticket_event SET actor = 'nobody' WHERE version = 2",
      "DELETE FROM desk.ticket_event WHERE version = 3",
      "INSERT INTO desk.ticket_event SELECT ticket_id, 9, 0, kind, actor, at, detail FROM desk.ticket_event LIMIT 1",
    ])
  func changedTimelinesAreFound(tampering: String) async throws {
    try await audited { store in
      let seal = try #require(try await store.audit.newestAuditEntries(ofKind: "timeline.", limit: 1).first)
      try await store.pool.executeScript(tampering)
      var verifier = AuditVerifier(store: store)
      try await verifier.verifyChain()
      let broken = await #expect(throws: AuditChain.Break.self) { try await verifier.verifyTimelines() }
      #expect(broken?.entry == seal.number)
      #expect(broken?.description.contains(seal.subject) == true)
    }
  }

  @Test(arguments: [1, 2])
  func anErasureBlanksReasonsAndStaysValid(form: Int) async throws {
    try await audited { store in
      if form == 1 {
        let seal = try #require(
          try await store.audit.newestAuditEntries(ofKind: "timeline.", limit: 1).first.flatMap { TimelineSeal($0) })
        try await asOlderBuildsSealed(seal, in: store)
      }
      try await store.pool.executeScript(
        """
        INSERT INTO desk.closed_ticket (id, state, channel, customer, opened_at, closed_at, ticket)
        SELECT DISTINCT ticket_id, 'closed', 'web', 'Zebulon', now(), now(), '{}'::jsonb FROM desk.ticket_event
        """)
      let ticket = try await store.pool.query(
        PostgresStatement<TicketID>("test_ticket", "SELECT id FROM desk.closed_ticket"))[0]
      try await store.audit.note(
        "follow_up.done", of: ticket.description, detail: .object([.init("reason", "called Zebulon")]))
      for isErased in [false, true] {
        if isErased {
          #expect(try await store.privacy.erase(customer: "Zebulon", of: "web", reason: "asked", receipt: "r") != nil)
        }
        var verifier = AuditVerifier(store: store)
        try await verifier.verifyChain()
        try await verifier.verifyTimelines()
        #expect(verifier.summary.contains("1 sealed ranges of timelines are valid"))
        let left = try await store.pool.query(
          PostgresStatement<Int64>(
            "test_left_\(isErased)",
            "SELECT (SELECT count(*) FROM desk.ticket_event e WHERE e::text ~ 'Zebulon') + (SELECT count(*) FROM desk.audit_free_text r WHERE r::text ~ 'Zebulon')"
          ))[0]
        #expect((left == 0) == isErased)
      }
      // A blanked value cannot be replaced by another.
      try await store.pool.executeScript(
        #"UPDATE desk.ticket_event SET detail = '{"a": 1, "reason": "never said"}' WHERE version = 1"#)
      var verifier = AuditVerifier(store: store)
      try await verifier.verifyChain()
      await #expect(throws: AuditChain.Break.self) { try await verifier.verifyTimelines() }
    }
  }

  @Test func aChangedReasonIsFound() async throws {
    try await audited { store in
      try await store.audit.note("presence.set", of: "ann", detail: .object([.init("reason", "lunch")]))
      let entry = try #require(try await store.audit.newestAuditEntries(ofKind: "presence.", limit: 1).first)
      #expect(entry.reason?.text == "lunch" && !entry.detail.contains("lunch"))
      try await store.pool.executeScript("UPDATE desk.audit_free_text SET reason = 'holiday'")
      let broken = await #expect(throws: AuditChain.Break.self) {
        var verifier = AuditVerifier(store: store)
        try await verifier.verifyChain()
      }
      #expect(broken?.entry == entry.number)
    }
  }

  @Test func aRangeSealedTwiceIsFound() async throws {
    try await audited { store in
      let seal = try #require(try await store.audit.newestAuditEntries(ofKind: "timeline.", limit: 1).first)
      try await store.pool.executeScript(
        "SELECT desk.audit_append(kind, subject, detail::jsonb || '{\"digest\": \"00\"}') FROM desk.audit WHERE number = \(seal.number)"
      )
      let broken = await #expect(throws: AuditChain.Break.self) {
        var verifier = AuditVerifier(store: store)
        try await verifier.verifyChain()
      }
      #expect(broken?.entry == seal.number + 1)
    }
  }

  /// Rewrites a seal in the form of builds before schema 92. Only a test may: the chain is rewritten from there.
  private func asOlderBuildsSealed(_ seal: TimelineSeal, in store: DeskStore) async throws {
    let raw = try await store.audit.timelineDigest(from: seal.from, to: seal.to, form: .asKept)
    let digest = Hexadecimal.text(raw.digest)
    try await store.pool.executeScript(
      """
      ALTER TABLE desk.audit DISABLE TRIGGER USER;
      DELETE FROM desk.audit WHERE number = \(seal.entry);
      UPDATE desk.audit_head SET (number, digest) = (SELECT number, digest FROM desk.audit ORDER BY number DESC LIMIT 1);
      ALTER TABLE desk.audit ENABLE TRIGGER USER;
      ALTER TABLE desk.timeline_range DISABLE TRIGGER USER;
      UPDATE desk.timeline_range SET form = 1, digest = decode('\(digest)', 'hex');
      ALTER TABLE desk.timeline_range ENABLE TRIGGER USER;
      SELECT desk.audit_append('timeline.sealed', '\(seal.from)', jsonb_build_object(
        'to', '\(seal.to)', 'tickets', 1, 'events', 3, 'digest', '\(digest)'));
      """)
  }

  @Test func anErasureReceiptDependsOnEveryPart() {
    let receipts = [
      EraseCommand.receipt(secret: "s", channel: "web", customer: "ann"),
      EraseCommand.receipt(secret: "t", channel: "web", customer: "ann"),
      EraseCommand.receipt(secret: "s", channel: "web", customer: "bob"),
      EraseCommand.receipt(secret: "s", channel: "app", customer: "ann"),
    ]
    #expect(Set(receipts).count == 4)
    #expect(!receipts[0].contains("ann"))
  }

  /// A desk with a handful of entries and one sealed range of three entries.
  private func audited(_ body: (DeskStore) async throws -> Void) async throws {
    try await TestDatabase.with(connections: 2) { store in
      for number in 1...10 { try await store.audit.note("test", of: "\(number)", detail: .object([])) }
      try await store.pool.executeScript(
        """
        INSERT INTO desk.ticket_event (ticket_id, version, position, kind, actor, at, detail)
        SELECT desk.uuid_floor(now() - interval '3 hours'), version, 0, 'accepted', 'agent:ann', now(),
               '{"a": 1, "reason": "knows Zebulon"}'
          FROM generate_series(1, 3) version
        """)
      #expect(try await store.audit.openTimelineRanges() == 1)
      #expect(try await store.audit.sealNextTimelineRange())
      try await body(store)
    }
  }
}
