import Store
import Testing

@testable import DeskCore

/// Call-backs are part of the ticket, and their list follows its timeline (migration 102).
@Suite struct CallBackListTests {
  private static let samples: [CallBack] = [
    CallBack(
      number: 3, origin: .overload, promisedAt: Instant(microseconds: 1_767_616_200_000_001), owner: nil,
      dueAt: Instant(microseconds: 1_767_616_300_000_003), warnAt: Instant(microseconds: 1_767_616_290_000_007)),
    CallBack(
      number: 1, origin: .person, promisedAt: Instant(microseconds: 1), owner: "ann", dueAt: Instant(microseconds: 9),
      warnAt: nil, moves: 2, brokenAt: Instant(microseconds: 10), endedAt: Instant(microseconds: 11)),
    CallBack(
      number: 1, origin: .person, promisedAt: Instant(microseconds: 1), owner: "ann", dueAt: Instant(microseconds: 9),
      warnAt: nil, endedAt: Instant(microseconds: 3), isWithdrawn: true),
  ]

  @Test(arguments: CallBackListTests.samples)
  func itIsReadBackAsItWasWritten(_ callBack: CallBack) async throws {
    try await TestDesk.with { desk in
      let ticket = try await desk.queued(["cara"])[0]
      var changed = ticket
      changed.callBack = callBack
      changed.version += 1
      let step = TicketStep(
        expectedVersion: ticket.version, ticket: changed, at: try await desk.store.now(), effects: [], traceparent: nil,
        reopenWindow: .seconds(60))
      #expect(try await desk.store.tickets.commit([step]) == [ticket.id])
      #expect(try await desk.store.tickets.tickets([ticket.id])[ticket.id] == changed)
    }
  }

  private let lead = ActingAgent("eve", leads: true)

  /// Promises a call-back that is due some seconds from now.
  private func promise(
    _ ticket: inout Ticket, in seconds: Int, owner: AgentID = "ann", on desk: TestDesk
  ) async throws {
    let due = try await desk.store.now() + .seconds(seconds)
    #expect(
      try await desk.take(&ticket, .callBackChanged(.promise(dueAt: due, owner: owner), by: lead, reason: nil)))
  }

  private func list(_ desk: TestDesk, _ change: (inout CallBackFilter) -> Void) async throws -> [TicketID] {
    var filter = CallBackFilter()
    change(&filter)
    return try await desk.store.callBacks.list(filter, limit: 50).callBacks.map(\.ticket)
  }

  @Test func theListFollowsTheStepsAndEveryFilterSelects() async throws {
    try await TestDesk.with { desk in
      var soon = try await desk.queued(["1"])[0]
      var late = try await desk.queued(["2"], queue: "parcels")[0]
      var done = try await desk.queued(["3"])[0]
      try await promise(&late, in: 7_200, owner: "bob", on: desk)
      try await promise(&soon, in: 3_600, on: desk)
      try await promise(&done, in: 1_800, on: desk)
      #expect(try await list(desk) { _ in } == [done.id, soon.id, late.id])
      try await desk.take(&done, .callBackChanged(.finish(isDone: true), by: lead, reason: nil))
      #expect(try await list(desk) { $0.isUnfinished = true } == [soon.id, late.id])
      #expect(try await list(desk) { $0.isUnfinished = false } == [done.id])
      #expect(try await list(desk) { $0.states = [.kept] } == [done.id])
      #expect(try await list(desk) { $0.states = [.broken, .withdrawn] } == [])
      #expect(try await list(desk) { $0.owner = "bob" } == [late.id])
      #expect(
        try await list(desk) {
          $0.owner = "ann"
          $0.isUnfinished = true
        } == [soon.id])
      #expect(try await list(desk) { $0.queues = ["parcels"] } == [late.id])
      let middle = try await desk.store.now() + .seconds(5_400)
      #expect(try await list(desk) { $0.dueBefore = middle } == [done.id, soon.id])
      #expect(try await list(desk) { $0.dueFrom = middle } == [late.id])
      #expect(try await list(desk) { $0.sight = .init(agent: "bob", queues: []) } == [late.id])
      #expect(try await list(desk) { $0.sight = .init(agent: "dora", queues: ["billing"]) } == [done.id, soon.id])
      #expect(try await list(desk) { $0.sight = .init(agent: "dora", queues: []) } == [])
      let due = try await desk.store.now() + .seconds(9_000)
      try await desk.take(&soon, .callBackChanged(.move(dueAt: due, owner: "bob"), by: lead, reason: nil))
      let moved = try #require(
        try await desk.store.callBacks.list(CallBackFilter(), limit: 50).callBacks.first { $0.ticket == soon.id })
      #expect(moved.owner == "bob" && moved.dueAt == due && moved.moves == 1 && moved.state == .open)
      // Only the newest one is unfinished; those before it stay in the list.
      try await promise(&done, in: 60, on: desk)
      #expect(try await list(desk) { _ in }.count == 4)
    }
  }

  @Test func pagesReachEveryCallBackOnce() async throws {
    try await TestDesk.with { desk in
      for var ticket in try await desk.queued((0..<5).map { "customer \($0)" }) {
        try await promise(&ticket, in: 600, on: desk)
      }
      var seen: [TicketID] = []
      var last: CallBackPlace?
      var pages = 0
      repeat {
        let page = try await desk.store.callBacks.list(CallBackFilter(), after: last, limit: 2)
        seen += page.callBacks.map(\.ticket)
        last = page.next
        pages += 1
        if let last { #expect(CallBackPlace(last.description) == last) }
      } while last != nil && pages < 9
      #expect(pages == 3 && Set(seen).count == 5 && seen.count == 5)
      #expect(CallBackPlace("1_x_1") == nil && CallBackPlace("01_\(seen[0])_1") == nil)
    }
  }

  @Test func whatIsDueIsFoundAndOrphansEnd() async throws {
    try await TestDesk.with { desk in
      var tickets = try await desk.queued(["1", "2"])
      try await promise(&tickets[0], in: 3_600, on: desk)
      try await promise(&tickets[1], in: 3_600, on: desk)
      let now = try await desk.store.now()
      #expect(try await desk.store.callBacks.ticketsDue(by: now, limit: 9) == [])
      let later = now + .seconds(7_200)
      #expect(
        Set(try await desk.store.callBacks.ticketsDue(by: later, limit: 9).map(\.id)) == Set(tickets.map(\.id)))
      #expect(try await desk.store.callBacks.endOrphans(by: later, limit: 9) == 0)
      // A build that does not know call-backs has archived the ticket.
      try await desk.run("DELETE FROM desk.ticket WHERE id = '\(tickets[0].id)'")
      #expect(try await desk.store.callBacks.ticketsDue(by: later, limit: 9).map(\.id) == [tickets[1].id])
      #expect(try await desk.store.callBacks.endOrphans(by: later, limit: 9) == 1)
      #expect(try await desk.store.callBacks.endOrphans(by: later, limit: 9) == 0)
      #expect(try await list(desk) { $0.states = [.withdrawn] } == [tickets[0].id])
    }
  }

  @Test func retentionDeletesWhatBelongsToOldTickets() async throws {
    try await TestDesk.with { desk in
      var ticket = try await desk.queued(["1"])[0]
      try await promise(&ticket, in: 600, on: desk)
      try await desk.run(
        """
        INSERT INTO desk.call_back (ticket, number, origin, state, promised_at, due_at, ended_at)
        SELECT desk.uuid_floor(now() - interval '9 days'), 1, 'person', 'kept', now(), now(), now();
        INSERT INTO desk.stuck_queue (queue, began_at, ended_at, reason, waiting, example, leads)
        VALUES ('billing', now() - interval '10 days', now() - interval '9 days', 'unstaffed', 1, gen_random_uuid(), '{}'),
               ('billing', now(), now(), 'standstill', 1, gen_random_uuid(), '{}');
        """)
      _ = try await desk.store.privacy.forget(olderThan: 5)
      #expect(try await list(desk) { _ in } == [ticket.id])
      #expect(try await desk.number("SELECT count(*) FROM desk.stuck_queue") == 1)
    }
  }

  @Test func ownersAndLeadsAreNoticed() async throws {
    try await TestDesk.with { desk in
      var ticket = try await desk.queued(["1"])[0]
      func kinds(_ agent: AgentID, _ role: Role = .agent) async throws -> [String] {
        try await desk.store.notices.notices(for: NoticeReader(agent: agent, role: role), limit: 9).map(\.kind)
      }
      let due = try await desk.store.now() + .seconds(3_600)
      #expect(
        try await desk.take(&ticket, .callBackChanged(.promise(dueAt: due, owner: "ann"), by: lead, reason: "secret")))
      #expect(try await kinds("ann") == ["callback.assigned"])
      // Who promises it to the customer needs no notice.
      #expect(try await kinds("eve", .lead) == [])
      try await desk.take(&ticket, .callBackChanged(.finish(isDone: false), by: lead, reason: nil))
      #expect(try await kinds("ann") == ["callback.broken", "callback.assigned"])
      #expect(try await kinds("eve", .lead) == ["callback.broken"])
      #expect(try await desk.number("SELECT count(*) FROM desk.notice WHERE detail::text LIKE '%secret%'") == 0)
    }
  }
}
