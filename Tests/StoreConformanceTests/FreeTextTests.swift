import PostgreSQL
import Store
import Testing

@testable import DeskCore

/// A customer's name in every place where people write, and none of it after an erasure.
@Suite struct FreeTextTests {
  private let name = "Zebulon Quaxley"
  private let ada = ActingAgent("ada", leads: true)

  /// Every column of every table that holds the name, as text or as bytes.
  private func places(_ desk: TestDesk) async throws -> Set<String> {
    try await desk.columns(matching: "zebulon|quaxley|5a6562756c6f6e|7a6562756c6f6e")
  }

  @Test func anErasedCustomersNameRemainsInNoTable() async throws {
    try await TestDesk.with { desk in
      try await desk.upsert(["ada"], capacity: 50)
      let first = try await workedOn(desk)
      try await settled(first, on: desk)
      let second = try await merged(desk)
      try await left(desk)
      let before = try await places(desk)
      #expect(
        before == [
          "message.subject", "message.body", "message.attributes", "message.attachments", "message.author",
          "message.addressee", "ticket_event.detail", "follow_up.outcome", "audit_free_text.reason",
          "draft.body", "interception.sealed", "inspection.comments", "inspection.remark", "inspection.appeal_reason",
          "inspection.decision_reason", "inspection.decided_comments",
          "audit_free_text.customer", "reply.customer",
          "closed_ticket.customer", "closed_ticket.ticket", "open_ticket.customer", "ticket_guest.customer",
          "ticket.guest_customer", "customer.external_id", "customer_contact.customer", "customer_contact.sealed",
          "outbox.body", "outbox.last_error", "dead_letter.reason", "dead_letter.body", "hook_state.last_error",
        ], "the test writes the name everywhere it can occur")
      let entries = try await desk.store.audit.auditEntries(after: 0, limit: 1000)
      let erasure = try #require(
        try await desk.store.privacy.erase(customer: name, of: "web", reason: "asked for it", receipt: "r"))
      #expect(erasure.tickets > 0 && erasure.entry > 0)
      #expect(try await places(desk) == [])
      // The audit record stays unchanged.
      let after = try await desk.store.audit.auditEntries(after: 0, limit: 1000)
      #expect(after.prefix(entries.count).map(\.digest) == entries.map(\.digest))
      #expect(after.prefix(entries.count).map(\.detail) == entries.map(\.detail))
      let done = try #require(after.first { $0.kind == "follow_up.done" })
      #expect(done.reason == nil && done.detail.contains("reason_sha256"))
      #expect(after.first { $0.kind == "customer.erased" }?.reason?.text == "asked for it")
      // A program's texts and what others wrote about others stay.
      let kept = try await desk.number(
        "SELECT count(*) FROM desk.ticket_event WHERE ticket_id = '\(second)' AND detail->>'reason' = 'about bob'")
      #expect(kept == 0, "on a ticket that two customers share it may concern either")
      #expect(
        try await desk.number("SELECT count(*) FROM desk.ticket_event WHERE detail->>'reason' = 'about dora'") == 1)
    }
  }

  @Test func aSealIsValidBeforeAndAfterAnErasure() async throws {
    try await TestDesk.with { desk in
      let (from, to) = try await sealedHistory(desk)
      let before = try await desk.store.audit.timelineDigest(from: from, to: to, form: .asBlanked)
      let seal = try #require(try await desk.store.audit.newestAuditEntries(ofKind: "timeline.sealed", limit: 1).first)
      #expect(seal.detail.contains(#""form": 2"#) && seal.detail.contains(hexadecimal(before.digest)))
      _ = try #require(try await desk.store.privacy.erase(customer: name, of: "web", reason: "r", receipt: "r"))
      #expect(try await places(desk) == [])
      #expect(try await desk.store.audit.timelineDigest(from: from, to: to, form: .asBlanked) == before)
    }
  }

  @Test func anOlderBuildsSealIsRenewedOnlyWhileValid() async throws {
    for isTamperedWith in [false, true] {
      try await TestDesk.with { desk in
        let (from, to) = try await sealedHistory(desk)
        let raw = try await desk.store.audit.timelineDigest(from: from, to: to, form: .asKept)
        // As a build before schema 92 left it.
        try await desk.run(
          """
          ALTER TABLE desk.timeline_range DISABLE TRIGGER USER;
          UPDATE desk.timeline_range SET form = 1, digest = decode('\(hexadecimal(raw.digest))', 'hex');
          ALTER TABLE desk.timeline_range ENABLE TRIGGER USER;
          """)
        if isTamperedWith { try await desk.run("UPDATE desk.ticket_event SET actor = 'agent:eve'") }
        _ = try #require(try await desk.store.privacy.erase(customer: name, of: "web", reason: "r", receipt: "r"))
        let seals = try await desk.store.audit.newestAuditEntries(ofKind: "timeline.sealed", limit: 5)
        #expect(seals.count == (isTamperedWith ? 1 : 2))
        #expect(try await places(desk) == [])
      }
    }
  }

  @Test func aServiceCannotSealMissingHistory() async throws {
    try await TestDesk.with { desk in
      let (from, to) = try await sealedHistory(desk, sealing: false)
      try await desk.run(
        "UPDATE desk.timeline_range SET tickets = 7, events = 7, digest = sha256('nothing'), sealed_at = now()")
      let seal = try #require(try await desk.store.audit.newestAuditEntries(ofKind: "timeline.sealed", limit: 1).first)
      let held = try await desk.store.audit.timelineDigest(from: from, to: to, form: .asBlanked)
      #expect(seal.detail.contains(hexadecimal(held.digest)), "the database computes the digest itself")
    }
  }

  @Test func remarksAreDeletedWithTheirTicketsHistory() async throws {
    try await TestDesk.with { desk in
      let fresh = try await desk.accept(from: ["ann"])[0].ticket
      let old = try await desk.store.pool.query(
        PostgresStatement<TicketID>("test_old_id", "SELECT desk.uuid_floor(now() - interval '40 days')"))[0]
      for ticket in [old, fresh] {
        try await desk.store.audit.note(
          "follow_up.done", of: ticket.description, detail: .object([.init("reason", "called")]))
      }
      #expect(try await desk.store.privacy.forget(olderThan: 30).rows == 1)
      let entries = try await desk.store.audit.newestAuditEntries(ofKind: "follow_up.done", limit: 2)
      #expect(entries.map(\.reason?.text) == ["called", nil])
      #expect(try await desk.store.privacy.forget(olderThan: 30) == Forgotten())
    }
  }

  // MARK: Places

  private func incoming(_ external: String, from customer: String, on desk: TestDesk) async throws -> Acceptance {
    var message = try await desk.message(external, from: customer)
    if customer == name {
      message.subject = "from \(name)"
      message.body = "I am \(name)"
      message.attributes = PostgresJSON(#"{"name":"\#(name)"}"#)
      message.attachments = PostgresJSON(#"[{"url":"https://a.example/zebulon.pdf"}]"#)
    }
    return try #require(try await desk.store.inbox.accept([message], owner: nil)[0].acceptance)
  }

  private func routed(_ acceptance: Acceptance, on desk: TestDesk) async throws -> Ticket {
    var ticket = try #require(await desk.store.tickets.tickets([acceptance.ticket])[acceptance.ticket])
    #expect(try await desk.take(&ticket, .routed(.test(acceptance.message)), decides: [acceptance.message]))
    return ticket
  }

  /// A ticket with a reason at every step that takes one, answered and noted.
  private func workedOn(_ desk: TestDesk) async throws -> Ticket {
    var ticket = try await routed(try await incoming("m-1", from: name, on: desk), on: desk)
    let said = "said of \(name)"
    var offer = try await desk.offer(to: "ada")
    #expect(try await desk.take(&ticket, .offered(offer)))
    #expect(try await desk.take(&ticket, .declined(offer.id, by: "ada", reason: said)))
    #expect(try await desk.take(&ticket, .priorityChanged(.urgent, by: .operator("key"), reason: said)))
    let message: MessageID = try await desk.fresh()
    let decision = RoutingDecision(
      queue: "billing", priority: .urgent, skills: [], weight: 1,
      labels: Labels(
        category: "complaint", intent: "complaint", confidence: 1, urgency: .normal, sentiment: .neutral,
        language: "en", modelVersion: "m"), needsTriage: false, targets: .none, rule: nil, policyVersion: 1)
    let correction = Correction(message: message, category: "complaint", by: ada, modelVersion: "m")
    #expect(try await desk.take(&ticket, .labelled(decision, correction, reason: said)))
    #expect(try await desk.take(&ticket, .transferred(.queue("other", skills: []), by: ada, reason: said)))
    offer = try await desk.offer(to: "ada")
    #expect(try await desk.take(&ticket, .offered(offer)))
    #expect(try await desk.take(&ticket, .accepted(offer.id, by: "ada", reason: said)))
    let reply = OutgoingMessage(
      id: try await desk.fresh(), isPublic: true, author: "ada", body: "Dear \(name)",
      attachments: #"[{"url":"https://a.example/quaxley.pdf"}]"#)
    let notices = try await [notice(of: ticket.id, on: desk), notice(of: ticket.id, on: desk)]
    let replied = try await desk.step(
      &ticket, .replied(reply.id, by: "ada", awaitsCustomer: false), outgoing: reply, notices: notices)
    #expect(try await desk.store.tickets.commit([replied]) == [ticket.id])
    try await desk.store.outbox.postpone(notices[0].id, by: .seconds(60), error: "refused by \(name)")
    try await desk.store.outbox.deadLetter(notices[1].id, reason: "refused by \(name)")
    let note = OutgoingMessage(id: try await desk.fresh(), isPublic: false, author: "ada", body: "call \(name)")
    #expect(
      try await desk.store.tickets.commit([desk.step(&ticket, .noted(note.id, by: "ada"), outgoing: note)]) == [
        ticket.id
      ])
    _ = try await desk.store.drafts.keep(
      "Dear \(name), again", awaitsCustomer: false, at: Draft.Place(ticket: ticket.id, agent: "ada", kind: .reply),
      replacing: nil, as: try await desk.fresh())
    // References to this ticket in another customer's timeline.
    var other = try await desk.queued(["dora"])[0]
    #expect(try await desk.take(&other, .linked(ticket.id, by: ada, reason: said)))
    #expect(try await desk.take(&other, .transferred(.queue("other", skills: []), by: ada, reason: "about dora")))
    return ticket
  }

  private func notice(of ticket: TicketID, on desk: TestDesk) async throws -> Notice {
    try await Notice(
      id: desk.fresh(), hook: "crm", kind: .messageReplied, ticket: ticket,
      body: .object([.init("channel", "web"), .init("customer", .text(name))]))
  }

  /// Settled, rated with a comment, followed up, and closed.
  private func settled(_ worked: Ticket, on desk: TestDesk) async throws {
    var ticket = worked
    #expect(try await desk.take(&ticket, .resolved(by: "ada", reason: "settled with \(name)")))
    let comment = OutgoingMessage(id: try await desk.fresh(), besideRating: "\(name) is not content")
    let feedback = Feedback(solved: true, rating: 1, comment: comment.id, followUpBelow: 3, lead: "eve")
    #expect(
      try await desk.store.tickets.commit([desk.step(&ticket, .feedbackReceived(feedback), outgoing: comment)]) == [
        ticket.id
      ])
    _ = try await desk.store.learning.finishFollowUp(of: ticket.id, by: "eve", outcome: "called \(name)")
    try await desk.store.audit.note(
      "follow_up.done", of: ticket.id.description, detail: .object([.init("reason", .text("called \(name)"))]))
    try await desk.store.privacy.setCustomer(name, of: "web", tier: .vip, dedicatedAgent: "ada")
    try await desk.store.audit.note(
      "customer.set", of: "web",
      detail: .object([.init("customer", .text(name)), .init("reason", .text("\(name) complained"))]))
    #expect(try await desk.take(&ticket, .reopenWindowPassed))
    try await inspected(ticket.id, on: desk)
  }

  /// A reply that was intercepted, and an inspection that was appealed.
  private func inspected(_ ticket: TicketID, on desk: TestDesk) async throws {
    try await desk.store.interceptions.record(
      Interception(
        id: desk.fresh(), ticket: ticket, agent: "ada", queue: "billing", message: nil,
        findings: [ReplyFinding(rule: "insults", action: .block, term: "idiot")],
        sealed: SealedContact(key: "k", bytes: Array(name.utf8))))
    try await desk.run(
      """
      INSERT INTO desk.inspection (id, ticket, agent, cause, state, inspector, inspected_at, appeal_until, criteria, weights, scales,
        scores, percent, comments, remark, appealed_at, appeal_reason, decided_at, decided_by, decision_reason, decided_scores,
        decided_percent, decided_comments)
      VALUES (gen_random_uuid(), '\(ticket)', 'ada', 'share', 'changed', 'eve', now(), now(), '{a}', '{1}', '{5}', '{0}', 0,
        '{"\(name)"}', '\(name)', now(), '\(name)', now(), 'zed', '\(name)', '{5}', 100, '{"\(name)"}')
      """)
  }

  /// A ticket that was merged into another customer's, which is live and answered.
  private func merged(_ desk: TestDesk) async throws -> TicketID {
    var source = try await routed(try await incoming("m-2", from: name, on: desk), on: desk)
    var target = try await desk.queued(["bob"])[0]
    #expect(try await desk.take(&target, .transferred(.queue("other", skills: []), by: ada, reason: "about bob")))
    let steps = try await [
      desk.step(&source, .merged(into: target.id, by: ada, reason: "\(name) again")),
      desk.step(
        &target, .absorbed(source.id, by: ada, reason: "\(name) again", addressing: Correspondent(name, on: "web"))),
    ]
    #expect(try await desk.store.tickets.commit(together: steps))
    let offer = try await desk.offer(to: "ada")
    #expect(try await desk.take(&target, .offered(offer)))
    #expect(try await desk.take(&target, .accepted(offer.id, by: "ada")))
    let reply = OutgoingMessage(id: try await desk.fresh(), isPublic: true, author: "ada", body: "Dear \(name)")
    let replied = try await desk.step(&target, .replied(reply.id, by: "ada", awaitsCustomer: false), outgoing: reply)
    #expect(try await desk.store.tickets.commit([replied]) == [target.id])
    return target.id
  }

  /// A dead-letter message, an undecided one, and the customer's contact.
  private func left(_ desk: TestDesk) async throws {
    let poison = try await incoming("m-3", from: name, on: desk)
    #expect(try await desk.store.outbox.deadLetter(poison.message, reason: "words of \(name)"))
    _ = try await incoming("m-4", from: name, on: desk)
    try await desk.store.privacy.keep([
      CustomerContact(
        channel: "web", customer: name, sealed: SealedContact(key: "k", bytes: Array(name.utf8)),
        givenAt: try await desk.store.now())
    ])
  }

  /// A closed ticket of hours ago whose timeline holds a reason.
  private func sealedHistory(_ desk: TestDesk, sealing: Bool = true) async throws -> (TicketID, TicketID) {
    try await desk.run(
      """
      INSERT INTO desk.ticket_event (ticket_id, version, position, kind, actor, at, detail)
      SELECT desk.uuid_floor(now() - interval '4 hours'), version, 0, 'accepted', 'agent:ada', now(),
             '{"reason": "knows \(name)"}' FROM generate_series(1, 2) version;
      INSERT INTO desk.closed_ticket (id, state, channel, customer, opened_at, closed_at, ticket)
      SELECT DISTINCT ticket_id, 'closed', 'web', '\(name)', now(), now(), '{"customer": "\(name)"}'::jsonb FROM desk.ticket_event;
      """)
    #expect(try await desk.store.audit.openTimelineRanges() == 1)
    if sealing { #expect(try await desk.store.audit.sealNextTimelineRange()) }
    return try await desk.store.pool.query(
      PostgresStatement("test_range", "SELECT from_id, to_id FROM desk.timeline_range") { row in
        (try row.next(TicketID.self), try row.next(TicketID.self))
      })[0]
  }

  private func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }
}
