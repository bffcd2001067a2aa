import DeskCore
import PostgreSQL
import Store
import TestStore
import Testing

/// Identities of one human: joined by people and by proofs, separated, erased, forgotten.
@Suite struct PersonTests {
  private static let web = Correspondent("ann", on: "web")
  private static let chat = Correspondent("wx-1", on: "wechat")
  private static let mail = Correspondent("ann@example.com", on: "email")
  private static let by: JSONValue = .object([.init("reason", .text("Ann called: it is her")), .init("agent", "eve")])

  private func set(
    _ desk: TestDesk, _ customer: Correspondent, _ tier: CustomerTier, _ agent: AgentID? = nil
  ) async throws {
    try await desk.store.privacy.setCustomer(
      customer.customer, of: customer.channel, tier: tier, dedicatedAgent: agent)
  }

  private func join(_ desk: TestDesk, _ one: Correspondent, _ other: Correspondent) async throws -> JoinOutcome {
    try await desk.store.privacy.join(one, with: other, detail: Self.by)
  }

  private func proof(_ byte: String) throws -> CustomerProof {
    try #require(CustomerProof(.email, hexadecimal: String(repeating: byte, count: 32)))
  }

  @discardableResult
  private func write(
    _ desk: TestDesk, _ customer: Correspondent, id: String, proofs: [CustomerProof] = []
  ) async throws -> Acceptance {
    var message = try await desk.store.message(from: customer.customer, on: customer.channel, externalID: id)
    message.proofs = proofs
    return try await desk.store.accept(message)
  }

  /// Ends every ticket, as if closed a second ago.
  private func endAll(_ desk: TestDesk, lastAgent: String? = nil) async throws {
    try await desk.run(
      """
      INSERT INTO desk.closed_ticket (id, state, channel, customer, queue, opened_at, closed_at, ticket)
      SELECT ticket_id, 'closed', channel, customer, 'billing', opened_at, now(),
             jsonb_build_object('customer', customer, 'category', 'refund', 'last_agent', '\(lastAgent ?? "noOne")')
        FROM desk.open_ticket;
      INSERT INTO desk.customer AS c (channel, external_id, last_ticket) SELECT channel, customer, ticket_id FROM desk.open_ticket
      ON CONFLICT (channel, external_id) DO UPDATE SET last_ticket = excluded.last_ticket;
      DELETE FROM desk.inbox;
      DELETE FROM desk.ticket;
      DELETE FROM desk.open_ticket;
      """)
  }

  // MARK: By a person

  @Test func standingFollowsThePersonAndSeparationRestoresEachOnes() async throws {
    try await TestDesk.with { desk in
      let privacy = desk.store.privacy
      try await set(desk, Self.web, .vip, "bob")
      try await set(desk, Self.mail, .keyAccount)
      #expect(try await join(desk, Self.web, Self.chat) == .joined)
      #expect(try await join(desk, Self.chat, Self.web) == .same)
      #expect(try await join(desk, Self.chat, Self.mail) == .joined)
      let person = try #require(try await privacy.person(of: Self.chat))
      #expect(person.tier == .keyAccount && person.dedicatedAgent == "bob")
      #expect(person.identities.map(\.customer) == [Self.mail, Self.web, Self.chat])
      #expect(person.identities.map(\.tier) == [.keyAccount, .vip, .standard])
      #expect(person.joins.count == 2 && person.joins.allSatisfy { $0.proof == nil })
      // New tickets of any identity have the person's tier.
      #expect(try await write(desk, Self.chat, id: "c1").tier == .keyAccount)
      #expect(try await write(desk, Self.web, id: "w1").tier == .keyAccount)
      // What is set for one counts for all.
      try await set(desk, Self.chat, .standard, "cyd")
      try await set(desk, Self.mail, .standard)
      let changed = try #require(try await privacy.person(of: Self.web))
      #expect(changed.id == person.id && changed.tier == .vip && changed.dedicatedAgent == "cyd")
      // Undone after new tickets: each side has what was set for it.
      let first = try #require(person.joins.first { $0.first == Self.web || $0.second == Self.web })
      #expect(try await privacy.separate(first.id, detail: Self.by))
      #expect(try await privacy.separate(first.id, detail: Self.by))
      #expect(try await privacy.person(of: Self.web) == nil)
      #expect(try await privacy.customer("ann", of: "web").tier == .vip)
      #expect(try await privacy.customer("ann", of: "web").dedicatedAgent == "bob")
      let rest = try #require(try await privacy.person(of: Self.mail))
      #expect(rest.identities.map(\.customer) == [Self.mail, Self.chat])
      #expect(rest.tier == .standard && rest.dedicatedAgent == "cyd")
      #expect(try await privacy.wasSeparated(first.id, of: [Self.web]))
      #expect(try await !privacy.wasSeparated(first.id, of: [Self.mail]))
      #expect(try await !privacy.separate(desk.fresh(), detail: Self.by))
      // The tickets stay whose they were.
      #expect(try await privacy.history(of: Self.web, before: nil, limit: 9).tickets.map(\.customer) == [Self.web])
    }
  }

  @Test func twoPersonsBecomeOneAndTwoAgainUnderTheirNames() async throws {
    try await TestDesk.with { desk in
      let privacy = desk.store.privacy
      let other = Correspondent("other", on: "web")
      #expect(try await join(desk, Self.web, Self.chat) == .joined)
      #expect(try await join(desk, Self.mail, other) == .joined)
      let before = try await (privacy.person(of: Self.web), privacy.person(of: other))
      #expect(try await join(desk, Self.chat, Self.mail) == .joined)
      let whole = try #require(try await privacy.person(of: other))
      #expect(whole.identities.count == 4)
      let bridge = try #require(whole.joins.first { $0.first == Self.mail && $0.second == Self.chat })
      #expect(try await privacy.separate(bridge.id, detail: Self.by))
      #expect(try await privacy.person(of: Self.web) == before.0)
      #expect(try await privacy.person(of: other) == before.1)
    }
  }

  @Test func aPersonIsBounded() async throws {
    try await TestDesk.with { desk in
      for number in 1..<StoreBounds.identitiesPerPerson {
        let outcome = try await join(desk, Self.web, Correspondent("n\(number)", on: "web"))
        #expect(outcome == .joined)
      }
      let beyond = try await join(desk, Self.chat, Self.web)
      #expect(beyond == .full)
      #expect(try await desk.store.privacy.person(of: Self.chat) == nil)
    }
  }

  @Test func concurrentJoinsAndSettingsDoNotFail() async throws {
    try await TestDesk.with { desk in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<6 {
          group.addTask {
            _ = try await join(
              desk, Correspondent("n\(number)", on: "web"), Correspondent("n\((number + 1) % 6)", on: "web"))
          }
          group.addTask { try await set(desk, Correspondent("n\(number)", on: "web"), .vip) }
        }
        try await group.waitForAll()
      }
      let person = try #require(try await desk.store.privacy.person(of: Correspondent("n0", on: "web")))
      #expect(person.identities.count == 6 && person.joins.count == 5 && person.tier == .vip)
    }
  }

  @Test func joinsAreAuditedWithoutNames() async throws {
    try await TestDesk.with { desk in
      _ = try await join(desk, Self.web, Self.mail)
      let entries = try await desk.store.audit.newestAuditEntries(ofKind: "customer.joined", limit: 9)
      #expect(Set(entries.map(\.subject)) == ["web", "email"])
      for entry in entries {
        #expect(entry.reason?.text == "Ann called: it is her" && entry.detail.contains("eve"))
        #expect(!entry.detail.contains("ann") && !entry.detail.contains("called"))
      }
    }
  }

  // MARK: By a proof

  private static let trusted: [(channel: ChannelID, kind: ProofKind)] = [("email", .email), ("wechat", .email)]

  private func settle(_ desk: TestDesk) async throws -> [JoinOutcome] {
    var outcomes: [JoinOutcome] = []
    for proof in try await desk.store.privacy.newProofs(limit: 100) {
      outcomes += try await desk.store.privacy.join(by: proof, trusted: Self.trusted)
    }
    return outcomes
  }

  @Test func theSameProofOfTrustedChannelsJoins() async throws {
    try await TestDesk.with { desk in
      try await set(desk, Self.mail, .vip)
      try await write(desk, Self.mail, id: "m1", proofs: [proof("0a")])
      #expect(try await settle(desk) == [])
      try await write(desk, Self.chat, id: "c1", proofs: [proof("0a")])
      #expect(try await settle(desk) == [.joined])
      #expect(try await desk.store.privacy.person(of: Self.chat)?.joins.first?.proof == .email)
      // The same proof with later messages is not new.
      try await write(desk, Self.chat, id: "c2", proofs: [proof("0a")])
      #expect(try await desk.store.privacy.newProofs(limit: 9).isEmpty)
      #expect(try await write(desk, Self.chat, id: "c3").tier == .standard)
      try await endAll(desk)
      #expect(try await write(desk, Self.chat, id: "c4").tier == .vip)
    }
  }

  @Test func anUntrustedChannelTakesOverNothing() async throws {
    try await TestDesk.with { desk in
      try await write(desk, Self.mail, id: "m1", proofs: [proof("0a")])
      _ = try await settle(desk)
      // Accepted while the channel was trusted, settled after it no longer is.
      try await write(desk, Self.web, id: "w1", proofs: [proof("0a")])
      #expect(try await settle(desk) == [.untrusted])
      try await write(desk, Self.chat, id: "c1", proofs: [proof("0a")])
      #expect(try await settle(desk) == [.joined])
      #expect(try await desk.store.privacy.person(of: Self.web) == nil)
      #expect(try await desk.store.privacy.person(of: Self.chat)?.identities.map(\.customer) == [Self.mail, Self.chat])
    }
  }

  @Test func noProofOverrulesASeparation() async throws {
    try await TestDesk.with { desk in
      try await write(desk, Self.mail, id: "m1", proofs: [proof("0a")])
      try await write(desk, Self.chat, id: "c1", proofs: [proof("0a")])
      #expect(try await settle(desk) == [.joined, .same])
      let join = try #require(try await desk.store.privacy.person(of: Self.mail)?.joins.first)
      #expect(try await desk.store.privacy.separate(join.id, detail: Self.by))
      // Another proof, and another identity of the other side.
      let second = Correspondent("wx-2", on: "wechat")
      #expect(try await self.join(desk, Self.chat, second) == .joined)
      try await write(desk, second, id: "s1", proofs: [proof("0b")])
      try await write(desk, Self.mail, id: "m2", proofs: [proof("0b")])
      #expect(Set(try await settle(desk)) == [.separated])
      #expect(try await desk.store.privacy.person(of: Self.mail) == nil)
      // A person may.
      #expect(try await self.join(desk, Self.mail, Self.chat) == .joined)
    }
  }

  @Test func aProofOfManyJoinsNone() async throws {
    try await TestDesk.with { desk in
      for number in 0...StoreBounds.identitiesPerPerson {
        try await write(desk, Correspondent("n\(number)", on: "wechat"), id: "n\(number)", proofs: [proof("0a")])
      }
      #expect(Set(try await settle(desk)) == [.shared])
    }
  }

  // MARK: History

  @Test func historyIsPagedOverAllChannels() async throws {
    try await TestDesk.with { desk in
      let privacy = desk.store.privacy
      _ = try await join(desk, Self.web, Self.chat)
      for round in 1...3 {
        for customer in [Self.web, Self.chat, Self.mail] {
          try await write(desk, customer, id: "\(customer.channel)-\(round)")
        }
        if round < 3 { try await endAll(desk) }
      }
      let whole = try await privacy.history(of: Self.web, before: nil, limit: 100)
      #expect(whole.tickets.count == 6 && !whole.hasMore)
      #expect(whole.tickets.map(\.id) == whole.tickets.map(\.id).sorted(by: >))
      #expect(whole.tickets.map(\.state) == ["received", "received"] + Array(repeating: "closed", count: 4))
      #expect(Set(whole.tickets.map(\.customer)) == [Self.web, Self.chat])
      #expect(whole.tickets.last?.category == "refund" && whole.tickets.last?.closedAt != nil)
      var paged: [HistoryTicket] = []
      while true {
        let page = try await privacy.history(of: Self.chat, before: paged.last?.id, limit: 4)
        paged += page.tickets
        if !page.hasMore { break }
      }
      #expect(paged == whole.tickets)
      #expect(try await privacy.history(of: Self.mail, before: nil, limit: 100).tickets.count == 3)
    }
  }

  @Test func theAgentWhoKnowsThePersonIsFound() async throws {
    try await TestDesk.with { desk in
      try await write(desk, Self.web, id: "w1")
      try await endAll(desk, lastAgent: "bob")
      _ = try await join(desk, Self.web, Correspondent("twin", on: "web"))
      _ = try await desk.queued(["twin", "stranger"])
      let waiting = try await desk.store.matching.waitingTickets(
        in: "billing", at: desk.store.now(), headStarts: HeadStarts(), limit: 10)
      #expect(waiting.count == 2 && waiting.compactMap(\.lastAgent) == ["bob"])
      try await set(desk, Self.web, .standard, "cyd")
      let again = try await desk.store.matching.waitingTickets(
        in: "billing", at: desk.store.now(), headStarts: HeadStarts(), limit: 10)
      #expect(again.compactMap(\.dedicatedAgent) == ["cyd"])
    }
  }

  // MARK: Erasure and retention

  @Test func anErasedIdentityLeavesTheOthersTogether() async throws {
    try await TestDesk.with { desk in
      let middle = Correspondent("middle-zyxw", on: "web")
      let privacy = desk.store.privacy
      try await write(desk, middle, id: "x1", proofs: [proof("0a")])
      try await set(desk, middle, .keyAccount, "bob")
      _ = try await join(desk, middle, Self.chat)
      _ = try await join(desk, middle, Self.mail)
      let apart = Correspondent("apart", on: "web")
      _ = try await join(desk, middle, apart)
      let wrong = try #require(
        try await privacy.person(of: apart)?.joins.first { [$0.first, $0.second].contains(apart) })
      _ = try await privacy.separate(wrong.id, detail: .object([.init("reason", "not middle-zyxw")]))
      try await privacy.wantLookUp(of: middle, timeout: .seconds(5))
      #expect(try await privacy.erase(customer: "middle-zyxw", of: "web", reason: "asked", receipt: "r") != nil)
      for table in [
        "customer", "person_join", "customer_proof", "customer_lookup", "audit", "audit_free_text", "open_ticket",
      ] {
        #expect(try await desk.number("SELECT count(*) FROM desk.\(table) t WHERE t::text ~ 'zyxw'") == 0, "\(table)")
      }
      #expect(try await desk.number("SELECT count(*) FROM desk.audit_free_text WHERE reason ~ 'her|middle'") == 0)
      let rest = try #require(try await privacy.person(of: Self.chat))
      #expect(rest.identities.map(\.customer) == [Self.mail, Self.chat] && rest.joins.count == 1)
      #expect(rest.tier == .standard && rest.dedicatedAgent == nil)
      // From whom the erased one was separated, the others stay separated.
      #expect(
        try await desk.number(
          "SELECT count(*) FROM desk.person_join WHERE separated_at IS NOT NULL AND 'apart' IN (customer, other_customer)"
        ) == 1)
      #expect(try await privacy.erase(customer: Self.chat.customer, of: "wechat", reason: "asked", receipt: "r") != nil)
      #expect(try await privacy.person(of: Self.mail) == nil)
    }
  }

  @Test func idlePersonsAreForgotten() async throws {
    try await TestDesk.with { desk in
      let old = "desk.uuid_floor(now() - interval '40 days')"
      _ = try await join(desk, Self.web, Self.chat)
      _ = try await join(desk, Self.mail, Correspondent("kept", on: "web"))
      try await write(desk, Self.mail, id: "m1", proofs: [proof("0a")])
      try await desk.run(
        """
        UPDATE desk.person_join SET joined_at = now() - interval '40 days';
        UPDATE desk.customer_proof SET given_at = now() - interval '40 days';
        INSERT INTO desk.customer_proof (channel, customer, kind, digest, given_at)
        VALUES ('web', 'ann', 'email', sha256('x'), now() - interval '40 days');
        INSERT INTO desk.customer_lookup (channel, customer, fetched_at) VALUES ('web', 'ann', now() - interval '40 days');
        UPDATE desk.customer SET last_ticket = \(old);
        """)
      _ = try await desk.store.privacy.forget(olderThan: 30)
      #expect(try await desk.store.privacy.person(of: Self.web) == nil)
      #expect(try await desk.number("SELECT count(*) FROM desk.customer WHERE external_id IN ('ann', 'wx-1')") == 0)
      #expect(try await desk.number("SELECT count(*) FROM desk.person_join") == 1)
      #expect(try await desk.number("SELECT count(*) FROM desk.customer_proof") == 1)
      #expect(try await desk.number("SELECT count(*) FROM desk.customer_lookup") == 0)
      // Whose ticket is open is kept, with the person.
      #expect(try await desk.store.privacy.person(of: Self.mail)?.identities.count == 2)
    }
  }

  // MARK: Look-ups

  @Test func lookUpsAreClaimedOnceAndAnswered() async throws {
    try await TestDesk.with { desk in
      let privacy = desk.store.privacy
      try await write(desk, Self.web, id: "w1")
      for _ in 0..<2 { try await privacy.wantLookUp(of: Self.web, timeout: .seconds(5)) }
      // Without an open ticket there is nothing to look up.
      try await privacy.wantLookUp(of: Self.chat, timeout: .seconds(5))
      #expect(try await privacy.claimLookUps(limit: 9, claimTime: .seconds(600)) == [Self.web])
      #expect(try await privacy.claimLookUps(limit: 9, claimTime: .seconds(600)).isEmpty)
      let fields = try #require(CustomerFields(answer: Array(#"{"name":"Ann"}"#.utf8), shown: ["name"]))
      try await privacy.answerLookUp(of: Self.web, fields: fields)
      let known = try #require(try await privacy.lookUp(of: Self.web, timeout: .seconds(5)))
      #expect(known.wantedAt == nil && known.fetchedAt != nil && known.failedAt == nil)
      #expect(known.fields.flatMap { CustomerFields(kept: $0, shown: ["name"]) } == fields)
      try await privacy.wantLookUp(of: Self.web, timeout: .seconds(5))
      try await privacy.failLookUp(of: Self.web)
      let failed = try #require(try await privacy.lookUp(of: Self.web, timeout: .seconds(5)))
      #expect(failed.failedAt != nil && failed.fields == known.fields)
      // An answer that arrives after an erasure is not stored.
      _ = try await privacy.erase(customer: "ann", of: "web", reason: "asked", receipt: "r")
      try await privacy.answerLookUp(of: Self.web, fields: fields)
      #expect(try await desk.number("SELECT count(*) FROM desk.customer_lookup") == 0)
    }
  }

  // MARK: Reports

  @Test func aPersonWhoComesBackOnAnotherChannelIsARepeatContact() async throws {
    try await TestDesk.with { desk in
      try await write(desk, Self.web, id: "w1")
      try await endAll(desk)
      try await write(desk, Self.chat, id: "c1")
      func repeats() async throws -> ReportShare {
        let now = try await desk.store.now()
        let day = ReportPeriod.Day(name: "today", start: now - .seconds(3_600))
        return try await desk.store.reports.ticketReport(
          by: .channel, of: ReportPeriod(days: [day], end: now + .seconds(60), zone: "UTC")
        ).rows.first { $0.group == "wechat" }.map(\.repeatContacts) ?? ReportShare(0, of: 0)
      }
      #expect(try await repeats() == ReportShare(0, of: 1))
      _ = try await join(desk, Self.web, Self.chat)
      #expect(try await repeats() == ReportShare(1, of: 1))
    }
  }

  @Test func whoIsKnownByASeparationAloneIsErasedWithAnEntry() async throws {
    try await TestDesk.with { desk in
      #expect(try await join(desk, Self.web, Self.chat) == .joined)
      let made = try #require(try await desk.store.privacy.person(of: Self.web)?.joins.first)
      #expect(try await desk.store.privacy.separate(made.id, detail: .object([])))
      // What retention does with a customer who has not written for long.
      try await desk.run("DELETE FROM desk.customer WHERE channel = 'wechat'")
      func erase() async throws -> Erasure? {
        try await desk.store.privacy.erase(customer: Self.chat.customer, of: "wechat", reason: "asked", receipt: "r")
      }
      #expect(try await erase() != nil)
      #expect(try await erase() == nil)
      #expect(try await desk.number("SELECT count(*) FROM desk.person_join") == 0)
      #expect(try await desk.number("SELECT count(*) FROM desk.audit WHERE kind = 'customer.erased'") == 1)
    }
  }
}
