import PostgreSQL
import Testing

@testable import DeskCore
@testable import Store

/// Replies on their way to the channels.
@Suite struct ReplyTests {
  /// Writes replies on an assigned ticket, each in a step of its own.
  private func write(_ texts: [String], on ticket: inout Ticket, _ desk: TestDesk) async throws -> [MessageID] {
    var ids: [MessageID] = []
    for text in texts {
      let id: MessageID = try await desk.fresh()
      let step = try await desk.step(
        &ticket, .replied(id, by: "ada", awaitsCustomer: false),
        outgoing: OutgoingMessage(id: id, isPublic: true, author: "ada", body: text))
      #expect(try await desk.store.tickets.commit([step]) == [ticket.id])
      ids.append(id)
    }
    return ids
  }

  private func assigned(_ customers: [String], _ desk: TestDesk) async throws -> [Ticket] {
    try await desk.upsert(["ada"], capacity: 99)
    var tickets = try await desk.queued(customers)
    for position in tickets.indices {
      try await desk.take(&tickets[position], .offered(try await desk.offer(to: "ada")))
      try await desk.take(&tickets[position], .accepted(try #require(tickets[position].offer).id, by: "ada"))
    }
    return tickets
  }

  private func page(
    _ desk: TestDesk, of channel: ChannelID = "web", after: Int64 = 0, _ selection: ReplyStore.Selection = .all,
    limit: Int = 99
  ) async throws -> [StoredReply] {
    try await desk.store.replies.replies(of: channel, after: after, selection, limit: limit)
  }

  @Test func repliesAreReadInOrderFromACursorOn() async throws {
    try await TestDesk.with { desk in
      var tickets = try await assigned(["ann", "bob"], desk)
      let first = try await write(["one", "two"], on: &tickets[0], desk)
      let second = try await write(["three"], on: &tickets[1], desk)
      let note: MessageID = try await desk.fresh()
      let noted = try await desk.step(
        &tickets[0], .noted(note, by: "ada"),
        outgoing: OutgoingMessage(id: note, isPublic: false, author: "ada", body: "internal"))
      #expect(try await desk.store.tickets.commit([noted]) == [tickets[0].id])
      let all = try await page(desk)
      #expect(all.map(\.id) == first + second && all.map(\.sequence) == [1, 2, 3], "notes are no replies")
      #expect(all.map(\.body) == ["one", "two", "three"] && all.map(\.customer) == ["ann", "ann", "bob"])
      #expect(all.map(\.ticket) == [tickets[0].id, tickets[0].id, tickets[1].id])
      #expect(all.allSatisfy { $0.delivery.state == .queued })
      #expect(try await page(desk, limit: 2).map(\.sequence) == [1, 2])
      #expect(try await page(desk, after: 2).map(\.sequence) == [3])
      #expect(try await page(desk, after: 3).isEmpty)
      // A page is bounded by its text, but never empty.
      #expect(try await desk.store.replies.replies(of: "web", after: 0, limit: 9, bytes: 1).map(\.sequence) == [1])
      #expect(try await page(desk, of: "app").isEmpty, "another channel's key sees nothing")
      #expect(try await desk.store.replies.newestSequence(of: "web") == 3)
      #expect(try await desk.store.replies.newestSequence(of: "app") == 0)
      let ofTicket = try await desk.store.replies.replies(on: tickets[0].id, by: "web", to: "ann", limit: 1)
      #expect(ofTicket.map(\.body) == ["two"])
      #expect(try await desk.store.replies.replies(on: tickets[0].id, by: "web", to: "bob", limit: 9).isEmpty)
      #expect(try await desk.store.replies.replies(on: tickets[0].id, by: "app", to: nil, limit: 9).isEmpty)
    }
  }

  /// A number that is given when a row is written becomes visible only with its commit, perhaps after a later one: a reader that had
  /// passed the later one would never see it.
  @Test func aCursorNeverPassesAReplyThatIsCommittedLate() async throws {
    try await TestDesk.with { desk in
      var tickets = try await assigned(["ann", "bob"], desk)
      let late: MessageID = try await desk.fresh()
      let id = tickets[0].id
      let early = try await desk.store.pool.withTransaction { transaction in
        try await transaction.executeScript(
          """
          INSERT INTO desk.message (id, ticket_id, direction, channel, author, body, received_at)
          VALUES ('\(late)', '\(id)', 2, 'web', 'ada', 'late', now());
          INSERT INTO desk.reply (id, channel, customer, state_at, written_at) VALUES ('\(late)', 'web', 'ann', now(), now())
          """)
        // Written after it, committed before it, and read in between.
        let early = try await write(["early"], on: &tickets[1], desk)
        #expect(try await page(desk).map(\.id) == early)
        return early
      }
      #expect(
        try await desk.number(
          """
          SELECT count(*) FROM desk.reply a JOIN desk.reply b ON a.position < b.position
           WHERE a.id = '\(late)' AND b.id = '\(early[0])'
          """) == 1, "the late one has the smaller position")
      let next = try await page(desk, after: 1)
      #expect(next.map(\.id) == [late] && next.map(\.sequence) == [2])
    }
  }

  @Test func readersThatNumberAtTheSameTimeGiveEachReplyOneNumber() async throws {
    try await TestDesk.with(connections: 8) { desk in
      var tickets = try await assigned((0..<6).map { "customer \($0)" }, desk)
      for position in tickets.indices { _ = try await write(["a", "b"], on: &tickets[position], desk) }
      let store = desk.store
      let reads = try await withThrowingTaskGroup(of: [StoredReply].self) { group in
        for _ in 0..<8 { group.addTask { try await store.replies.replies(of: "web", after: 0, limit: 99) } }
        return try await group.reduce(into: [[StoredReply]]()) { $0.append($1) }
      }
      let all = try await page(desk)
      #expect(all.map(\.sequence) == Array(1...12))
      #expect(reads.allSatisfy { $0.map(\.id) == all.map(\.id) })
      for ticket in tickets { #expect(all.filter { $0.ticket == ticket.id }.map(\.body) == ["a", "b"]) }
    }
  }

  @Test func receiptsAreRecordedOnceAndOnlyForTheChannelsOwnReplies() async throws {
    try await TestDesk.with { desk in
      var ticket = try await assigned(["ann"], desk)[0]
      let ids = try await write(["one", "two"], on: &ticket, desk)
      let replies = desk.store.replies
      func record(_ receipts: [ReplyReceipt], of channel: ChannelID = "web") async throws -> [String] {
        try await replies.record(receipts, of: channel).map { $0.map { "\($0.outcome) \($0.state)" } ?? "unknown" }
      }
      let way = [ReplyState.sent, .delivered, .read].map { ReplyReceipt(reply: ids[0], state: $0) }
      let failure = ReplyReceipt(reply: ids[1], state: .failed, reason: "blocked")
      #expect(try await record(way + [failure], of: "app") == ["unknown", "unknown", "unknown", "unknown"])
      #expect(try await page(desk).allSatisfy { $0.delivery.state == .queued })
      #expect(
        try await record(way + [failure]) == [
          "recorded sent", "recorded delivered", "recorded read", "recorded failed",
        ])
      let once = try await page(desk).map(\.delivery)
      #expect(once.map(\.state) == [.read, .failed] && once.map(\.reason) == [nil, "blocked"])
      #expect(
        try await record(way + [failure]) == ["unchanged read", "unchanged read", "unchanged read", "unchanged failed"])
      #expect(try await record([ReplyReceipt(reply: ids[1], state: .read)]) == ["contradicted failed"])
      #expect(try await record([ReplyReceipt(reply: try await desk.fresh(), state: .read)]) == ["unknown"])
      try await replies.sent(ids, of: "web")
      #expect(try await page(desk).map(\.delivery) == once)
      // Agents see the same.
      let messages = try await desk.store.conversations.messages(of: ticket.id, limit: 9)
      #expect(messages.map(\.delivery) == [nil] + once)
    }
  }

  @Test func onlyRepliesThatAreNotWithTheChannelCountAsWaiting() async throws {
    try await TestDesk.with { desk in
      var ticket = try await assigned(["ann"], desk)[0]
      let ids = try await write(["one", "two", "three"], on: &ticket, desk)
      #expect(try await desk.store.replies.backlogs().map(\.waiting) == [3])
      try await desk.store.replies.sent([ids[1]], of: "app")
      #expect(try await desk.store.replies.backlogs().map(\.waiting) == [3])
      try await desk.store.replies.sent([ids[1]], of: "web")
      let backlog = try #require(try await desk.store.replies.backlogs().first)
      #expect(backlog.channel == "web" && backlog.waiting == 2)
      #expect(try await page(desk, .queued).map(\.id) == [ids[0], ids[2]])
      #expect(try await page(desk, after: 1, .queued).map(\.id) == [ids[2]])
      #expect(try await page(desk).count == 3)
    }
  }

  @Test func aReplyIsWithTheChannelOnceItsOwnHookHasAcceptedIt() async throws {
    try await TestDesk.with { desk in
      var ticket = try await assigned(["ann"], desk)[0]
      let reply: MessageID = try await desk.fresh()
      var policy = Policy.test
      policy.channels["web"] = ChannelPolicy(
        id: "web", weight: 1, replyHook: "to-web", reopenWindow: .seconds(60))
      policy.hooks["crm"] = Hook(
        id: "crm", url: "https://crm.example/", secrets: [], kinds: [.messageReplied], allowsPrivateAddress: false,
        parallelDeliveries: 1)
      var random = SeededGenerator(seed: 7)
      let step = try await TicketStep(
        .replied(reply, by: "ada", awaitsCustomer: false), on: ticket, at: desk.store.now(), under: policy,
        writing: OutgoingMessage(id: reply, isPublic: true, author: "ada", body: "an answer"), using: &random)
      ticket = step.ticket
      #expect(try await desk.store.tickets.commit([step]) == [ticket.id])
      let notices = Dictionary(uniqueKeysWithValues: step.notices.map { ($0.hook, $0.id) })
      #expect(Set(notices.keys) == ["crm", "to-web"])
      func state() async throws -> ReplyState? { try await page(desk).first?.delivery.state }
      try await desk.store.outbox.delivered([try #require(notices["crm"])])
      #expect(try await state() == .queued, "a subscriber is not the channel")
      try await desk.store.outbox.delivered([try #require(notices["to-web"])])
      #expect(try await state() == .sent)
      #expect(try await desk.store.replies.backlogs().isEmpty)
    }
  }

  @Test func anErasureRemovesTheRepliesOfThatCustomerOnly() async throws {
    try await TestDesk.with { desk in
      var tickets = try await assigned(["ann", "bob"], desk)
      _ = try await write(["to ann"], on: &tickets[0], desk)
      let kept = try await write(["to bob"], on: &tickets[1], desk)
      _ = try #require(
        try await desk.store.privacy.erase(customer: "ann", of: "web", reason: "asked for it", receipt: "r"))
      #expect(try await page(desk).map(\.id) == kept)
      #expect(try await desk.number("SELECT count(*) FROM desk.reply r WHERE r::text ~ 'ann'") == 0)
    }
  }

  @Test func retentionDeletesARepliesRowWithItsMessage() async throws {
    try await TestDesk.with { desk in
      var ticket = try await assigned(["ann"], desk)[0]
      let kept = try await write(["young"], on: &ticket, desk)
      try await desk.run(
        """
        INSERT INTO desk.reply (id, channel, customer, state_at, written_at)
        VALUES (desk.uuid_floor(now() - interval '40 days'), 'web', 'ann', now(), now() - interval '40 days')
        """)
      #expect(try await desk.store.privacy.forget(olderThan: 30).rows == 1)
      #expect(try await page(desk).map(\.id) == kept)
      #expect(try await desk.number("SELECT count(*) FROM desk.reply") == 1)
    }
  }
}
