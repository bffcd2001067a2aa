import PostgreSQL
import Testing

@testable import DeskCore
@testable import Store

/// One bad row does not affect others, on any path that reads or writes many.
@Suite("Isolation of bad rows")
struct IsolationTests {
  /// Content that a newer build, or a fault, may leave in a ticket's row.
  private static let poisons = [
    "skills = 'billing'",
    "clock_state = '{\"escalation_steps\": \"many\"}'",
    "clock_state = '{\"first_used_us\": \"1e99\"}'",
    "clock_state = '{\"next_due_us\": \"soon\", \"next_since_us\": \"then\", \"next_notified\": \"x\"}'",
    "progress = '[]'",
  ]

  private func poison(_ ticket: Ticket, _ assignment: String, on desk: TestDesk) async throws {
    try await desk.run("UPDATE desk.ticket SET \(assignment) WHERE id = '\(ticket.id)'")
  }

  @Test(arguments: IsolationTests.poisons)
  func anUnreadableTicketHidesNoOther(poison: String) async throws {
    try await TestDesk.with { desk in
      try await desk.upsert(["ann"], capacity: 9)
      let start = try await desk.store.now()
      var tickets = try await desk.queued(["a", "b", "c"], targets: .test(from: start))
      for position in tickets.indices {
        let offer = try await desk.offer(to: "ann")
        #expect(try await desk.take(&tickets[position], .offered(offer)))
        #expect(try await desk.take(&tickets[position], .accepted(offer.id, by: "ann")))
      }
      let (bad, good) = (tickets[1], [tickets[0], tickets[2]].map(\.id).sorted())
      try await self.poison(bad, poison, on: desk)
      let later = start + .seconds(100_000)
      let store = fresh(desk)
      #expect(try await store.tickets.deadlines(after: nil, upTo: later, limit: 9).count == 3)
      #expect(try await store.tickets.ticketsDue(tickets.map(\.id), by: later).map(\.id).sorted() == good)
      #expect(store.setAside.held.map(\.row) == [.ticket(bad.id)])
      // From now on it takes no slot in a batch.
      #expect(try await store.tickets.deadlines(after: nil, upTo: later, limit: 9).map(\.ticket).sorted() == good)
      #expect(try await store.tickets.deadlines(after: start, upTo: later, limit: 9).map(\.ticket).sorted() == good)
      // Each path separately, like a process that has not met the row yet.
      #expect(try await Set(fresh(desk).tickets.readableTickets(tickets.map(\.id)).keys) == Set(good))
      #expect(try await fresh(desk).tickets.tickets(heldBy: "ann").map(\.id).sorted() == good)
      #expect(
        try await fresh(desk).tickets.ticketsAwaitingReply(longerThan: ["billing": .zero], limit: 9).map(\.id).sorted()
          == good)
      #expect(try await store.tickets.ticketsAwaitingReply(longerThan: ["billing": .zero], limit: 2).count == 2)
      try await desk.run("UPDATE desk.ticket SET close_at = now()")
      #expect(try await fresh(desk).tickets.ticketsToClose(by: later, limit: 9).map(\.id).sorted() == good)
      #expect(try await store.tickets.ticketsToClose(by: later, limit: 2).map(\.id).sorted() == good)
      try await desk.run("UPDATE desk.ticket SET progress_due_at = now()")
      #expect(try await fresh(desk).tickets.ticketsWithProgressDue(by: later, limit: 9).map(\.id).sorted() == good)
      #expect(try await store.tickets.ticketsWithProgressDue(by: later, limit: 2).map(\.id).sorted() == good)
      // Figures count the row, or omit it, and do not fail.
      #expect(try await store.reports.queueFigures().map(\.assigned) == [3])
      #expect(try await !store.reports.serviceLevelFigures().isEmpty)
      // Requests for this one ticket get the error.
      await #expect(throws: StoreError.self) { try await store.tickets.tickets([bad.id]) }
    }
  }

  @Test func anUnreadableTicketHidesNoWaitingOrOfferedTicket() async throws {
    try await TestDesk.with { desk in
      try await desk.upsert(["ann"], capacity: 9)
      var tickets = try await desk.queued(["a", "b", "c"])
      try await poison(tickets[0], "skills = 'billing'", on: desk)
      let now = try await desk.store.now()
      let store = fresh(desk)
      let waiting = try await store.matching.waitingTickets(in: "billing", at: now, headStarts: HeadStarts(), limit: 3)
        .map(\.id)
      #expect(waiting.sorted() == tickets[1...].map(\.id).sorted())
      // The first slot goes to the next one.
      #expect(
        try await store.matching.waitingTickets(in: "billing", at: now, headStarts: HeadStarts(), limit: 1).first?.id
          == waiting.first)
      for position in [1, 2] {
        let offer = try await desk.offer(to: "ann")
        #expect(try await desk.take(&tickets[position], .offered(offer)))
      }
      try await poison(tickets[1], "skills = 'billing'", on: desk)
      #expect(try await store.tickets.ticketsOffered(to: ["ann"]).map(\.id) == [tickets[2].id])
      try await desk.run(
        "UPDATE desk.ticket SET offer_expires_at = now() - interval '1 minute' WHERE offer_id IS NOT NULL")
      #expect(try await store.tickets.expiredOffers(limit: 1).map(\.ticket) == [tickets[2].id])
      #expect(try await fresh(desk).tickets.expiredOffers(limit: 9).count == 2)
    }
  }

  @Test func anUnreadableFollowUpHidesNoOther() async throws {
    try await TestDesk.with { desk in
      let tickets = [try await desk.fresh(Ticket.self), try await desk.fresh(Ticket.self)]
      try await desk.run(
        """
        ALTER TABLE desk.follow_up ALTER rating DROP NOT NULL;
        INSERT INTO desk.follow_up (ticket, lead, rating, opened_at)
        VALUES ('\(tickets[0])', 'ann', NULL, now() - interval '1 minute'), ('\(tickets[1])', 'ann', 1, now())
        """)
      #expect(try await desk.store.learning.followUps(done: false, limit: 9).map(\.ticket) == [tickets[1]])
      #expect(desk.store.setAside.held.map(\.row) == [.ticket(tickets[0])])
    }
  }

  @Test func agentsAndInstancesOfNewerBuildsHideNoOthers() async throws {
    try await TestDesk.with { desk in
      try await desk.upsert(["ann", "bob"], capacity: 3)
      try await desk.run(
        """
        ALTER TABLE desk.agent_state DROP CONSTRAINT IF EXISTS agent_state_presence_check;
        UPDATE desk.agent_state SET presence = 'lunch' WHERE agent = 'ann';
        ALTER TABLE desk.service_instance DROP CONSTRAINT IF EXISTS service_instance_state_check;
        """)
      #expect(try await desk.store.matching.agentRows().map(\.agent) == ["bob"])
      let (one, other) = (try await desk.fresh(ServiceInstance.self), try await desk.fresh(ServiceInstance.self))
      for id in [one, other] { try await desk.store.fleet.register(.test(id, service: "router")) }
      try await desk.run("UPDATE desk.service_instance SET state = 'resting' WHERE id = '\(one)'")
      #expect(try await desk.store.fleet.heartbeat(other).living.map(\.id) == [other])
      #expect(try await desk.store.fleet.livingInstances().map(\.id) == [other])
    }
  }

  /// Content that a newer build, or a fault, may leave in an undecided message.
  private static let unreadableMessages = [
    "UPDATE desk.inbox SET category = 'billing', urgency = 77, sentiment = 1",
    "UPDATE desk.inbox SET category = 'billing', urgency = 2, sentiment = 77",
    "UPDATE desk.open_ticket SET tier = 'platinum'",
  ]

  @Test(arguments: IsolationTests.unreadableMessages)
  func anUnreadableMessageHidesNoOtherUndecidedOne(poison: String) async throws {
    try await TestDesk.with { desk in
      let accepted = try await desk.accept(from: ["a", "b", "c"])
      let bad = accepted[1]
      let good = [accepted[0].message, accepted[2].message].sorted()
      let key = poison.contains("open_ticket") ? "ticket_id = '\(bad.ticket)'" : "message_id = '\(bad.message)'"
      try await desk.run("\(poison) WHERE \(key)")
      let store = fresh(desk)
      func reset(_ assignment: String) async throws {
        try await desk.run(
          "UPDATE desk.inbox SET owner = NULL, claimed_until = NULL, attempts = 0, accepted_at = now() - interval '1 hour'"
        )
        try await desk.run("UPDATE desk.inbox SET \(assignment)")
      }
      let isLabelled = !poison.contains("open_ticket")
      // Reads without labels are not affected by a row with labels.
      if !isLabelled {
        try await reset("category = NULL")
        #expect(try await fresh(desk).inbox.adopt(for: desk.fresh(), limit: 9).map(\.id) == good)
        try await reset("category = NULL")
        #expect(try await fresh(desk).inbox.claimUnlabelled(olderThan: .zero, limit: 9).map(\.id) == good)
      }
      try await reset("category = 'billing', urgency = coalesce(urgency, 2), sentiment = coalesce(sentiment, 1)")
      #expect(try await store.inbox.claimLabelled(olderThan: .zero, limit: 9).map(\.id) == good)
      #expect(store.setAside.held.map(\.row) == [.other(table: "inbox", key: "\(bad.message)")])
      try await reset("attempts = \(StoreBounds.attemptsBeforePoison)")
      #expect(try await fresh(desk).inbox.claimPoisoned(limit: 9).map(\.id) == good)
      // From now on it takes no slot in a batch, and no attempt is counted for what this process cannot read.
      try await reset("attempts = 0")
      #expect(try await store.inbox.claimLabelled(olderThan: .zero, limit: 2).map(\.id) == good)
      #expect(try await desk.number("SELECT attempts FROM desk.inbox WHERE message_id = '\(bad.message)'") == 0)
      try await reset("attempts = \(StoreBounds.attemptsBeforePoison)")
      #expect(try await store.inbox.claimPoisoned(limit: 2).map(\.id) == good)
      // It is still undecided, for a build that can read it.
      #expect(try await store.inbox.undecided(among: [bad.message]) == [bad.message])
    }
  }

  @Test func theRegistryStoresInstanceProblems() async throws {
    try await TestDesk.with { desk in
      let id = try await desk.fresh(ServiceInstance.self)
      try await desk.store.fleet.register(.test(id, service: "router"))
      let problem = ServiceInstance.Problem(task: "offers", kind: "PostgreSQL server 42P01", failures: 4, seconds: 7.5)
      _ = try await desk.store.fleet.heartbeat(id, problems: [problem])
      #expect(try await desk.store.fleet.livingInstances().first?.problems == [problem])
      _ = try await desk.store.fleet.heartbeat(id)
      #expect(try await desk.store.fleet.livingInstances().first?.problems == [])
      // Another build's format does not hide an instance.
      try await desk.run("UPDATE desk.service_instance SET problems = '{\"of\": \"a newer build\"}'")
      #expect(try await desk.store.fleet.livingInstances().map(\.problems) == [[]])
    }
  }

  // MARK: Writing

  @Test func aRefusedStepDoesNotFailOthers() async throws {
    try await TestDesk.with { desk in
      try await desk.run(
        "ALTER TABLE desk.ticket ADD CONSTRAINT poison CHECK (customer <> 'c3' OR state <> 'offered') NOT VALID")
      try await desk.upsert(["ann"], capacity: 40)
      var tickets = try await desk.queued((0..<20).map { "c\($0)" })
      var steps: [TicketStep] = []
      for position in tickets.indices {
        steps.append(try await desk.step(&tickets[position], .offered(try await desk.offer(to: "ann"))))
      }
      await #expect(throws: PostgresError.self) { try await desk.store.tickets.commit(steps) }
      let committed = try await desk.store.tickets.commitApart(steps)
      #expect(committed == Set(tickets.map(\.id)).subtracting([tickets[3].id]))
      #expect(desk.store.setAside.held.map(\.row) == [.ticket(tickets[3].id)])
      #expect(desk.store.setAside.held.first?.kind.contains("23514") == true)
      #expect(try await desk.load(of: "ann") == 19)
    }
  }

  @Test func aLockedTicketDelaysNoOther() async throws {
    try await TestDesk.with { desk in
      try await desk.upsert(["ann"], capacity: 9)
      var tickets = try await desk.queued(["a", "b", "c"])
      var steps: [TicketStep] = []
      for position in tickets.indices {
        steps.append(try await desk.step(&tickets[position], .offered(try await desk.offer(to: "ann"))))
      }
      let locked = tickets[1].id
      let batch = steps
      let store = fresh(desk)
      try await desk.store.pool.withTransaction { transaction in
        try await transaction.executeScript("SELECT FROM desk.ticket WHERE id = '\(locked)' FOR UPDATE")
        let committed = try await store.tickets.commitApart(batch)
        #expect(committed == [batch[0].ticket.id, batch[2].ticket.id])
        #expect(store.setAside.tickets == [locked])
      }
    }
  }

  @Test func anUnsealableRangeDelaysNoOther() async throws {
    try await TestDesk.with { desk in
      try await desk.run(
        """
        INSERT INTO desk.timeline_range (from_id, to_id)
        SELECT desk.uuid_floor(now() - interval '2 days'), desk.uuid_floor(now() - interval '1 day');
        INSERT INTO desk.timeline_range (from_id, to_id)
        SELECT desk.uuid_floor(now() - interval '1 day'), desk.uuid_floor(now() - interval '1 hour');
        ALTER TABLE desk.timeline_range ADD CONSTRAINT poison
          CHECK (sealed_at IS NULL OR to_id > desk.uuid_floor('\(try await day(desk))')) NOT VALID;
        """)
      let store = fresh(desk)
      #expect(try await store.audit.sealNextTimelineRange())
      #expect(store.setAside.keys(of: "timeline_range").count == 1)
      #expect(try await store.audit.sealNextTimelineRange())
      #expect(try await desk.number("SELECT count(*) FROM desk.timeline_range WHERE sealed_at IS NOT NULL") == 1)
      #expect(try await !store.audit.sealNextTimelineRange())
    }
  }

  /// A time between the two ranges' ends.
  private func day(_ desk: TestDesk) async throws -> String {
    try await desk.store.pool.query(
      PostgresStatement<String>("test_day", "SELECT (now() - interval '12 hours')::text"))[0]
  }

  /// The store of another process on the same database, with a stopped clock.
  private func fresh(_ desk: TestDesk) -> DeskStore {
    let now = ContinuousClock.now
    return DeskStore(pool: desk.store.pool, setAside: SetAsideRows { now })
  }
}

@Suite("A rejected batch")
struct BatchSplitterTests {
  private struct Outcome: Equatable {
    var done: [Int] = []
    var alone: [Int] = []
    var tries = 0
    var left = 0
  }

  /// Tries parts until all is done; those in `bad` are rejected.
  private func run(_ batch: [Int], bad: Set<Int>, attempts: Int = 1_000) -> Outcome {
    var splitter = BatchSplitter(batch, attempts: attempts)
    var outcome = Outcome()
    while let part = splitter.next() {
      outcome.tries += 1
      if bad.isDisjoint(with: part) {
        outcome.done += part
      } else if let one = splitter.refuse(part) {
        outcome.alone.append(one)
      }
    }
    outcome.left = splitter.left
    return outcome
  }

  @Test func aGoodBatchIsProcessedAtOnce() {
    #expect(run(Array(0..<512), bad: []) == Outcome(done: Array(0..<512), tries: 1))
    #expect(run([], bad: []) == Outcome())
  }

  @Test func aBatchIsHalvedUntilBadItemsAreIsolated() {
    for bad in [0, 1, 255, 256, 511] {
      let outcome = run(Array(0..<512), bad: [bad])
      #expect(outcome.done == (0..<512).filter { $0 != bad } && outcome.alone == [bad])
      #expect(outcome.tries <= 19)
    }
    #expect(run(Array(0..<9), bad: Set(0..<9)).alone == Array(0..<9))
  }

  @Test func theRestWaitsWhenAttemptsAreUsedUp() {
    let outcome = run(Array(0..<64), bad: Set(0..<64), attempts: 10)
    #expect(outcome.tries == 10 && outcome.left > 0)
    #expect(outcome.left + outcome.alone.count == 64)
  }

  @Test func lockedItemsAreSkipped() {
    var splitter = BatchSplitter([1, 2, 3, 4], attempts: 9)
    let part = splitter.next()
    #expect(part.map { Array($0) } == [1, 2, 3, 4])
    _ = part.map { splitter.refuse($0) }
    splitter.leaveOut { $0 == 2 }
    #expect(splitter.next().map { Array($0) } == [1])
    #expect(splitter.next().map { Array($0) } == [3, 4])
  }

  @Test func theLimitsAreConsistent() {
    let halvings = Int.bitWidth - (StoreBounds.stepsPerCommit - 1).leadingZeroBitCount
    #expect(StoreBounds.partsPerBatch >= 2 * halvings + 1, "one bad step of the largest batch is found in one round")
    #expect(StoreBounds.quarantineFirstPause <= StoreBounds.quarantineLongestPause)
    #expect(StoreBounds.rowsSetAside >= StoreBounds.stepsPerCommit, "a whole batch of bad rows can be held")
  }
}

@Suite("Quarantined rows")
struct QuarantineTests {
  private static func row(_ number: Int) -> RowName { .other(table: "t", key: "\(number)") }

  @Test func failedRowsAreRetriedAfterADoublingPause() {
    var quarantine = Quarantine()
    let start = ContinuousClock.now
    let ticket = TicketID(high: 1, low: 1)
    quarantine.setAside(.ticket(ticket), kind: "k", at: start)
    #expect(quarantine.ticketsHeld(at: start + .seconds(9)) == [ticket])
    #expect(quarantine.ticketsHeld(at: start + .seconds(10)) == [])
    quarantine.setAside(.ticket(ticket), kind: "k", at: start + .seconds(10))
    #expect(quarantine.ticketsHeld(at: start + .seconds(29)) == [ticket])
    #expect(quarantine.ticketsHeld(at: start + .seconds(30)) == [])
    #expect(quarantine.takeUnannounced().map(\.row) == [.ticket(ticket)])
    #expect(quarantine.takeUnannounced().isEmpty)
    #expect(Quarantine.pause(afterTimes: 99) == StoreBounds.quarantineLongestPause)
  }

  @Test func failedRowsAreForgottenAfterSuccess() {
    var quarantine = Quarantine()
    let start = ContinuousClock.now
    quarantine.setAside(Self.row(1), kind: "k", at: start)
    let over = start + StoreBounds.quarantineFirstPause + StoreBounds.quarantineMemory
    #expect(quarantine.held(at: over).isEmpty)
    quarantine.setAside(Self.row(1), kind: "k", at: over)
    #expect(quarantine.held(at: over).map(\.times) == [1])
  }

  @Test func failedRowsAreLimited() {
    var quarantine = Quarantine()
    let now = ContinuousClock.now
    for number in 0..<StoreBounds.rowsSetAside + 5 { quarantine.setAside(Self.row(number), kind: "k", at: now) }
    #expect(quarantine.held(at: now).count == StoreBounds.rowsSetAside && quarantine.overflow == 5)
  }
}
