import DeskCore
import PostgreSQL
import Store
import Testing

/// What is recorded of replies that violate a rule of the policy.
@Suite struct InterceptionTests {
  private func interception(
    _ desk: TestDesk, of ticket: Ticket, as message: MessageID? = nil, rules: [(String, ReplyRule.Action, String)],
    sealed: Bool = true
  ) async throws -> Interception {
    try await Interception(
      id: desk.fresh(), ticket: ticket.id, agent: "ann", queue: ticket.queue, message: message,
      findings: rules.map { ReplyFinding(rule: ReplyRuleID($0.0), action: $0.1, term: $0.2) },
      sealed: sealed ? SealedContact(key: "k", bytes: [1, 2, 3]) : nil)
  }

  @Test func refusedAttemptsAndSentRepliesAreCounted() async throws {
    try await TestDesk.with { desk in
      try await desk.upsert(["ann"], capacity: 4)
      var ticket = try await desk.queued(["cara"])[0]
      let offer = try await desk.offer(to: "ann")
      try await desk.take(&ticket, .offered(offer))
      try await desk.take(&ticket, .accepted(offer.id, by: "ann"))
      let refused = try await interception(
        desk, of: ticket, rules: [("insults", .block, "idiot"), ("tone", .note, "hm")])
      try await desk.store.interceptions.record(refused)
      let message = try await desk.fresh(Labels.self)
      var step = try await desk.step(
        &ticket, .replied(message, by: "ann", awaitsCustomer: false),
        outgoing: OutgoingMessage(id: message, isPublic: true, author: "ann", body: "hm"))
      let sent = try await interception(desk, of: ticket, as: message, rules: [("tone", .note, "hm")], sealed: false)
      step.interception = sent
      #expect(try await desk.store.tickets.commit([step]) == [ticket.id])
      // A step that does not take effect records nothing.
      #expect(try await desk.store.tickets.commit([step]) == [])
      let rows = try await desk.store.interceptions.interceptions(before: nil, limit: 9)
      #expect(rows.map(\.interception) == [sent, refused])
      #expect(
        try await desk.store.interceptions.interceptions(before: sent.id, limit: 9).map(\.interception) == [refused])
      #expect(try await desk.store.interceptions.interception(refused.id)?.interception == refused)
      #expect(try await desk.store.interceptions.interception(desk.fresh()) == nil)
      let now = try await desk.store.now()
      let figures = try await desk.store.interceptions.figures(
        from: now + .seconds(-3600), to: now + .seconds(3600), limit: 9, timeout: .seconds(20))
      #expect(
        figures.map { "\($0.agent) \($0.queue?.rawValue ?? "") \($0.rule) \($0.term) \($0.action)" } == [
          "ann billing tone hm note", "ann billing insults idiot block",
        ])
      #expect(figures.map(\.refused) == [1, 1] && figures.map(\.sent) == [1, 0])
      #expect(try await desk.store.privacy.contactKeys().map { $0.key } == ["k"])
    }
  }

  @Test func anErasureDeletesTheTextsAndRetentionTheRows() async throws {
    try await TestDesk.with { desk in
      let tickets = try await desk.queued(["ann-7391", "bob"])
      for ticket in tickets {
        try await desk.store.interceptions.record(
          interception(desk, of: ticket, rules: [("insults", .block, "idiot")]))
      }
      try await desk.run(
        """
        INSERT INTO desk.interception (id, ticket, agent, rules, terms, actions)
        SELECT gen_random_uuid(), desk.uuid_floor(now() - interval '40 days'), 'ann', '{a}', '{b}', '{note}'
        """)
      _ = try await desk.store.privacy.erase(customer: "ann-7391", of: "web", reason: "asked for it", receipt: "r1")
      let kept = "SELECT count(*) FROM desk.interception WHERE sealed IS NOT NULL"
      #expect(try await desk.number("\(kept) AND ticket = '\(tickets[0].id)'") == 0)
      #expect(try await desk.number("\(kept) AND ticket = '\(tickets[1].id)'") == 1)
      #expect(try await desk.number("SELECT count(*) FROM desk.interception") == 3)
      _ = try await desk.store.privacy.forget(olderThan: 30)
      #expect(try await desk.number("SELECT count(*) FROM desk.interception") == 2)
      let noted = try await desk.store.audit.newestAuditEntries(ofKind: "retention.forgotten", limit: 1).first
      #expect(noted?.detail.contains(#""interceptions": 1"#) == true)
    }
  }
}
