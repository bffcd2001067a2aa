import DeskCore
import PostgreSQL
import Store
import Testing

/// The audit of administrative changes and of ended timelines.
@Suite struct AuditTests {
  @Test func everyAdministrativeChangeIsAudited() async throws {
    try await TestDesk.with { desk in
      let before = try await desk.store.audit.auditHead().number
      let ids = try await [desk.fresh(APIKey.self), desk.fresh(APIKey.self)]
      let digests = (0..<2).map { Array(repeating: UInt8($0), count: 32) }
      try await desk.store.access.addKey(
        id: ids[0], digest: digests[0], role: .operator, channel: nil, agent: nil, label: "x", lifetime: nil)
      let isRotated = try await desk.store.access.rotateKey(
        ids[0], to: ids[1], digest: digests[1], grace: .seconds(60), lifetime: nil)
      #expect(isRotated)
      #expect(try await desk.store.access.revokeKey(ids[0]))
      try await desk.store.access.addCurveKey(Array(repeating: 9, count: 32), channel: "web", label: "p")
      _ = try await desk.store.access.applyPolicy(document: "one", by: "op")
      try await desk.run("INSERT INTO desk.hook_state VALUES ('crm', now(), '410'); DELETE FROM desk.api_key")
      let accepted = try await desk.accept(from: ["ann"])
      #expect(try await desk.store.outbox.deadLetter(accepted[0].message, reason: "poison"))
      let letter = try #require(try await desk.store.outbox.deadLetters(includingReplayed: false, limit: 1).first)
      #expect(try await desk.store.outbox.replay(letter.id, freshTicket: desk.fresh()))
      try await desk.store.audit.note("presence.set", of: "ann", detail: .object([.init("by", "lea")]))
      let entries = try await desk.store.audit.auditEntries(after: before, limit: 100)
      #expect(
        entries.map(\.kind) == [
          "key.created", "key.rotated", "key.created", "key.revoked", "curve_key.created", "policy.applied",
          "hook.disabled", "key.deleted", "key.deleted", "dead_letter.replayed", "presence.set",
        ])
      #expect(entries[0].subject == ids[0].description)
      #expect(
        entries.allSatisfy { !$0.detail.contains("words of") && !$0.detail.contains("ann\"") || $0.subject == "ann" })
      #expect(
        try await desk.store.audit.auditHead() == AuditHead(number: entries[10].number, digest: entries[10].digest))
    }
  }

  @Test func concurrentEntriesFormOneChain() async throws {
    try await TestDesk.with { desk in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<40 {
          group.addTask { try await desk.store.audit.note("test", of: "\(number)", detail: .object([])) }
        }
        try await group.waitForAll()
      }
      let entries = try await desk.store.audit.auditEntries(after: 0, limit: 1000)
      #expect(entries.map(\.number) == Array(1...Int64(entries.count)))
      for (entry, next) in zip(entries, entries.dropFirst()) { #expect(next.previous == entry.digest) }
      #expect(Set(entries.filter { $0.kind == "test" }.map(\.subject)).count == 40)
    }
  }

  @Test func aRollbackLeavesNoEntryAndNoGap() async throws {
    try await TestDesk.with { desk in
      let before = try await desk.store.audit.auditHead()
      await #expect(throws: PostgresError.self) {
        try await desk.run("BEGIN; SELECT desk.audit_append('test', 'x', '{}'); SELECT 1 / 0; COMMIT")
      }
      #expect(try await desk.store.audit.auditHead() == before)
    }
  }

  @Test(arguments: [
    "UPDATE desk.audit SET actor = 'nobody'", "DELETE FROM desk.audit", "TRUNCATE desk.audit",
  ])
  func evenTheOwnerCannotChangeAnEntry(statement: String) async throws {
    try await TestDesk.with { desk in
      await #expect(throws: PostgresError.self) { try await desk.run(statement) }
    }
  }

  @Test func aRangeIsSealedAfterItsLastTicketEnds() async throws {
    try await TestDesk.with { desk in
      try await desk.run(
        """
        INSERT INTO desk.ticket_event (ticket_id, version, position, kind, actor, at, detail)
        SELECT desk.uuid_floor(now() - make_interval(hours => hours)), version, 0, 'test', 'router', now(), '{}'
          FROM generate_series(3, 5) hours, generate_series(1, 2) version;
        INSERT INTO desk.open_ticket (ticket_id, channel, customer, opened_at)
        SELECT desk.uuid_floor(now() - interval '4 hours'), 'web', 'ann', now();
        """)
      #expect(try await desk.store.audit.openTimelineRanges() == 3)
      #expect(try await desk.store.audit.openTimelineRanges() == 0)
      #expect(
        try await desk.number(
          "SELECT count(*) FROM desk.timeline_range a JOIN desk.timeline_range b ON a.to_id = b.from_id") == 2)
      var sealed = 0
      while try await desk.store.audit.sealNextTimelineRange() { sealed += 1 }
      #expect(sealed == 2, "the one with the live ticket waits")
      try await desk.run("DELETE FROM desk.open_ticket")
      #expect(try await desk.store.audit.sealNextTimelineRange())
      let seals = try await desk.store.audit.newestAuditEntries(ofKind: "timeline.sealed", limit: 10)
      #expect(seals.count == 3)
      #expect(seals.allSatisfy { $0.detail.contains(#""events": 2"#) })
      await #expect(throws: PostgresError.self) {
        try await desk.run("UPDATE desk.timeline_range SET digest = sha256('')")
      }
    }
  }
}
