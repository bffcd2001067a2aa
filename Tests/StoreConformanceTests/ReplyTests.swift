import PostgreSQL
import TestStore
import Testing

@testable import DeskCore
@testable import Store

/// Replies on their way to the channels.
@Suite struct ReplyTests {
  /// Writes replies on an assigned ticket, each in a separate step.
  private func write(_ texts: [String], on ticket: inout Ticket, _ desk: some DeskFixture) async throws -> [MessageID] {
    var ids: [MessageID] = []
    for text in texts {
      let id: MessageID = try await desk.fresh()
      let step = try await desk.step(
        &ticket, .replied(id, by: "ada", awaitsCustomer: false),
        outgoing: OutgoingMessage(id: id, isPublic: true, author: "ada", body: text))
      #expect(try await desk.narrow.tickets.commit([step]) == [ticket.id])
      ids.append(id)
    }
    return ids
  }

  private func assigned(_ customers: [String], _ desk: some DeskFixture) async throws -> [Ticket] {
    try await desk.upsert(["ada"], capacity: 99)
    var tickets = try await desk.queued(customers)
    for position in tickets.indices {
      try await desk.take(&tickets[position], .offered(try await desk.offer(to: "ada")))
      try await desk.take(&tickets[position], .accepted(try #require(tickets[position].offer).id, by: "ada"))
    }
    return tickets
  }

  private func page(
    _ desk: some DeskFixture, of channel: ChannelID = "web", after: Int64 = 0, _ selection: ReplyStore.Selection = .all,
    limit: Int = 99
  ) async throws -> [StoredReply] {
    try await desk.narrow.replies.replies(of: channel, after: after, selection, limit: limit)
  }

  @Test(arguments: StoreKind.allCases) func repliesAreReadInOrderFromACursorOn(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
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
      #expect(
        try await desk.store.replies.replies(of: "web", after: 0, .all, limit: 9, bytes: 1).map(\.sequence) == [1])
      #expect(try await page(desk, of: "app").isEmpty, "another channel's key sees nothing")
      #expect(try await desk.store.replies.newestSequence(of: "web") == 3)
      #expect(try await desk.store.replies.newestSequence(of: "app") == 0)
      guard let replies = desk.postgres?.store.replies else { return }
      let ofTicket = try await replies.replies(on: tickets[0].id, by: "web", to: "ann", limit: 1)
      #expect(ofTicket.map(\.body) == ["two"])
      #expect(try await replies.replies(on: tickets[0].id, by: "web", to: "bob", limit: 9).isEmpty)
      #expect(try await replies.replies(on: tickets[0].id, by: "app", to: nil, limit: 9).isEmpty)
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

  @Test(arguments: StoreKind.allCases) func readersThatNumberAtTheSameTimeGiveEachReplyOneNumber(on kind: StoreKind)
    async throws
  {
    try await StoreUnderTest.with(kind, connections: 8) { desk in
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

  @Test(arguments: StoreKind.allCases) func receiptsAreRecordedOnceAndOnlyForTheChannelsOwnReplies(on kind: StoreKind)
    async throws
  {
    try await StoreUnderTest.with(kind) { desk in
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

  /// Writes a reply on the channel `web` with the hook `to-web`; another hook, `crm`, subscribes to it.
  private func writeToHook(
    on ticket: inout Ticket, _ desk: some DeskFixture
  ) async throws -> (reply: MessageID, channel: NoticeID, subscriber: NoticeID) {
    let reply: MessageID = try await desk.fresh()
    var policy = Policy.test
    policy.channels["web"] = ChannelPolicy(
      id: "web", weight: 1, replyHook: "to-web", reopenWindow: .seconds(60))
    policy.hooks["crm"] = Hook(
      id: "crm", url: "https://crm.example/", secrets: [], kinds: [.messageReplied], allowsPrivateAddress: false,
      parallelDeliveries: 1)
    var random = SeededGenerator(seed: 7)
    let step = try await TicketStep(
      .replied(reply, by: "ada", awaitsCustomer: true), on: ticket, at: desk.narrow.now(), under: policy,
      writing: OutgoingMessage(id: reply, isPublic: true, author: "ada", body: "an answer"), using: &random)
    ticket = step.ticket
    #expect(try await desk.narrow.tickets.commit([step]) == [ticket.id])
    let notices = Dictionary(uniqueKeysWithValues: step.notices.map { ($0.hook, $0.id) })
    #expect(Set(notices.keys) == ["crm", "to-web"])
    return (reply, try #require(notices["to-web"]), try #require(notices["crm"]))
  }

  @Test(arguments: StoreKind.allCases) func aReplyIsWithTheChannelOnceItsOwnHookHasAcceptedIt(on kind: StoreKind)
    async throws
  {
    try await StoreUnderTest.with(kind) { desk in
      var ticket = try await assigned(["ann"], desk)[0]
      let written = try await writeToHook(on: &ticket, desk)
      func state() async throws -> ReplyState? { try await page(desk).first?.delivery.state }
      try await desk.store.outbox.delivered([written.subscriber])
      #expect(try await state() == .queued, "a subscriber is not the channel")
      try await desk.store.outbox.delivered([written.channel])
      #expect(try await state() == .sent)
      #expect(try await page(desk, .queued).isEmpty)
    }
  }

  @Test(arguments: StoreKind.allCases)
  func aDeliveryToTheChannelThatBecomesADeadLetterFailsAndItsReplayQueuesTheReplyAgain(on kind: StoreKind) async throws
  {
    try await StoreUnderTest.with(kind) { desk in
      var ticket = try await assigned(["ann"], desk)[0]
      let written = try await writeToHook(on: &ticket, desk)
      #expect(try await page(desk).map(\.sequence) == [1])
      try await desk.store.outbox.deadLetter(written.subscriber, reason: "gone")
      #expect(try await page(desk).map(\.delivery.state) == [.queued], "a subscriber is not the channel")
      try await desk.store.outbox.deadLetter(written.channel, reason: String(repeating: "x", count: 9_000))
      let failed = try #require(try await page(desk).first?.delivery)
      #expect(failed.state == .failed && failed.reason?.count == StoreBounds.failureReasonCharacters)
      #expect(
        try await desk.store.replies.failed(limit: 9) == [
          FailedReply(id: written.reply, ticket: ticket.id, isProgressNotice: false)
        ])
      let letter = try #require(Identifier<DeadLetter>(written.channel.description))
      #expect(try await desk.store.outbox.replay(letter, freshTicket: desk.fresh()))
      // Behind what the channel has read.
      #expect(try await page(desk, after: 1).map(\.id) == [written.reply])
      #expect(try await page(desk, after: 1).map(\.sequence) == [2])
      #expect(try await page(desk).map(\.delivery.state) == [.queued])
      #expect(try await desk.store.replies.failed(limit: 9).isEmpty)
      try await desk.store.outbox.delivered([written.channel])
      #expect(try await page(desk).map(\.delivery.state) == [.sent])
      // The same for replays in batches.
      let second = try await writeToHook(on: &ticket, desk)
      try await desk.store.outbox.deadLetter(second.channel, reason: "gone")
      #expect(try await desk.store.replies.failed(limit: 9).map(\.id) == [second.reply])
      guard let real = desk.postgres?.store else { return }
      var filter = DeadLetterFilter()
      filter.hook = "to-web"
      #expect(try await real.outbox.replayDeliveries(filter, startingIn: .zero, perSecond: 10) == 1)
      #expect(try await page(desk).map(\.delivery.state) == [.sent, .queued])
    }
  }

  @Test(arguments: StoreKind.allCases) func aFailureBringsItsTicketBackInOneStepAndOnlyOnce(on kind: StoreKind)
    async throws
  {
    try await StoreUnderTest.with(kind) { desk in
      var ticket = try await assigned(["ann"], desk)[0]
      let reply = try await writeToHook(on: &ticket, desk).reply
      #expect(ticket.state == .pending)
      let failure = ReplyReceipt(reply: reply, state: .failed, reason: "blocked")
      #expect(try await desk.store.replies.record([failure], of: "web").map { $0?.outcome } == [.recorded])
      #expect(try await desk.store.replies.unreturned(among: [reply]) == [reply])
      // Two routers have read the same ticket.
      var (first, second) = (ticket, ticket)
      let steps = try await [
        desk.step(&first, .repliesFailed([reply])), desk.step(&second, .repliesFailed([reply])),
      ]
      #expect(try await desk.store.tickets.commit([steps[0]]) == [ticket.id])
      #expect(try await desk.store.tickets.commit([steps[1]]).isEmpty)
      #expect(first.state == .assigned && first.replyDueSince != nil)
      #expect(try await desk.store.tickets.tickets([ticket.id])[ticket.id] == first)
      #expect(try await desk.store.replies.unreturned(among: [reply]).isEmpty)
      #expect(try await desk.store.replies.failed(limit: 9).isEmpty)
      #expect(try await desk.store.replies.deadLetter([reply]).isEmpty)
      #expect(try await desk.store.replies.record([failure], of: "web").map { $0?.outcome } == [.unchanged])
      #expect(try await desk.store.replies.failed(limit: 9).isEmpty)
      let kinds = try await desk.store.conversations.timeline(of: ticket.id).map(\.kind)
      #expect(kinds.filter { $0 == "reply_failed" }.count == 1)
      // Who wrote it and the leads are notified once, without the provider's text.
      guard let real = desk.postgres?.store else { return }
      for (reader, role) in [("ada", Role.agent), ("eve", .lead)] as [(AgentID, Role)] {
        let notices = try await real.notices.notices(for: NoticeReader(agent: reader, role: role), limit: 9)
        #expect(notices.map(\.kind) == ["message.failed"] && notices.first?.ticket == ticket.id)
        #expect(
          notices.first?.detail.contains(reply.description) == true
            && notices.first?.detail.contains("blocked") == false)
      }
    }
  }

  /// A subscriber that cannot be reached does not concern agents, and a dead letter of the channel's hook is reported as the failed reply.
  @Test func aFailedReplyIsOneNoticeAndASubscribersDeadLetterNone() async throws {
    try await TestDesk.with { desk in
      var ticket = try await assigned(["ann"], desk)[0]
      let written = try await writeToHook(on: &ticket, desk)
      let ada = NoticeReader(agent: "ada", role: .agent)
      try await desk.store.outbox.deadLetter(written.subscriber, reason: "gone")
      #expect(try await desk.store.notices.notices(for: ada, limit: 9).isEmpty)
      try await desk.store.outbox.deadLetter(written.channel, reason: "gone")
      #expect(try await desk.store.notices.notices(for: ada, limit: 9).isEmpty)
      #expect(try await desk.take(&ticket, .repliesFailed([written.reply])))
      #expect(try await desk.store.notices.notices(for: ada, limit: 9).map(\.kind) == ["message.failed"])
      // Another kind to the subscriber is not one to the customer either; to the channel it is.
      for hook in ["crm", "to-web"] as [HookID] {
        let notice: NoticeID = try await desk.fresh()
        try await desk.store.outbox.enqueueNotices([
          Notice(id: notice, hook: hook, kind: .confirmationAsked, ticket: ticket.id, body: .object([]))
        ])
        try await desk.store.outbox.deadLetter(notice, reason: "gone")
      }
      let kinds = try await desk.store.notices.notices(for: ada, limit: 9).map(\.kind)
      #expect(kinds == ["delivery.failed", "message.failed"])
    }
  }

  @Test func aFailureAfterTheEndBecomesADeadLetterWhoseReplayQueuesTheReplyAgain() async throws {
    try await TestDesk.with { desk in
      var ticket = try await assigned(["ann"], desk)[0]
      let ids = try await write(["one", "two"], on: &ticket, desk)
      #expect(try await page(desk).count == 2)
      let failures = ids.map { ReplyReceipt(reply: $0, state: .failed, reason: "blocked") }
      _ = try await desk.store.replies.record([failures[0]], of: "web")
      #expect(try await desk.store.replies.deadLetter(ids) == [ids[0]], "the second has not failed")
      #expect(try await desk.store.replies.deadLetter(ids).isEmpty)
      let letters = try await desk.store.outbox.deadLetters(includingReplayed: false, limit: 9)
      let letter = try #require(letters.first)
      #expect(letters.count == 1 && letter.kind == "reply" && letter.ticket == ticket.id)
      #expect(letter.reason.hasSuffix(": blocked") && letter.hook == nil)
      #expect(try await desk.store.outbox.replay(letter.id, freshTicket: desk.fresh()))
      #expect(try await !desk.store.outbox.replay(letter.id, freshTicket: desk.fresh()), "once")
      #expect(try await page(desk, after: 2).map(\.id) == [ids[0]])
      #expect(try await page(desk, .queued).map(\.id) == [ids[1], ids[0]])
      // It fails again, and is reported again.
      _ = try await desk.store.replies.record([failures[0]], of: "web")
      #expect(try await desk.store.replies.deadLetter(ids) == [ids[0]])
      #expect(try await desk.store.outbox.deadLetterCount() == 1)
      let notices = try await desk.store.notices.notices(for: NoticeReader(agent: "ada", role: .agent), limit: 9)
      #expect(notices.map(\.kind) == ["message.failed", "message.failed"], "one for each failure")
    }
  }

  /// Merging across channels: the answer reaches the channel on which the customer wrote last, and later messages on either channel reach
  /// the ticket that lives.
  @Test func theRepliesOfAMergedConversationAreReadByTheChannelThatWasWrittenOnLast() async throws {
    try await TestDesk.with { desk in
      var source = try await assigned(["ann"], desk)[0]
      let early = try await write(["on the website"], on: &source, desk)
      func accept(_ external: String, from customer: String, on channel: ChannelID) async throws -> Acceptance {
        try await desk.store.accept(desk.store.message(from: customer, on: channel, externalID: external))
      }
      let opened = try await accept("app-1", from: "ann-in-the-app", on: "app")
      var target = try await desk.store.ticket(of: opened)
      try await desk.take(&target, .routed(.test(opened.message)), decides: [opened.message])
      let offer = try await desk.offer(to: "ada")
      try await desk.take(&target, .offered(offer))
      try await desk.take(&target, .accepted(offer.id, by: "ada"))
      let (from, into) = (source.id, target.id)
      let hand = ActingAgent("ada", leads: true)
      let steps = try await [
        desk.step(&source, .merged(into: into, by: hand, reason: "r")),
        desk.step(&target, .absorbed(from, by: hand, reason: "r")),
      ]
      #expect(try await desk.store.tickets.commit(together: steps))
      let customers: [(name: String, channel: ChannelID)] = [
        ("ann", "web"), ("ann-in-the-app", "app"), ("ann", "web"),
      ]
      for (number, customer) in customers.enumerated() {
        let more = try await accept("more-\(number)", from: customer.name, on: customer.channel)
        #expect(more.ticket == into && !more.opensTicket)
        #expect(
          try await desk.take(
            &target, .customerWrote(more.message, .test, from: Correspondent(customer.name, on: customer.channel)),
            decides: [more.message]))
        _ = try await write(["answer \(number)"], on: &target, desk)
      }
      let web = try await page(desk, of: "web")
      #expect(web.map(\.body) == ["on the website", "answer 0", "answer 2"])
      #expect(web.map(\.ticket) == [from, into, into] && web.allSatisfy { $0.customer == "ann" })
      #expect(web.first?.id == early.first)
      let app = try await page(desk, of: "app")
      #expect(app.map(\.body) == ["answer 1"] && app.map(\.customer) == ["ann-in-the-app"])
      // A channel's key reads what is for its own customer only.
      let seen = try await desk.store.replies.replies(on: into, by: "web", to: "ann", limit: 9)
      #expect(seen.map(\.body) == ["answer 0", "answer 2"])
      #expect(try await desk.store.replies.replies(on: into, by: "web", to: "ann-in-the-app", limit: 9).isEmpty)
    }
  }

  @Test(arguments: StoreKind.allCases) func goingOnBehindARepliesNumberAcknowledgesIt(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      var ticket = try await assigned(["ann"], desk)[0]
      let ids = try await write(["one", "two", "three"], on: &ticket, desk)
      _ = try await page(desk)
      let replies = desk.store.replies
      try await replies.sent(upTo: 2, of: "app")
      try await replies.sent(upTo: 0, of: "web")
      #expect(try await page(desk, .queued).count == 3)
      try await replies.sent(upTo: 2, of: "web")
      #expect(try await page(desk, .queued).map(\.id) == [ids[2]])
      _ = try await replies.record([ReplyReceipt(reply: ids[0], state: .read)], of: "web")
      try await replies.sent(upTo: 3, of: "web")
      #expect(try await page(desk).map(\.delivery.state) == [.read, .sent, .sent])
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

  @Test func anErasureDeletesTheDeadLettersOfReplies() async throws {
    try await TestDesk.with { desk in
      var tickets = try await assigned(["ann-7391", "bob"], desk)
      let gone = try await write(["to ann"], on: &tickets[0], desk)
      let kept = try await write(["to bob"], on: &tickets[1], desk)
      try await desk.run("UPDATE desk.reply SET state = 'failed', reason = '550 ann-7391 has moved'")
      #expect(try await desk.store.replies.deadLetter(gone + kept).count == 2)
      _ = try #require(
        try await desk.store.privacy.erase(customer: "ann-7391", of: "web", reason: "asked for it", receipt: "r"))
      let letters = try await desk.store.outbox.deadLetters(includingReplayed: false, limit: 9)
      #expect(letters.count == 1 && letters.first?.ticket == tickets[1].id)
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
