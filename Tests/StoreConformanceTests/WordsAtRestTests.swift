import PostgreSQL
import Store
import Testing

@testable import DeskCore

/// What people write, sealed in the database: nothing of it is found there, and everything is read back.
@Suite struct WordsAtRestTests {
  private let needle = "swordfish|73776f726466697368"
  private let ada = ActingAgent("ada", leads: true)

  /// A message with the word in every text.
  private func accepted(_ external: String, from customer: String, on desk: TestDesk) async throws -> Acceptance {
    var message = try await desk.message(external, from: customer)
    message.subject = "a swordfish for \(customer)"
    message.body = "my swordfish from \(customer)"
    message.attributes = PostgresJSON(#"{"product_line":"swordfish-line","page":"/swordfish"}"#)
    message.attachments = PostgresJSON(#"[{"name":"swordfish.pdf","url":"https://a.example/swordfish.pdf"}]"#)
    return try #require(try await desk.store.inbox.accept([message], owner: nil)[0].acceptance)
  }

  /// A conversation with every kind of text: on a live ticket, and on an ended one.
  private func conversation(on desk: TestDesk) async throws -> Ticket {
    try await desk.upsert(["ada"], capacity: 50)
    let acceptance = try await accepted("m-1", from: "ann", on: desk)
    var ticket = try #require(await desk.store.tickets.tickets([acceptance.ticket])[acceptance.ticket])
    ticket.fields = TicketFields(["serial": "swordfish-1"])
    #expect(try await desk.take(&ticket, .routed(.test(acceptance.message)), decides: [acceptance.message]))
    let offer = try await desk.offer(to: "ada")
    #expect(try await desk.take(&ticket, .offered(offer)))
    #expect(try await desk.take(&ticket, .accepted(offer.id, by: "ada")))
    let reply = OutgoingMessage(
      id: try await desk.fresh(), isPublic: true, author: "ada", body: "the swordfish is on its way",
      attachments: #"[{"name":"swordfish.txt"}]"#)
    #expect(
      try await desk.store.tickets.commit([
        desk.step(&ticket, .replied(reply.id, by: "ada", awaitsCustomer: false), outgoing: reply)
      ]) == [ticket.id])
    let note = OutgoingMessage(id: try await desk.fresh(), isPublic: false, author: "ada", body: "swordfish again")
    #expect(
      try await desk.store.tickets.commit([desk.step(&ticket, .noted(note.id, by: "ada"), outgoing: note)]) == [
        ticket.id
      ])
    _ = try await desk.store.drafts.keep(
      "about the swordfish", awaitsCustomer: false, at: Draft.Place(ticket: ticket.id, agent: "ada", kind: .reply),
      replacing: nil, as: try await desk.fresh())
    let consult = Consult(
      id: try await desk.fresh(), asker: "ada", recipient: .agent("bob"), question: "which swordfish?",
      askedAt: try await desk.store.now())
    #expect(try await desk.take(&ticket, .consulted(consult, by: ada)))
    #expect(try await desk.store.inbox.undecidedWords(of: [acceptance.message]).isEmpty)
    return ticket
  }

  private func index(_ desk: TestDesk) async throws {
    let reader = SearchReader(name: "search_hour", distance: .zero)
    let reading = try #require(try await desk.store.search.read(by: reader))
    #expect(try await desk.store.search.index(reading.messages, of: reading, by: reader, upTo: reading.upTo))
  }

  private func check(_ ticket: Ticket, on desk: TestDesk) async throws {
    let messages = try await desk.store.conversations.messages(of: ticket.id, limit: 9)
    #expect(
      messages.map(\.body) == ["my swordfish from ann", "the swordfish is on its way", "swordfish again"])
    #expect(messages[0].subject == "a swordfish for ann")
    #expect(messages[0].attributes?.contains("swordfish-line") == true)
    #expect(messages[0].attachments?.contains("swordfish.pdf") == true)
    #expect(messages[1].attachments?.contains("swordfish.txt") == true)
    #expect(try await desk.store.tickets.tickets([ticket.id])[ticket.id]?.fields == ticket.fields)
    #expect(try await desk.store.drafts.drafts(of: "ada").map(\.body) == ["about the swordfish"])
    #expect(
      try await desk.store.consults.consults(.by("ada"), before: nil, limit: 9).map(\.consult.question) == [
        "which swordfish?"
      ])
    let replies = try await desk.store.replies.replies(of: "web", after: 0, limit: 9)
    #expect(replies.map(\.body) == ["the swordfish is on its way"])
    #expect(replies.first?.attachments?.contains("swordfish.txt") == true)
    let lines = try await desk.store.conversations.inboxLines(of: [ticket.id], for: "ada")
    #expect(lines[ticket.id]?.last?.excerpt == "swordfish again")
    #expect(
      try await desk.store.conversations.productLine(on: ticket.id, upTo: messages[2].id) == "swordfish-line")
    #expect(try await desk.store.learning.recentMessages(limit: 9).map(\.body).contains("my swordfish from ann"))
  }

  @Test func nothingThatWasWrittenIsFoundInAnyTable() async throws {
    try await TestDesk.with { plain in
      let desk = plain.with(keys: TestCipher("k1"))
      let ticket = try await conversation(on: desk)
      // One that is undecided, and one that ended as a dead letter.
      let waiting = try await accepted("m-2", from: "bob", on: desk)
      let poison = try await accepted("m-3", from: "cara", on: desk)
      #expect(try await desk.store.outbox.deadLetter(poison.message, reason: "too often"))
      try await index(desk)
      #expect(try await desk.columns(matching: needle) == [])
      try await check(ticket, on: desk)
      let claimed = try await desk.store.inbox.claimUnlabelled(olderThan: .zero, limit: 9)
      let message = try #require(claimed.first { $0.id == waiting.message })
      #expect(message.body == "my swordfish from bob" && message.subject == "a swordfish for bob")
      #expect(message.productLine == "swordfish-line")
      let kept = try await desk.store.inbox.undecidedWords(of: [waiting.message])
      #expect(kept[waiting.message]?.text == "my swordfish from bob")
    }
  }

  @Test func theSameDeskWithoutKeysStoresWordsAsTheyAre() async throws {
    try await TestDesk.with { desk in
      let ticket = try await conversation(on: desk)
      try await index(desk)
      #expect(
        try await desk.columns(matching: needle) == [
          "message.subject", "message.body", "message.attributes", "message.attachments", "draft.body",
          "consult.question", "ticket.fields", "search_entry.terms",
        ], "the test writes the word everywhere it can occur")
      try await check(ticket, on: desk)
    }
  }

  @Test func rowsOfBothKindsAreReadTogether() async throws {
    try await TestDesk.with { plain in
      let ticket = try await conversation(on: plain)
      let desk = plain.with(keys: TestCipher("k1"))
      try await check(ticket, on: desk)
      let acceptance = try await accepted("m-9", from: "ann", on: desk)
      let messages = try await desk.store.conversations.messages(of: acceptance.ticket, limit: 9)
      #expect(messages.count == 4 && messages.allSatisfy { $0.body.contains("swordfish") })
      await #expect(throws: WordSealError.noKeys("k1")) {
        try await plain.store.conversations.messages(of: acceptance.ticket, limit: 9)
      }
      await #expect(throws: WordSealError.unknownKey("k1")) {
        try await plain.with(keys: TestCipher("k2")).store.conversations.message(acceptance.message)
      }
    }
  }

  @Test func swappedRowsAndColumnsAreDetected() async throws {
    try await TestDesk.with { plain in
      let desk = plain.with(keys: TestCipher("k1"))
      let first = try await accepted("m-1", from: "ann", on: desk)
      let second = try await accepted("m-2", from: "bob", on: desk)
      let third = try await accepted("m-3", from: "cara", on: desk)
      try await desk.run(
        """
        UPDATE desk.message m SET body = o.body FROM desk.message o WHERE m.id = '\(first.message)' AND o.id = '\(second.message)';
        UPDATE desk.message SET subject = body WHERE id = '\(third.message)';
        """)
      for message in [first.message, third.message] {
        await #expect(throws: WordSealError.unreadable) { try await desk.store.conversations.message(message) }
      }
      // The others are still decided.
      let claimed = try await desk.store.inbox.claimUnlabelled(olderThan: .zero, limit: 9)
      #expect(claimed.map(\.id) == [second.message])
      #expect(try await desk.resealAll().unreadable == 2)
    }
  }

  @Test func whatLooksLikeASealedTextIsKeptAsWritten() async throws {
    let forged = "\u{1}words:k1 AAAA"
    for cipher in [nil, TestCipher("k1"), TestCipher("plain", "k1")] {
      try await TestDesk.with { plain in
        let desk = plain.with(keys: cipher)
        var message = try await desk.message("m-1", from: "ann")
        (message.subject, message.body) = (forged, forged)
        message.attributes = PostgresJSON(#"{"product_line":"\u0001words:k1 AAAA"}"#)
        let acceptance = try #require(try await desk.store.inbox.accept([message], owner: nil)[0].acceptance)
        let stored = try #require(try await desk.store.conversations.message(acceptance.message))
        #expect(stored.body == forged && stored.subject == forged)
        #expect(try await desk.store.inbox.claimUnlabelled(olderThan: .zero, limit: 9).map(\.productLine) == [forged])
      }
    }
  }

  @Test func theLongestDraftFitsSealed() async throws {
    try await TestDesk.with { plain in
      let desk = plain.with(keys: TestCipher("k1"))
      let ticket = try await desk.queued(["ann"])[0]
      // In Base64 the longest has 106,700 characters; this cipher writes two for each byte.
      let text = String(repeating: "\u{1F600}", count: 13_000)
      let place = Draft.Place(ticket: ticket.id, agent: "ada", kind: .note)
      _ = try await desk.store.drafts.keep(
        text, awaitsCustomer: false, at: place, replacing: nil, as: try await desk.fresh())
      #expect(try await desk.store.drafts.draft(at: place)?.body == text)
    }
  }

  @Test func wordsAreSealedRotatedAndReturnedToPlain() async throws {
    try await TestDesk.with { plain in
      let ticket = try await conversation(on: plain)
      try await index(plain)
      #expect(try await plain.texts() == [nil: 10])
      let first = plain.with(keys: TestCipher("k1"))
      #expect(try await first.resealAll().changed == 6)
      #expect(try await first.columns(matching: needle) == [])
      #expect(try await first.texts() == ["k1": 10])
      #expect(try await first.resealAll() == (0, 0), "what is done is only read")
      let second = plain.with(keys: TestCipher("k2", "k1"))
      #expect(try await second.resealAll().changed == 6)
      #expect(try await second.texts() == ["k2": 10])
      try await check(ticket, on: plain.with(keys: TestCipher("k2")))
      let back = plain.with(keys: TestCipher("plain", "k2"))
      #expect(try await back.resealAll().changed == 6)
      #expect(try await plain.texts() == [nil: 10])
      try await check(ticket, on: plain)
      #expect(try await plain.columns(matching: needle).contains("search_entry.terms"), "it is searched again")
    }
  }

  @Test func whatALostKeySealedCanBeGivenUp() async throws {
    try await TestDesk.with { plain in
      _ = try await conversation(on: plain.with(keys: TestCipher("k1")))
      let desk = plain.with(keys: TestCipher("k2"))
      let failed = try await desk.resealAll()
      #expect(failed.changed == 0 && failed.unreadable == 6)
      let outcome = try await desk.resealAll(discarding: ["k1"])
      #expect(outcome == (6, 0))
      #expect(try await desk.texts() == [:])
      #expect(try await desk.store.drafts.drafts(of: "ada").isEmpty)
    }
  }

  @Test func anErasureNeedsNoKey() async throws {
    try await TestDesk.with { plain in
      let desk = plain.with(keys: TestCipher("k1"))
      let ticket = try await conversation(on: desk)
      _ = try #require(try await plain.store.privacy.erase(customer: "ann", of: "web", reason: "r", receipt: "r"))
      #expect(try await plain.texts() == [:])
      #expect(try await plain.store.conversations.messages(of: ticket.id, limit: 9).allSatisfy { $0.body.isEmpty })
    }
  }

  @Test func fieldsUnderAMissingKeyGoWhereTheTicketGoes() async throws {
    try await TestDesk.with { plain in
      let ticket = try await conversation(on: plain.with(keys: TestCipher("k1")))
      let desk = plain.with(keys: TestCipher("k2"))
      var blind = try #require(await desk.store.tickets.tickets([ticket.id])[ticket.id])
      #expect(blind.fields.values.isEmpty && !blind.fields.isEmpty)
      let kept = PostgresStatement<String>("test_fields", "SELECT fields::text FROM desk.ticket")
      let before = try await plain.store.pool.query(kept)
      #expect(try await desk.take(&blind, .priorityChanged(.urgent, by: .operator("key"), reason: "r")))
      #expect(try await plain.store.pool.query(kept) == before)
      _ = blind.fields.set("colour", to: "grey swordfish")
      #expect(try await desk.take(&blind, .priorityChanged(.low, by: .operator("key"), reason: "r")))
      let both = plain.with(keys: TestCipher("k2", "k1"))
      let read = try #require(await both.store.tickets.tickets([ticket.id])[ticket.id])
      #expect(read.fields.values == ["serial": "swordfish-1", "colour": "grey swordfish"])
      #expect(try await plain.columns(matching: needle) == [])
    }
  }

  @Test func aDeskKnowsItsKeys() async throws {
    try await TestDesk.with { plain in
      let keys = plain.store.wordKeys
      #expect(try await keys.obstacle(to: nil) == nil)
      try await keys.register(TestCipher("plain", "k1"))
      #expect(try await keys.keys().isEmpty, "nothing is sealed with it")
      try await keys.register(TestCipher("k1"))
      try await keys.register(TestCipher("k1"))
      #expect(try await keys.keys().map(\.name) == ["k1"])
      #expect(try await keys.obstacle(to: nil) == .noKeys("k1"))
      #expect(try await keys.obstacle(to: TestCipher("k2")) == .unknownKey("k1"))
      #expect(try await keys.obstacle(to: TestCipher("k2", "k1")) == nil)
      // Another key under the same name.
      try await plain.run("UPDATE desk.word_key SET proof = '00.0'")
      #expect(try await keys.obstacle(to: TestCipher("k1")) == .unreadable)
      await #expect(throws: WordSealError.unreadable) { try await keys.register(TestCipher("k1")) }
      try await keys.forget(["k1"])
      #expect(try await keys.obstacle(to: nil) == nil)
    }
  }
}
