import PostgreSQL
import Testing

@testable import DeskCore
@testable import Store

/// Agents, waiting tickets and deadlines.
@Suite struct DeskTests {
  @Test(arguments: StoreKind.allCases) func ticketsWaitInOrderOfRankAndAge(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      try await desk.setCustomer("vip", tier: .vip)
      let tickets = try await desk.queued(["old"]) + desk.queued(["young"]) + desk.queued(["vip"])
      let other = try await desk.queued(["elsewhere"], queue: "returns")
      #expect(
        try await desk.store.matching.waitingTickets(
          in: "billing", at: desk.store.now(), headStarts: HeadStarts(), limit: 9
        )
        .map(\.id)
          == [tickets[2].id, tickets[0].id, tickets[1].id])
      let first = try #require(
        try await desk.store.matching.waitingTickets(
          in: "billing", at: desk.store.now(), headStarts: HeadStarts(), limit: 1
        )
        .first)
      #expect(first.tier == .vip && first.priority == .high && first.version == 2 && first.language == "en")
      #expect(first.skills == [SkillRequirement("refunds", proficiency: 3)] && first.dueAt == nil)
      #expect(try await desk.store.matching.queuesWithWaiting() == ["billing", "returns"])
      try await desk.upsert(["ada"], capacity: 1)
      var taken = other[0]
      try await desk.take(&taken, .offered(try await desk.offer(to: "ada")))
      #expect(try await desk.store.matching.queuesWithWaiting() == ["billing"])
    }
  }

  @Test(arguments: StoreKind.allCases) func aRoundReadsQueuesAndAgentsOnlyWhereSomethingCanBeOffered(
    on kind: StoreKind
  ) async throws {
    try await StoreUnderTest.with(kind) { desk in
      try await desk.upsert(["ada"], capacity: 1)
      var now = try await desk.store.matching.situation()
      #expect(now.queues == [] && now.agents == [])
      var tickets = try await desk.queued(["ann", "bob"])
      let other = try await desk.queued(["elsewhere"], queue: "returns")
      now = try await desk.store.matching.situation()
      #expect(now.queues == ["billing", "returns"] && now.agents.map(\.agent) == ["ada"])
      let waiting = try await desk.store.matching.waitingTickets(
        in: ["billing", "returns", "general"], at: desk.store.now(), headStarts: HeadStarts(), limit: 9)
      #expect(
        waiting.mapValues { Set($0.map(\.id)) }
          == ["billing": Set(tickets.map(\.id)), "returns": Set(other.map(\.id)), "general": []])
      try await desk.take(&tickets[0], .offered(try await desk.offer(to: "ada")))
      now = try await desk.store.matching.situation()
      #expect(now.queues == [] && now.agents == [])
    }
  }

  @Test(arguments: StoreKind.allCases) func offersAreFoundByAgentAndByTime(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      try await desk.upsert(["ada", "ben"], capacity: 3)
      var tickets = try await desk.queued(["ann", "bob"])
      let first = try await desk.offer(to: "ada")
      try await desk.take(&tickets[0], .offered(first))
      try await desk.take(&tickets[1], .offered(try await desk.offer(to: "ada")))
      try await desk.take(&tickets[1], .accepted(try #require(tickets[1].offer).id, by: "ada"))
      #expect(try await desk.store.tickets.ticket(offeredAs: first.id, to: "ada") == tickets[0])
      #expect(try await desk.store.tickets.ticket(offeredAs: first.id, to: "ben") == nil)
      #expect(try await desk.store.tickets.ticketsOffered(to: ["ada", "ben"]) == [tickets[0]])
      #expect(try await Set(desk.store.tickets.tickets(heldBy: "ada")) == Set(tickets))
      #expect(try await desk.store.tickets.expiredOffers(limit: 9) == [])
      try await desk.pass(.seconds(30))
      #expect(
        try await desk.store.tickets.expiredOffers(limit: 9) == [ExpiredOffer(ticket: tickets[0].id, offer: first.id)])
    }
  }

  @Test(arguments: StoreKind.allCases) func agentPresenceIsUpdated(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      try await desk.upsert(["ada", "ben"], capacity: 2)
      var ticket = try await desk.queued(["ann"])[0]
      try await desk.take(&ticket, .offered(try await desk.offer(to: "ada")))
      let unknown = try await desk.store.matching.setPresence(.available, of: "unknown")
      #expect(!unknown)
      #expect(try await desk.store.matching.presentAgents().map(\.agent) == ["ada", "ben"])
      try await desk.pass(.seconds(3600))
      try await desk.store.matching.touch(["ben"])
      #expect(try await desk.store.matching.agentsGone(after: .seconds(600)) == ["ada"])
      #expect(try await desk.store.matching.absentHolders(limit: 9) == ["ada"])
      #expect(try await desk.store.matching.presentAgents().map(\.agent) == ["ben"])
      // A policy without ada keeps her row, for the tickets she holds, but assigns her nothing more.
      try await desk.upsert(["ben", "cyn"], capacity: 1)
      let rows = try await desk.store.matching.agentRows()
      #expect(rows.map(\.agent) == ["ada", "ben", "cyn"] && rows.map(\.capacity) == [0, 1, 1])
      #expect(rows.map(\.load) == [1, 0, 0] && rows[0].presence == .offline)
    }
  }

  @Test(arguments: StoreKind.allCases) func deadlinesComeDueInOrder(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      let start = try await desk.store.now()
      let later = try await desk.queued(["later"], targets: .test(from: start + .seconds(1000)))[0]
      let sooner = try await desk.queued(["sooner"], targets: .test(from: start))[0]
      let deadlines = [
        Deadline(at: start + .seconds(45), ticket: sooner.id), Deadline(at: start + .seconds(1045), ticket: later.id),
      ]
      func found(after: Instant?, upTo seconds: Int, limit: Int = 9) async throws -> [Deadline] {
        try await desk.store.tickets.deadlines(after: after, upTo: start + .seconds(seconds), limit: limit)
      }
      #expect(try await found(after: nil, upTo: 44) == [])
      #expect(try await found(after: nil, upTo: 45) == [deadlines[0]])
      #expect(try await found(after: nil, upTo: 5000) == deadlines)
      #expect(try await found(after: nil, upTo: 5000, limit: 1) == [deadlines[0]])
      #expect(try await found(after: start + .seconds(45), upTo: 5000) == [deadlines[1]])
      #expect(try await desk.store.tickets.ticketsDue([sooner.id, later.id], by: start + .seconds(100)) == [sooner])
    }
  }

  @Test(arguments: StoreKind.allCases) func resolvedTicketsCloseAfterTheirWindow(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      try await desk.upsert(["ada"], capacity: 1)
      var ticket = try await desk.queued(["ann"])[0]
      try await desk.take(&ticket, .offered(try await desk.offer(to: "ada")))
      try await desk.take(&ticket, .accepted(try #require(ticket.offer).id, by: "ada"))
      try await desk.take(&ticket, .resolved(by: "ada"))
      let resolved = try #require(ticket.resolvedAt)
      #expect(try await desk.store.tickets.ticketsToClose(by: resolved + .seconds(59), limit: 9) == [])
      #expect(try await desk.store.tickets.ticketsToClose(by: resolved + .seconds(60), limit: 9) == [ticket])
    }
  }

  @Test func partitionsAreCreatedOnceAndHoldTheDaysRows() async throws {
    try await TestDesk.with { desk in
      #expect(try await desk.store.privacy.ensurePartitions() == 0)
      _ = try await desk.queued(["ann"])
      for table in ["message", "ticket_event"] {
        #expect(try await desk.number("SELECT count(*) FROM desk.\(table)_default") == 0)
        #expect(try await desk.number("SELECT count(*) FROM desk.\(table)") == 1)
      }
    }
  }

  /// A long read of one table must not block all accepting of messages.
  @Test(.timeLimit(.minutes(3))) func creatingPartitionsYieldsToALongRead() async throws {
    try await TestDesk.with { desk in
      for parent in ["message", "closed_ticket"] {
        try await desk.run(
          """
          DO $$ BEGIN EXECUTE 'DROP TABLE desk.\(parent)_'
            || to_char((now() AT TIME ZONE 'UTC')::date + \(StoreBounds.partitionDaysAhead), 'YYYYMMDD'); END $$
          """)
      }
      try await desk.store.pool.withTransaction { reader in
        try await reader.executeScript("LOCK TABLE desk.closed_ticket IN ACCESS SHARE MODE")
        let error = await #expect(throws: PostgresError.self) { try await desk.store.privacy.ensurePartitions() }
        #expect(error?.sqlState == "55P03")
      }
      // Partitions created before the read table are kept.
      #expect(try await desk.store.privacy.ensurePartitions() == 1)
    }
  }
}
