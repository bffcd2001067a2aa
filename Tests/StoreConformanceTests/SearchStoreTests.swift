import PostgreSQL
import Store
import TestStore
import Testing

@testable import DeskCore

/// The index of messages, and what is found in it.
@Suite struct SearchStoreTests {
  /// Reads what was written just now.
  private let reader = SearchReader(name: "search", distance: .seconds(-2))

  private func rewind(_ desk: TestDesk) async throws {
    try await desk.run(
      "UPDATE desk.watch_cursor SET up_to = '00000000-0000-0000-0000-000000000000' WHERE name = 'search'")
  }

  private func index(_ desk: TestDesk) async throws {
    try await rewind(desk)
    let reading = try #require(try await desk.store.search.read(by: reader))
    #expect(try await desk.store.search.index(reading.messages, of: reading, by: reader, upTo: reading.upTo))
  }

  private func write(_ text: String, from customer: String, on desk: TestDesk) async throws -> Acceptance {
    let number = try await desk.number("SELECT count(*) FROM desk.message")
    return try await desk.store.accept(desk.store.message(from: customer, externalID: "m-\(number)", text: text))
  }

  private func page(
    _ words: String, _ desk: TestDesk, after: SearchPlace? = nil, limit: Int = 50,
    _ change: (inout SearchFilter) -> Void = { _ in }
  ) async throws -> SearchPage {
    var filter = SearchFilter()
    change(&filter)
    return try await desk.store.search.find(
      #require(SearchQuery(words)), filter, after: after, limit: limit, now: desk.store.now(), timeout: .seconds(20))
  }

  private func find(
    _ words: String, _ desk: TestDesk, _ change: (inout SearchFilter) -> Void = { _ in }
  ) async throws -> [TicketID] {
    try await page(words, desk, change).tickets.map(\.ticket)
  }

  private func customers(
    _ name: String, _ desk: TestDesk, seenBy sight: TicketFilter.Sight? = nil
  ) async throws -> [String] {
    try await desk.store.search.customers(
      named: #require(SearchQuery(name)), seenBy: sight, limit: 5, now: desk.store.now(), timeout: .seconds(20)
    ).map(\.customer)
  }

  // MARK: Words

  @Test func wordsAreFoundInBothLanguages() async throws {
    try await TestDesk.with { desk in
      let parcel = try await write("我的快递一周没动了，请帮忙查一下", from: "李雷", on: desk).ticket
      let refund = try await write("My REFUND for order A-10023 hasn't come", from: "Ann Lee", on: desk).ticket
      try await desk.run(
        """
        UPDATE desk.message SET subject = 'Invoice', attributes = '{"order": "B-77 51", "age": 7}',
          attachments = '[{"url": "https://example.com/x", "name": "receipt.pdf"}]' WHERE ticket_id = '\(refund)'
        """)
      try await index(desk)
      for words in ["快递", "快遞", "没动", "查", "一周没动了", "李雷", "李雷 快递", "快递 没动"] {
        #expect(try await find(words, desk) == [parcel], "\(words)")
      }
      let english = [
        "refund", "ref", "order ref", "Ａ－１００２３", "a-10023", "A-100", "10023", "hasn't", "ann", "ann refund", "invoice",
        "b-77", "receipt.pdf", "7",
      ]
      for words in english { #expect(try await find(words, desk) == [refund], "\(words)") }
      for words in ["退款", "递一我", "ref come", "a-1002 ", "快递 refund", "example"] {
        #expect(try await find(words, desk) == [], "\(words)")
      }
      // By the identifier, by its last digits, and with other words.
      #expect(try await find("\(parcel)", desk) == [parcel])
      #expect(try await find("#…\(parcel.description.suffix(4))", desk).contains(parcel))
      let found = try #require(try await page("快递", desk).tickets.first)
      #expect(found.customer == "李雷" && found.state == .received && found.direction == 1 && found.queue == nil)
      #expect(found.text == "我的快递一周没动了，请帮忙查一下" && found.author == "李雷")
    }
  }

  @Test func hostileWordsFindNothingAndBreakNothing() async throws {
    try await TestDesk.with { desk in
      _ = try await write("words", from: "ann", on: desk)
      try await index(desk)
      for words in [
        "x'); DROP TABLE desk.ticket; --", "a:* | b", "!x & (", "\\'q \\", "x\\", "%x_", "'x'", "x\u{FFFF}y",
        "\u{202E}xyz",
        "ﷺ zz", "x:*A", String(repeating: "q'", count: 50), String(repeating: "快", count: 100),
      ] {
        #expect(try await find(words, desk) == [], "\(words)")
        #expect(try await customers(words, desk) == [], "\(words)")
      }
      let wide = try await write("a:b don't \\ back\\slash 'quoted' \u{1F600} e\u{301}", from: "x'y\\z", on: desk)
        .ticket
      try await index(desk)
      for words in ["don't", "back", "quoted", "é", "x'y"] {
        #expect(try await find(words, desk) == [wide], "\(words)")
      }
    }
  }

  @Test func customersAreFoundByNameOnly() async throws {
    try await TestDesk.with { desk in
      try await desk.upsert(["ann"], capacity: 4)
      _ = try await write("from 李雷", from: "Han Mei", on: desk)
      _ = try await desk.queued(["李雷 7391"])
      try await desk.store.privacy.setCustomer("李雷 7391", of: "web", tier: .vip, dedicatedAgent: nil)
      try await index(desk)
      #expect(try await customers("李雷", desk) == ["李雷 7391"])
      #expect(try await customers("李", desk) == ["李雷 7391"])
      #expect(try await customers("雷 73", desk) == ["李雷 7391"])
      #expect(try await customers("han", desk) == ["Han Mei"])
      #expect(try await customers("from", desk) == [])
      #expect(try await customers("李雷", desk, seenBy: .init(agent: "ann", queues: ["billing"])) == ["李雷 7391"])
      #expect(try await customers("李雷", desk, seenBy: .init(agent: "ann", queues: ["parcels"])) == [])
      #expect(try await customers("han", desk, seenBy: .init(agent: "ann", queues: ["billing"])) == [])
    }
  }

  // MARK: Tickets

  @Test func ticketsAreFoundOnceInTheOrderOfTheirNewestMatch() async throws {
    try await TestDesk.with { desk in
      let ann = try await write("refund one", from: "ann", on: desk)
      let bob = try await write("refund two", from: "bob", on: desk)
      _ = try await write("refund again", from: "ann", on: desk)
      _ = try await write("no more", from: "ann", on: desk)
      try await index(desk)
      let found = try await page("refund", desk).tickets
      #expect(found.map(\.ticket) == [ann.ticket, bob.ticket])
      #expect(found.map(\.text) == ["refund again", "refund two"])
    }
  }

  @Test func pagesReachEveryTicketOnceWhateverArrives() async throws {
    try await TestDesk.with { desk in
      var tickets: [TicketID] = []
      for name in ["a1", "a2", "a3", "a4", "a5"] {
        tickets.append(try await write("refund", from: name, on: desk).ticket)
      }
      // The second one matches three times.
      _ = try await write("refund", from: "a2", on: desk)
      _ = try await write("refund", from: "a2", on: desk)
      try await index(desk)
      let first = try await page("refund", desk, limit: 2)
      #expect(first.tickets.map(\.ticket) == [tickets[1], tickets[4]])
      // A ticket that is still to come gets another match: it stays where it was.
      _ = try await write("refund", from: "a3", on: desk)
      _ = try await write("refund", from: "a6", on: desk)
      try await index(desk)
      let second = try await page("refund", desk, after: first.next, limit: 2)
      #expect(second.tickets.map(\.ticket) == [tickets[3], tickets[2]])
      let third = try await page("refund", desk, after: second.next, limit: 2)
      #expect(third.tickets.map(\.ticket) == [tickets[0]] && third.next == nil)
    }
  }

  @Test func olderSpansOfTimeFollowTheNewest() async throws {
    try await TestDesk.with { desk in
      try await desk.run(
        """
        INSERT INTO desk.open_ticket (ticket_id, channel, customer, opened_at)
        SELECT desk.uuid_floor(now() - make_interval(days => d)), 'web', 'old ' || d, now() FROM unnest(ARRAY[3, 20, 90]) d;
        INSERT INTO desk.message (id, ticket_id, direction, channel, author, body, received_at)
        SELECT ticket_id, ticket_id, 1, 'web', customer, 'refund', now() FROM desk.open_ticket;
        INSERT INTO desk.message (id, ticket_id, direction, channel, author, body, received_at)
        SELECT desk.uuid_floor(now() - interval '1 hour'), ticket_id, 1, 'web', customer, 'refund', now()
          FROM desk.open_ticket WHERE customer = 'old 90';
        """)
      try await index(desk)
      #expect(try await page("refund", desk).tickets.map(\.customer) == ["old 90", "old 3", "old 20"])
      let first = try await page("refund", desk, limit: 1)
      let second = try await page("refund", desk, after: first.next, limit: 1)
      let third = try await page("refund", desk, after: second.next, limit: 1)
      #expect((first.tickets + second.tickets + third.tickets).map(\.customer) == ["old 90", "old 3", "old 20"])
      #expect(third.next == nil)
    }
  }

  @Test func filtersSelectAndAgentsFindOnlyWhatTheyMaySee() async throws {
    try await TestDesk.with { desk in
      try await desk.upsert(["ann"], capacity: 4)
      let billing = try await desk.queued(["1"])[0].id
      let parcels = try await desk.queued(["2"], queue: "parcels")[0].id
      var mine = try await desk.queued(["3"], queue: "praise")[0]
      try await desk.take(&mine, .offered(try await desk.offer(to: "ann")))
      let received = try await desk.accept(from: ["4"])[0].ticket
      let ended = try await desk.queued(["5"], queue: "parcels")[0].id
      try await desk.run(
        """
        INSERT INTO desk.closed_ticket (id, state, channel, customer, queue, opened_at, closed_at, ticket)
        SELECT id, 'closed', channel, customer, queue, opened_at, now(), to_jsonb(t) FROM desk.ticket t WHERE id = '\(ended)';
        DELETE FROM desk.ticket WHERE id = '\(ended)'; DELETE FROM desk.open_ticket WHERE ticket_id = '\(ended)';
        """)
      try await index(desk)
      #expect(try await find("words", desk) == [ended, received, mine.id, parcels, billing])
      #expect(try await find("words", desk) { $0.states = [.closed] } == [ended])
      #expect(try await find("words", desk) { $0.states = [.received, .offered] } == [received, mine.id])
      #expect(try await find("words", desk) { $0.queues = ["parcels"] } == [ended, parcels])
      let sight = TicketFilter.Sight(agent: "ann", queues: ["parcels"])
      #expect(try await find("words", desk) { $0.sight = sight } == [ended, mine.id, parcels])
      #expect(try await find("\(billing)", desk) { $0.sight = sight } == [])
      #expect(try await find("\(ended)", desk) { $0.sight = sight } == [ended])
      #expect(try await find("words", desk) { $0.sight = .init(agent: "bob", queues: []) } == [])
    }
  }

  @Test func mergedTicketsAreFoundAsTheOneThatTheyArePartOf() async throws {
    try await TestDesk.with { desk in
      let tickets = try await desk.queued(["ann", "bob"])
      try await desk.run(
        """
        UPDATE desk.open_ticket SET merged_into = '\(tickets[0].id)' WHERE customer = 'bob';
        DELETE FROM desk.ticket WHERE customer = 'bob';
        """)
      try await index(desk)
      #expect(try await find("bob", desk) == [tickets[0].id])
      #expect(try await find("words", desk) == [tickets[0].id])
    }
  }

  // MARK: Readers

  @Test func aReadingIsStoredWholeOnceOrNotAtAll() async throws {
    try await TestDesk.with { desk in
      _ = try await desk.accept(from: ["ann", "bob"])
      let search = desk.store.search
      let one = try #require(try await search.read(by: reader))
      let other = try #require(try await search.read(by: reader))
      #expect(one.messages.count == 2 && other.messages.count == 2)
      let first = try #require(one.messages.first)
      // It dies after the first message; another process has read the same.
      #expect(try await search.index([first], of: one, by: reader, upTo: first.id))
      #expect(try await !search.index(other.messages, of: other, by: reader, upTo: other.upTo))
      #expect(try await desk.number("SELECT count(*) FROM desk.search_entry") == 1)
      let rest = try #require(try await search.read(by: reader))
      #expect(rest.messages.map(\.id) == [one.messages[1].id] && rest.position == first.id)
      #expect(try await search.index(rest.messages, of: rest, by: reader, upTo: rest.upTo))
      #expect(try await desk.number("SELECT count(*) FROM desk.search_entry") == 2)
      #expect(try await search.read(by: reader)?.messages.isEmpty == true)
    }
  }

  /// A commit took longer than the first reader waits, and the clock jumped.
  @Test func laterReadersFindWhatTheFirstOneMissed() async throws {
    try await TestDesk.with { desk in
      try await index(desk)
      let late = SearchReader(name: "search_minute", distance: .seconds(-2))
      try await desk.run(
        """
        INSERT INTO desk.message (id, ticket_id, direction, channel, author, body, received_at)
        SELECT desk.uuid_floor(now() + interval '1 second'), gen_random_uuid(), 3, 'web', 'ann', 'late', now();
        UPDATE desk.watch_cursor SET up_to = desk.uuid_floor(now() + interval '1 hour') WHERE name = 'search';
        """)
      let reading = try #require(try await desk.store.search.read(by: reader))
      #expect(reading.messages.isEmpty && reading.upTo < reading.position)
      #expect(try await desk.store.search.index([], of: reading, by: reader, upTo: reading.upTo))
      let again = try #require(try await desk.store.search.read(by: late))
      #expect(again.messages.count == 1)
      #expect(try await desk.store.search.index(again.messages, of: again, by: late, upTo: again.upTo))
      #expect(try await desk.store.search.read(by: late)?.messages.isEmpty == true)
      #expect(Set(SearchReader.all.map(\.name)).count == 3)
      for reader in SearchReader.all { #expect(try await desk.store.search.read(by: reader) != nil) }
    }
  }

  // MARK: Privacy

  @Test func anErasedCustomersWordsAreFoundNoLonger() async throws {
    try await TestDesk.with { desk in
      let erased = try await write("我的快递 Quaxley", from: "Zebulon 7391", on: desk)
      let kept = try await write("快递", from: "bob", on: desk)
      try await index(desk)
      #expect(try await find("quaxley", desk) == [erased.ticket])
      #expect(try await customers("zebulon", desk) == ["Zebulon 7391"])
      // A reader has read another message of the customer when the erasure comes.
      _ = try await write("Quaxley once more", from: "Zebulon 7391", on: desk)
      try await rewind(desk)
      let reading = try #require(try await desk.store.search.read(by: reader))
      #expect(reading.messages.count == 1)
      #expect(
        try await desk.store.privacy.erase(customer: "Zebulon 7391", of: "web", reason: "asked", receipt: "r") != nil)
      #expect(try await !desk.store.search.index(reading.messages, of: reading, by: reader, upTo: reading.upTo))
      for _ in 0..<2 {
        for words in ["quaxley", "zebulon", "7391", "once"] {
          #expect(try await find(words, desk) == [], "\(words)")
          #expect(try await customers(words, desk) == [], "\(words)")
        }
        let left = "SELECT count(*) FROM desk.search_entry WHERE terms::text ~* 'quaxley|zebulon|7391'"
        #expect(try await desk.number(left) == 0)
        // Nor after the messages were read again.
        try await index(desk)
      }
      #expect(try await find("快递", desk) == [kept.ticket])
      #expect(try await customers("erased", desk) == [])
    }
  }

  @Test func retentionDropsTheIndexOfDroppedMessages() async throws {
    try await TestDesk.with { desk in
      try await desk.run(
        """
        DO $$
        DECLARE
          parent text;
          day date := (now() AT TIME ZONE 'UTC')::date - 10;
        BEGIN
          FOREACH parent IN ARRAY ARRAY['message', 'search_entry'] LOOP
            EXECUTE format('CREATE TABLE desk.%I PARTITION OF desk.%I FOR VALUES FROM (%L) TO (%L)',
              parent || '_' || to_char(day, 'YYYYMMDD'), parent, desk.uuid_floor(day::timestamp AT TIME ZONE 'UTC'),
              desk.uuid_floor((day + 1)::timestamp AT TIME ZONE 'UTC'));
          END LOOP;
        END
        $$;
        INSERT INTO desk.message (id, ticket_id, direction, channel, author, body, received_at)
        SELECT desk.uuid_floor(now() - days * interval '1 day' + n * interval '1 millisecond'),
               desk.uuid_floor(now() - days * interval '1 day' + n * interval '1 millisecond'), 1, 'web', 'ann ' || n, 'old words', now()
          FROM unnest(ARRAY[10, 12]) days, generate_series(1, 2) n;
        INSERT INTO desk.open_ticket (ticket_id, channel, customer, opened_at)
        SELECT ticket_id, channel, author, received_at FROM desk.message WHERE author = 'ann 1' ORDER BY id DESC LIMIT 1;
        """)
      try await index(desk)
      #expect(try await desk.number("SELECT count(*) FROM desk.search_entry") == 4)
      let forgotten = try await desk.store.privacy.forget(olderThan: 5)
      #expect(forgotten.partitions.filter { $0.hasPrefix("search_entry") }.count == 1, "\(forgotten)")
      // What a live ticket needs can still be found.
      #expect(
        try await desk.number(
          "SELECT count(*) FROM desk.search_entry e WHERE EXISTS (SELECT FROM desk.message m WHERE m.id = e.id)") == 1)
      #expect(try await desk.number("SELECT count(*) FROM desk.search_entry") == 1)
      #expect(try await page("old words", desk).tickets.map(\.customer) == ["ann 1"])
    }
  }
}
