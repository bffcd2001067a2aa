import DeskCore
import PostgreSQL
import Store
import Testing

/// Inspections of ended tickets.
@Suite struct InspectionTests {
  private static let plan = InspectionPlan(
    seed: "s", share: 1,
    form: [
      InspectionCriterion(id: "courtesy", titles: [:], weight: 1, scale: 5),
      InspectionCriterion(id: "solution", titles: [:], weight: 3, scale: 5),
    ], appealTime: .seconds(3_600))

  /// A ticket on which agents replied, one after the other, and which was resolved.
  private func resolved(_ desk: TestDesk, from customer: String, by agents: [AgentID]) async throws -> Ticket {
    var ticket = try await desk.queued([customer])[0]
    for (place, agent) in agents.enumerated() {
      let offer = try await desk.offer(to: agent)
      #expect(try await desk.take(&ticket, .offered(offer)))
      #expect(try await desk.take(&ticket, .accepted(offer.id, by: agent)))
      let message = OutgoingMessage(id: try await desk.fresh(), isPublic: true, author: agent, body: "hello")
      let step = try await desk.step(
        &ticket, .replied(message.id, by: agent, awaitsCustomer: false), outgoing: message)
      #expect(try await desk.store.tickets.commit([step]) == [ticket.id])
      if place < agents.count - 1 {
        let actor = ActingAgent(agent, leads: true)
        #expect(try await desk.take(&ticket, .transferred(.queue("billing", skills: []), by: actor, reason: "r")))
      }
    }
    #expect(try await desk.take(&ticket, .resolved(by: agents[agents.count - 1], reason: nil)))
    return ticket
  }

  private func end(_ ticket: Ticket, _ sample: InspectionSample?, on desk: TestDesk) async throws -> Bool {
    var ticket = ticket
    var step = try await desk.step(&ticket, .reopenWindowPassed)
    step.sample = sample
    return try await desk.store.tickets.commit([step]) == [ticket.id]
  }

  private func scored(_ inspection: Inspection, on desk: TestDesk, by inspector: AgentID = "eve") async throws
    -> Inspection
  {
    var inspection = inspection
    let marks = [InspectionMark("courtesy", 5), InspectionMark("solution", 3, comment: "slow")]
    _ = try await inspection.handle(
      .scored(marks, remark: "fair", by: inspector), now: desk.store.now(), under: Self.plan)
    return inspection
  }

  @Test func theStepThatEndsATicketWritesItsInspectionsOnce() async throws {
    try await TestDesk.with { desk in
      try await desk.upsert(["ann", "bob", "cid"], capacity: 9)
      let shared = try await resolved(desk, from: "cara", by: ["ann", "bob", "cid"])
      let sample = InspectionSample(others: .share, selected: ["bob": .newAgent, "zoe": .agent], exempt: ["cid"])
      #expect(try await end(shared, sample, on: desk))
      // A second process that ends the same ticket writes nothing.
      #expect(try await !end(shared, sample, on: desk))
      let rows = try await desk.store.inspections.inspections(in: .waiting, before: nil, limit: 9)
      #expect(Set(rows.map { "\($0.agent) \($0.cause)" }) == ["ann share", "bob newAgent"])
      #expect(rows.allSatisfy { $0.authors == ["ann", "bob"] && $0.queue == "billing" && $0.ticket == shared.id })
      // Only selected agents, and none.
      let own = try await resolved(desk, from: "dora", by: ["ann", "cid"])
      #expect(try await end(own, InspectionSample(others: nil, selected: ["cid": .agent]), on: desk))
      #expect(try await end(resolved(desk, from: "emil", by: ["ann"]), nil, on: desk))
      let all = try await desk.store.inspections.inspections(in: nil, before: nil, limit: 9)
      #expect(all.count == 3 && all[0].agent == "cid" && all[0].ticket == own.id)
      let earlier = try await desk.store.inspections.inspections(in: nil, before: all[0].id, limit: 9)
      #expect(Set(earlier.map(\.id)) == Set(rows.map(\.id)))
    }
  }

  @Test func theStepItselfSelectsUnderThePolicy() async throws {
    try await TestDesk.with { desk in
      try await desk.upsert(["ann"], capacity: 9)
      var policy = Policy.test
      policy.inspection = Self.plan
      let ticket = try await resolved(desk, from: "cara", by: ["ann"])
      var random = SeededGenerator(seed: 1)
      let now = try await desk.store.now()
      let step = try TicketStep(.reopenWindowPassed, on: ticket, at: now, under: policy, using: &random)
      #expect(step.sample == InspectionSample(others: .share))
      #expect(
        try TicketStep(.reopenWindowPassed, on: ticket, at: now, under: .test, using: &random).sample == nil)
      // A step that does not end the ticket.
      let waiting = try await desk.queued(["dora"])[0]
      #expect(
        try TicketStep(
          .priorityChanged(.low, by: .operator("key"), reason: "r"), on: waiting, at: now, under: policy, using: &random
        )
        .sample == nil)
    }
  }

  @Test func ofTwoResultsOneIsWrittenWithItsAuditEntry() async throws {
    try await TestDesk.with { desk in
      try await desk.upsert(["ann"], capacity: 9)
      #expect(
        try await end(resolved(desk, from: "cara", by: ["ann"]), InspectionSample(others: .queue), on: desk))
      let waiting = try #require(
        try await desk.store.inspections.inspections(in: .waiting, before: nil, limit: 9).first)
      #expect(try await desk.store.inspections.results(of: "ann", before: nil, limit: 9) == [])
      let (first, second) = try await (scored(waiting, on: desk), scored(waiting, on: desk, by: "zed"))
      let detail = JSONValue.object([.init("percent", .integer(70))])
      #expect(try await desk.store.inspections.commit(first, noting: "inspection.scored", detail))
      #expect(try await !desk.store.inspections.commit(second, noting: "inspection.scored", detail))
      #expect(
        try await desk.store.audit.newestAuditEntries(ofKind: "inspection.", limit: 9).map(\.subject) == ["\(first.id)"]
      )
      var read = try #require(try await desk.store.inspections.inspection(waiting.id))
      #expect(read == first && read.percent == 70)
      #expect(try await desk.store.inspections.results(of: "ann", before: nil, limit: 9) == [first])
      let now = try await desk.store.now()
      _ = try read.handle(.appealed(reason: "why", by: "ann"), now: now, under: Self.plan)
      #expect(try await desk.store.inspections.commit(read, noting: "inspection.appealed", .object([])))
      let best = [InspectionMark("courtesy", 5), InspectionMark("solution", 5)]
      _ = try read.handle(.decided(best, reason: "seen", by: "zed"), now: now, under: Self.plan)
      #expect(try await desk.store.inspections.commit(read, noting: "inspection.changed", .object([])))
      #expect(try await desk.store.inspections.inspection(read.id) == read)
      #expect(try await desk.store.inspections.inspections(in: .changed, before: nil, limit: 9) == [read])
    }
  }

  @Test func theReportCountsByAgentQueueCriterionAndDay() async throws {
    try await TestDesk.with { desk in
      try await desk.upsert(["ann", "bob"], capacity: 9)
      let both = try await resolved(desk, from: "cara", by: ["ann", "bob"])
      try await desk.store.interceptions.record(
        Interception(
          id: desk.fresh(), ticket: both.id, agent: "ann", queue: "billing", message: nil,
          findings: [ReplyFinding(rule: "insults", action: .block, term: "idiot")], sealed: nil))
      #expect(try await end(both, InspectionSample(others: .share), on: desk))
      #expect(try await end(resolved(desk, from: "dora", by: ["ann"]), nil, on: desk))
      for waiting in try await desk.store.inspections.inspections(in: nil, before: nil, limit: 9)
      where waiting.agent == "ann" {
        let result = try await scored(waiting, on: desk)
        #expect(try await desk.store.inspections.commit(result, noting: "inspection.scored", .object([])))
      }
      let now = try await desk.store.now()
      let period = ReportPeriod(
        days: [
          .init(name: "before", start: now + .seconds(-7_200)), .init(name: "now", start: now + .seconds(-3_600)),
        ], end: now + .seconds(3_600), zone: "UTC")
      func lines(_ grouping: InspectionGrouping) async throws -> [String] {
        let report = try await desk.store.inspections.report(by: grouping, of: period)
        return (report.rows + [report.total]).map { row in
          "\(row.group ?? "-") \(row.ended)/\(row.sampledTickets) \(row.inspections)/\(row.inspected) "
            + "\(row.meanPercent.map { "\($0)" } ?? "-") \(row.appealed) \(row.refusedReplies)/\(row.sentReplies)"
        }
      }
      let total = "- 2/1 2/1 70.0 0 1/0"
      #expect(try await lines(.agent) == ["ann 1/0 1/1 70.0 0 1/0", "bob 1/1 1/0 - 0 0/0", total])
      #expect(try await lines(.queue) == ["billing 2/1 2/1 70.0 0 1/0", total])
      #expect(try await lines(.criterion) == ["courtesy 0/0 1/1 100.0 0 0/0", "solution 0/0 1/1 60.0 0 0/0", total])
      #expect(try await lines(.day) == ["now 2/1 2/1 70.0 0 1/0", total])
      let earlier = ReportPeriod(
        days: [.init(name: "then", start: now + .seconds(-7_200))], end: now + .seconds(-3_600), zone: "UTC")
      #expect(try await desk.store.inspections.report(by: .agent, of: earlier).rows == [])
    }
  }

  @Test func anErasureDeletesTheTextsAndRetentionTheRows() async throws {
    try await TestDesk.with { desk in
      try await desk.upsert(["ann"], capacity: 9)
      for customer in ["cara", "dora", "emil"] {
        #expect(
          try await end(resolved(desk, from: customer, by: ["ann"]), InspectionSample(others: .share), on: desk))
      }
      let rows = try await desk.store.inspections.inspections(in: nil, before: nil, limit: 9)
      func row(_ customer: String) async throws -> Inspection {
        var found: Inspection?
        for row in rows
        where try await desk.store.conversations.closedTicket(row.ticket)?.customer == customer { found = row }
        return try #require(found)
      }
      let (cara, dora, emil) = try await (row("cara"), row("dora"), row("emil"))
      let result = try await scored(cara, on: desk)
      #expect(try await desk.store.inspections.commit(result, noting: "inspection.scored", .object([])))
      var late = result
      _ = try await late.handle(.appealed(reason: "cara said", by: "ann"), now: desk.store.now(), under: Self.plan)
      for customer in ["cara", "emil"] {
        _ = try await desk.store.privacy.erase(customer: customer, of: "web", reason: "r", receipt: "r-\(customer)")
      }
      // A step that was computed before is rejected; the scores stay.
      #expect(try await !desk.store.inspections.commit(late, noting: "inspection.appealed", .object([])))
      let blanked = try #require(try await desk.store.inspections.inspection(cara.id))
      #expect(blanked.percent == 70 && blanked.result?.remark == nil)
      #expect(blanked.result?.scores.lines.map(\.comment) == [nil, nil])
      // A conversation that was erased is not inspected any more; another one still is.
      #expect(try await desk.store.inspections.inspection(emil.id) == nil)
      #expect(try await desk.store.inspections.inspection(dora.id) == dora)
      try await desk.run(
        """
        INSERT INTO desk.inspection (id, ticket, agent, cause)
        SELECT gen_random_uuid(), desk.uuid_floor(now() - interval '40 days'), 'ann', 'share'
        """)
      _ = try await desk.store.privacy.forget(olderThan: 30)
      #expect(try await desk.number("SELECT count(*) FROM desk.inspection") == 2)
      let noted = try await desk.store.audit.newestAuditEntries(ofKind: "retention.forgotten", limit: 1).first
      #expect(noted?.detail.contains(#""inspections": 1"#) == true)
    }
  }

  @Test func theDatabaseRefusesAResultOfOnesOwnAndAnImpossibleOne() async throws {
    try await TestDesk.with { desk in
      func insert(_ columns: String, _ values: String) async throws {
        try await desk.run(
          """
          INSERT INTO desk.inspection (id, ticket, agent, cause, \(columns))
          SELECT gen_random_uuid(), gen_random_uuid(), 'ann', 'share', \(values)
          """)
      }
      let columns = "state, inspector, inspected_at, appeal_until, criteria, weights, scales, scores, percent"
      try await insert(columns, "'scored', 'eve', now(), now(), '{a}', '{1}', '{5}', '{5}', 100")
      for values in [
        "'scored', 'ann', now(), now(), '{a}', '{1}', '{5}', '{5}', 100",
        "'waiting', 'eve', now(), now(), '{a}', '{1}', '{5}', '{5}', 100",
        "'scored', 'eve', now(), now(), '{a,b}', '{1}', '{5}', '{5}', 100",
        "'scored', 'eve', now(), now(), '{a}', '{1}', '{5}', '{5}', 101",
        "'appealed', 'eve', now(), now(), '{a}', '{1}', '{5}', '{5}', 100",
      ] {
        let error = await #expect(throws: PostgresError.self) { try await insert(columns, values) }
        #expect(error?.sqlState == "23514", "\(values)")
      }
    }
  }
}
