import DeskCore
import PostgreSQL
import Store
import Testing

/// Accepting messages.
@Suite struct AcceptTests {
  private static let holdTickets = PostgresStatement<Void>(
    "hold_tickets", "SELECT FROM desk.open_ticket WHERE customer = ANY($1) FOR UPDATE")

  @Test(arguments: StoreKind.allCases) func acceptsNewMessagesWithTheirTickets(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      try await desk.setCustomer("bob", tier: .vip)
      let messages = try await [desk.message("1", from: "ann"), desk.message("2", from: "bob")]
      let outcomes = try await desk.store.inbox.accept(messages, owner: nil)
      #expect(outcomes.count == messages.count)
      for (outcome, message) in zip(outcomes, messages) {
        let acceptance = try #require(outcome.acceptance)
        #expect(outcome.isNew && acceptance.opensTicket)
        #expect(acceptance.message == message.id && acceptance.ticket == message.ticket)
        let stored = try #require(try await desk.store.conversations.message(message.id))
        #expect(stored.body == message.body && stored.isUndecided && stored.direction == 1)
        #expect(stored.receivedAt == acceptance.acceptedAt)
      }
      #expect(outcomes.map { $0.acceptance?.tier } == [.standard, .vip])
      let tickets = try await desk.store.tickets.tickets(messages.map(\.ticket))
      #expect(tickets[messages[1].ticket]?.tier == .vip)
      #expect(tickets[messages[0].ticket]?.state == .received && tickets[messages[0].ticket]?.version == 1)
    }
  }

  @Test(arguments: StoreKind.allCases) func putsSeveralMessagesOfOneCustomerOnOneTicket(on kind: StoreKind) async throws
  {
    try await StoreUnderTest.with(kind) { desk in
      let messages = try await [desk.message("1"), desk.message("2"), desk.message("3", from: "bob")]
      let outcomes = try await desk.store.inbox.accept(messages, owner: nil).map { try #require($0.acceptance) }
      #expect(outcomes.map(\.ticket) == [messages[0].ticket, messages[0].ticket, messages[2].ticket])
      #expect(outcomes.map(\.opensTicket) == [true, false, true])
    }
  }

  @Test(arguments: StoreKind.allCases) func answersDuplicatesAsBefore(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      let first = try await desk.message("1")
      let accepted = try #require(try await desk.store.inbox.accept([first], owner: nil)[0].acceptance)
      let again = try await desk.store.inbox.accept(
        [desk.message("1"), desk.message("2", from: "bob"), desk.message("1x")], owner: nil)
      guard case .duplicate(let known) = again[0] else {
        Issue.record("\(again[0])")
        return
      }
      #expect(known.message == accepted.message && known.ticket == accepted.ticket)
      #expect(known.acceptedAt == accepted.acceptedAt)
      #expect(again[1].isNew && again[2].isNew)
      #expect(try await desk.count(of: .message) == 3)
      #expect(try await desk.count(of: .inbox) == 3)
    }
  }

  @Test(arguments: StoreKind.allCases) func refusesAReusedIdWithOtherText(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      _ = try await desk.store.inbox.accept([desk.message("1")], owner: nil)
      #expect(try await desk.store.inbox.accept([desk.message("1", digest: 2)], owner: nil) == [.conflict])
      #expect(try await desk.count(of: .message) == 1)
    }
  }

  @Test(arguments: StoreKind.allCases) func putsAFollowUpOnTheOpenTicket(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      let ticket = try await desk.queued(["ann"])[0]
      let followUp = try #require(try await desk.store.inbox.accept([desk.message("2")], owner: nil)[0].acceptance)
      #expect(followUp.ticket == ticket.id && !followUp.opensTicket)
    }
  }

  @Test func refusesNULBytesWithoutWritingAnything() async throws {
    try await TestDesk.with { desk in
      var bad = try await desk.message("2", from: "bob")
      bad.body = "a\0b"
      let good = try await desk.message("1")
      await #expect(throws: PostgresError.self) { try await desk.store.inbox.accept([good, bad], owner: nil) }
      #expect(try await desk.number("SELECT count(*) FROM desk.message_key") == 0)
    }
  }

  @Test func keepsAllPartsOfAMessage() async throws {
    try await TestDesk.with { desk in
      var message = try await desk.message("1")
      message.subject = "subject"
      message.attributes = PostgresJSON(#"{"line": 3}"#)
      message.attachments = PostgresJSON("[]")
      message.sentAt = Instant(seconds: 1_700_000_000)
      _ = try await desk.store.inbox.accept([message], owner: nil)
      #expect(try await desk.store.conversations.message(message.id)?.subject == "subject")
      #expect(
        try await desk.number(
          """
          SELECT count(*) FROM desk.message WHERE attributes->>'line' = '3' AND attachments = '[]'
             AND sent_at = to_timestamp(1700000000) AND traceparent = '00-trace'
          """) == 1)
    }
  }

  @Test(arguments: StoreKind.allCases) func twoStoresAcceptingTheSameGiveTheSameAnswers(on kind: StoreKind) async throws
  {
    try await StoreUnderTest.with(kind, connections: 4) { desk in
      for round in 0..<60 {
        // The same ids and customers from two sides, with different identifiers and in opposite orders.
        var left: [IncomingMessage] = []
        var right: [IncomingMessage] = []
        for position in 0..<20 {
          let name = "\(round)-\(position)"
          left.append(try await desk.message(name, from: "customer \(round)-\(position % 7)"))
          right.insert(try await desk.message(name, from: "customer \(round)-\(position % 7)"), at: 0)
        }
        async let first = desk.store.inbox.accept(left, owner: nil)
        async let second = desk.store.inbox.accept(right, owner: nil)
        let (one, other) = try await (first, second)
        #expect(one.count == 20 && other.count == 20)
        for (mine, theirs) in zip(one, other.reversed()) {
          #expect(mine.isNew != theirs.isNew)
          #expect(mine.acceptance?.message == theirs.acceptance?.message)
          #expect(mine.acceptance?.ticket == theirs.acceptance?.ticket)
        }
      }
      #expect(try await desk.count(of: .message) == 1200)
      #expect(try await desk.count(of: .inbox) == 1200)
      #expect(try await desk.count(of: .openTicket) == 420)
    }
  }

  @Test(arguments: StoreKind.allCases) func twoStoresOpenOneTicketForOneCustomer(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind, connections: 4) { desk in
      for round in 0..<60 {
        var sides: [[IncomingMessage]] = [[], []]
        for side in 0..<2 {
          for position in 0..<10 {
            sides[side].append(try await desk.message("\(side)-\(round)-\(position)", from: "c\(round)-\(position)"))
          }
        }
        let batches = sides
        async let first = desk.store.inbox.accept(batches[0], owner: nil)
        async let second = desk.store.inbox.accept(batches[1], owner: nil)
        let (one, other) = try await (first, second)
        #expect(one.count == 10 && other.count == 10)
        for (mine, theirs) in zip(one, other) {
          #expect(mine.isNew && theirs.isNew)
          #expect(mine.acceptance?.ticket == theirs.acceptance?.ticket)
          #expect(mine.acceptance?.opensTicket != theirs.acceptance?.opensTicket)
        }
      }
      #expect(try await desk.count(of: .openTicket) == 600)
    }
  }

  @Test func answersDuplicatesByKeyEvenAfterRetention() async throws {
    try await TestDesk.with { desk in
      let accepted = try await desk.accept(from: ["ann", "bob", "cyd"])
      // Rows of an earlier build do not name a ticket.
      try await desk.run(
        """
        UPDATE desk.message_key SET ticket_id = NULL WHERE message_id IN ('\(accepted[1].message)', '\(accepted[2].message)');
        DELETE FROM desk.message WHERE id IN ('\(accepted[0].message)', '\(accepted[1].message)')
        """)
      var batch: [IncomingMessage] = []
      for customer in ["ann", "bob", "cyd"] {
        batch.append(try await desk.message("first of \(customer)", from: customer))
      }
      for number in 0..<96 { batch.append(try await desk.message("good \(number)", from: "customer \(number)")) }
      let outcomes = try await desk.store.inbox.accept(batch, owner: nil)
      #expect(outcomes[0].acceptance?.message == accepted[0].message)
      #expect(outcomes[0].acceptance?.ticket == accepted[0].ticket)
      #expect(outcomes[1] == .duplicateOfDropped(accepted[1].message))
      #expect(outcomes[2].acceptance?.ticket == accepted[2].ticket)
      #expect(outcomes.dropFirst(3).allSatisfy { $0.isNew })
      let other = try await desk.message("first of ann", digest: 2)
      #expect(try await desk.store.inbox.accept([other], owner: nil) == [.conflict])
    }
  }

  @Test func skipsMessagesOfLockedTicketsAndAcceptsTheRest() async throws {
    try await TestDesk.with { desk in
      _ = try await desk.accept(from: ["ann", "bob"])
      let batch = try await [
        desk.message("a", from: "ann"), desk.message("b", from: "bob"), desk.message("c", from: "cyd"),
      ]
      try await desk.store.pool.withTransaction { holder in
        _ = try await holder.execute(Self.holdTickets, [["ann"]])
        let outcomes = try await desk.store.inbox.accept(batch, owner: nil, patience: .leavingOutHeld)
        #expect(outcomes.map(\.isNew) == [false, true, true] && outcomes[0] == .heldUp)
        let error = await #expect(throws: PostgresError.self) {
          try await desk.store.inbox.accept([batch[0]], owner: nil, patience: .brief)
        }
        #expect(error?.sqlState == "55P03")
      }
      // Nothing of it was written: afterwards it is new.
      let outcomes = try await desk.store.inbox.accept(batch, owner: nil, patience: .leavingOutHeld)
      #expect(outcomes.map(\.isNew) == [true, false, false])
      #expect(outcomes[1].acceptance?.message == batch[1].id)
    }
  }

  /// The loser's customer has no ticket without messages.
  @Test(arguments: StoreKind.allCases) func twoCustomersWithOneIdLeaveNoEmptyTicket(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind, connections: 4) { desk in
      for round in 0..<60 {
        let sides = try await [
          desk.message("m\(round)", from: "left \(round)"),
          desk.message("m\(round)", from: "right \(round)", digest: 2),
        ]
        async let first = desk.store.inbox.accept([sides[0]], owner: nil)
        async let second = desk.store.inbox.accept([sides[1]], owner: nil)
        let outcomes = try await first + second
        #expect(outcomes.count { $0.isNew } == 1 && outcomes.contains(.conflict))
      }
      #expect(try await desk.count(of: .openTicket) == 60)
    }
  }

  @Test func aContactIsStoredWithItsMessageAndStaysNewest() async throws {
    try await TestDesk.with { desk in
      func message(_ id: String, byte: UInt8) async throws -> IncomingMessage {
        var message = try await desk.message(id)
        message.contact = SealedContact(key: "k", bytes: [byte])
        return message
      }
      _ = try await desk.store.inbox.accept([message("1", byte: 1), message("2", byte: 2)], owner: nil)
      #expect(try await desk.store.privacy.contact(of: "ann", on: "web")?.sealed.bytes == [2])
      // A retry restores nothing.
      _ = try await desk.store.inbox.accept([message("1", byte: 1), message("3", byte: 3)], owner: nil)
      _ = try await desk.store.inbox.accept([message("2", byte: 2)], owner: nil)
      #expect(try await desk.store.privacy.contact(of: "ann", on: "web")?.sealed.bytes == [3])
    }
  }

  @Test(arguments: StoreKind.allCases) func keepsRequestKeysApartByContent(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      let digest = Array(repeating: UInt8(1), count: 32)
      let other = Array(repeating: UInt8(2), count: 32)
      let first = try await desk.store.inbox.claimRequestKey("k", channel: "web", digest: digest)
      let repeated = try await desk.store.inbox.claimRequestKey("k", channel: "web", digest: digest)
      let elsewhere = try await desk.store.inbox.claimRequestKey("k", channel: "app", digest: other)
      let reused = try await desk.store.inbox.claimRequestKey("k", channel: "web", digest: other)
      #expect([first, repeated, elsewhere, reused] == [.new, .repeated, .new, .taken])
    }
  }
}
