import DeskCore
import PostgreSQL
import Store
import Testing

/// Handle time, occupancy, transfers, path and parts, of timelines whose figures are calculated by hand.
@Suite struct WorkReportTests {
  private static let start = Instant(seconds: Int64(CivilDay(year: 2026, month: 3, day: 2)?.sinceEpoch ?? 0) * 86_400)
  private static let period = ReportPeriod(
    days: [.init(name: "2026-03-02", start: start)], end: start + .seconds(86_400), zone: "UTC")

  /// Four tickets opened at 10:00:00. The first: Ada from second 10 to 130, of which the customer is waited for from 40 to 100. The
  /// second: Ada from 10 to 30, who transfers it; Bo from 50 to 80. The third waits in a queue, the fourth for its first decision.
  private static let rows = """
    CREATE FUNCTION pg_temp.ticket(n integer) RETURNS uuid LANGUAGE sql AS $$
      SELECT (left(desk.uuid_floor('2026-03-02T10:00:00Z')::text, 35) || n)::uuid $$;
    CREATE FUNCTION pg_temp.entry(n integer, v integer, kind text, second integer, actor text DEFAULT 'service:router',
                                  detail jsonb DEFAULT '{}') RETURNS void LANGUAGE sql AS $$
      INSERT INTO desk.ticket_event (ticket_id, version, position, kind, actor, at, detail)
      VALUES (pg_temp.ticket(n), v, 0, kind, actor, '2026-03-02T10:00:00Z'::timestamptz + second * interval '1 s', detail) $$;
    INSERT INTO desk.open_ticket (channel, customer, ticket_id, opened_at)
      SELECT 'web', 'c' || n, pg_temp.ticket(n), '2026-03-02T10:00:00Z' FROM generate_series(1, 4) n;
    INSERT INTO desk.ticket (id, state, channel, customer, opened_at, queue, category, last_agent, resolved_at, waiting_queue, waiting_since)
    VALUES (pg_temp.ticket(1), 'resolved', 'web', 'c1', '2026-03-02T10:00:00Z', 'q1', 'billing', 'ada', now(), NULL, NULL),
           (pg_temp.ticket(2), 'resolved', 'web', 'c2', '2026-03-02T10:00:00Z', 'q2', 'billing', 'bo', now(), NULL, NULL),
           (pg_temp.ticket(3), 'queued', 'web', 'c3', '2026-03-02T10:00:00Z', 'q2', 'parcel', NULL, NULL, 'q2', now());
    SELECT pg_temp.entry(1, 1, 'queued', 1), pg_temp.entry(1, 2, 'offered', 5), pg_temp.entry(1, 3, 'accepted', 10, 'agent:ada'),
           pg_temp.entry(1, 4, 'replied', 40, 'agent:ada'), pg_temp.entry(1, 5, 'pending', 40, 'agent:ada'),
           pg_temp.entry(1, 6, 'customer_wrote', 100, 'customer', '{"state":"pending"}'),
           pg_temp.entry(1, 7, 'customer_wrote', 105, 'customer', '{"state":"assigned"}'),
           pg_temp.entry(1, 8, 'resolved', 130, 'agent:ada');
    SELECT pg_temp.entry(2, 1, 'queued', 1), pg_temp.entry(2, 2, 'offered', 5), pg_temp.entry(2, 3, 'accepted', 10, 'agent:ada'),
           pg_temp.entry(2, 4, 'transferred', 30, 'agent:ada', '{"from_agent":"ada","from_queue":"q1","to_queue":"q2"}'),
           pg_temp.entry(2, 5, 'offered', 40), pg_temp.entry(2, 6, 'accepted', 50, 'agent:bo'),
           pg_temp.entry(2, 7, 'resolved', 80, 'agent:bo');
    SELECT pg_temp.entry(3, 1, 'queued', 1);
    INSERT INTO desk.presence_change (agent, at, presence, capacity)
    VALUES ('ada', '2026-03-02T09:00:00Z', 'available', 4), ('ada', '2026-03-02T10:01:40Z', 'away', 4),
           ('ada', '2026-03-02T10:02:00Z', 'available', 4), ('ada', '2026-03-02T10:03:20Z', 'offline', 4),
           ('bo', '2026-03-02T10:00:00Z', 'available', 2), ('bo', '2026-03-02T10:01:40Z', 'offline', 2);
    """

  private func with(_ body: (ReportStore, TestDesk) async throws -> Void) async throws {
    try await TestDesk.with { desk in
      try await desk.run(Self.rows)
      try await body(desk.store.reports, desk)
    }
  }

  @Test func handleTimeExcludesWaitingForTheCustomer() async throws {
    try await with { reports, _ in
      let (rows, total) = try await reports.handling(by: .agent, of: Self.period)
      #expect(total.tickets == 2 && total.hands == 3 && total.ended == 3)
      #expect(total.medianSeconds == 30 && total.pendingMeanSeconds == 20 && total.transferred == 1 && total.lost == 0)
      #expect(rows.map(\.group) == ["ada", "bo"])
      let (ada, bo) = (rows[0], rows[1])
      #expect(ada.hands == 2 && ada.meanSeconds == 40 && ada.medianSeconds == 40 && ada.p90Seconds == 56, "60 and 20")
      #expect(ada.pendingMeanSeconds == 30 && ada.transferred == 1)
      #expect(bo.meanSeconds == 30 && bo.pendingMeanSeconds == 0)
      // By queue, a ticket counts for the one it was in last.
      let queues = try await reports.handling(by: .queue, of: Self.period).rows
      #expect(queues.map(\.group) == ["q2", "q1"] && queues.map(\.meanSeconds) == [25, 60])
      #expect(try await reports.handling(by: .day, of: Self.period).rows.map(\.group) == ["2026-03-02"])
    }
  }

  @Test func handlingNamesWhatInspectionsFound() async throws {
    try await with { reports, desk in
      #expect(try await reports.handling(by: .agent, of: Self.period).total.inspection == nil)
      // Of the first ticket, which Ada and Bo had; the second of its inspections waits.
      try await desk.run(
        """
        WITH t AS (SELECT ticket_id AS id FROM desk.ticket_event WHERE kind = 'resolved' AND actor = 'agent:bo')
        INSERT INTO desk.interception (id, ticket, agent, rules, terms, actions)
        SELECT gen_random_uuid(), id, agent, '{r}', '{t}', '{warn}' FROM t, unnest('{ada,ada,bo}'::text[]) AS agent;
        WITH t AS (SELECT ticket_id AS id FROM desk.ticket_event WHERE kind = 'resolved' AND actor = 'agent:bo')
        INSERT INTO desk.inspection (id, ticket, agent, cause, state, inspector, inspected_at, criteria, weights, scales, scores,
          percent, appeal_until, appealed_at, decided_at, decided_by, decided_scores, decided_percent)
        SELECT gen_random_uuid(), id, 'ada', 'share', 'changed', 'eve', now(), '{a}', '{1}', '{4}', '{1}', 25, now(), now(), now(),
               'fay', '{3}', 75 FROM t;
        INSERT INTO desk.inspection (id, ticket, agent, cause) SELECT gen_random_uuid(), ticket, 'bo', 'share' FROM desk.inspection;
        """)
      let (agents, total) = try await reports.handling(by: .agent, of: Self.period)
      func figures(_ interceptions: Int64, _ inspections: Int64, _ mean: Double?) -> InspectionFigures {
        InspectionFigures(interceptions: interceptions, inspections: inspections, meanScore: mean)
      }
      #expect(agents.first { $0.group == "ada" }?.inspection == figures(2, 1, 75))
      #expect(agents.first { $0.group == "bo" }?.inspection == figures(1, 0, nil))
      #expect(total.inspection == figures(3, 1, 75))
      for grouping in ReportGrouping.allCases {
        let report = try await reports.handling(by: grouping, of: Self.period)
        #expect(report.total.inspection == figures(3, 1, 75))
        #expect(report.rows.compactMap(\.inspection).map(\.interceptions).reduce(0, +) == 3, "\(grouping)")
      }
    }
  }

  @Test func aTicketStillInHandsHasNoTimeYet() async throws {
    try await with { reports, desk in
      try await desk.run("DELETE FROM desk.ticket_event WHERE kind = 'resolved' AND actor = 'agent:bo'")
      let bo = try #require(await reports.handling(by: .agent, of: Self.period).rows.first { $0.group == "bo" })
      #expect(bo.hands == 1 && bo.ended == 0 && bo.meanSeconds == nil)
    }
  }

  @Test func occupancyIsWorkOverCapacityWhileAvailable() async throws {
    try await with { reports, _ in
      let from = Self.start + .seconds(36_000)
      let (rows, total) = try await reports.occupancy(from: from, to: from + .seconds(3600))
      #expect(rows.map(\.agent) == ["ada", "bo"])
      // Available for 100 and 80 s at capacity 4. Handled from 10 to 40, from 120 (back after 20 s away) to 130, and from 10 to 30.
      #expect(rows[0].availableSeconds == 180 && rows[0].awaySeconds == 20 && rows[0].capacitySeconds == 720)
      #expect(rows[0].handlingSeconds == 60 && rows[0].pendingSeconds == 60)
      #expect(rows[0].occupancy == 60.0 / 720 && rows[0].load == 120.0 / 720)
      #expect(rows[1].capacitySeconds == 200 && rows[1].handlingSeconds == 30)
      #expect(total.capacitySeconds == 920 && total.handlingSeconds == 90 && total.pendingSeconds == 60)
      // A period between two changes of presence has the presence from before it.
      let middle = try await reports.occupancy(from: from + .seconds(20), to: from + .seconds(30))
      #expect(middle.total.availableSeconds == 20 && middle.rows.first?.handlingSeconds == 20)
    }
  }

  @Test func transfersAreCountedByQueueAndByAgent() async throws {
    try await with { reports, _ in
      let (rows, transfers, tickets) = try await reports.transfers(of: Self.period)
      #expect(transfers == 1 && tickets == 1)
      #expect(
        rows.map(\.kind) == [.queue, .agent] && rows.map(\.from) == ["q1", "ada"] && rows.map(\.to) == ["q2", nil])
      #expect(rows.allSatisfy { $0.transfers == 1 && $0.tickets == 1 })
    }
  }

  @Test func thePathAddsUpAtEachStep() async throws {
    try await with { reports, _ in
      let path = try await reports.path(of: Self.period)
      #expect(path.tickets == 4)
      for step in PathStep.allCases {
        #expect(path.nodes.filter { $0.step == step }.reduce(0) { $0 + $1.tickets } == 4, "\(step)")
        guard step != .end else { continue }
        let links = path.links.filter { $0.step == step }
        #expect(links.reduce(0) { $0 + $1.tickets } == 4, "\(step)")
        for node in path.nodes where node.step == step {
          #expect(links.filter { $0.from == node.value }.reduce(0) { $0 + $1.tickets } == node.tickets)
        }
      }
      func node(_ step: PathStep, _ name: String?) -> PathNode? {
        path.nodes.first { $0.step == step && $0.value == .init(name) }
      }
      #expect(node(.label, "billing")?.tickets == 2 && node(.label, "billing")?.medianSeconds == 1)
      #expect(node(.queue, "q1")?.medianSeconds == 9, "decided at 1, accepted at 10")
      #expect(node(.hands, "0")?.tickets == 2 && node(.hands, "2+")?.medianSeconds == 50, "Ada 20 and Bo 30")
      #expect(node(.end, "resolved")?.medianSeconds == 105, "130 and 80")
      #expect(
        Set(path.losses.map { "\($0.step.rawValue) \($0.end.rawValue) \($0.tickets)" }) == [
          "hands open 1", "label open 1",
        ])
      #expect(PathStep.allCases.map { path.reached($0) } == [4, 3, 3, 2, 2])
    }
  }

  @Test func eachDimensionHasAllTicketsWithAValue() async throws {
    try await with { reports, _ in
      for (figure, count, sum) in [
        (ReportFigure.volume, Int64(4), 4.0), (.handleTime, 2, 110), (.firstResponse, 1, 40), (.satisfaction, 0, 0),
        (.lateShare, 0, 0),
      ] {
        let parts = try await reports.parts(of: figure, in: Self.period)
        for dimension in [ReportGrouping.channel, .category, .queue, .agent, .tier] {
          let tallies = parts.filter { $0.dimension == dimension }.map(\.tally)
          #expect(tallies.reduce(0) { $0 + $1.count } == count && tallies.reduce(0) { $0 + $1.sum } == sum)
        }
      }
      let agents = try await reports.parts(of: .handleTime, in: Self.period).filter { $0.dimension == .agent }
      #expect(agents.map(\.key) == ["ada", "bo"] && agents.map(\.tally.squares) == [3600, 2500])
    }
  }

  @Test func aDeskWithoutTicketsHasEmptyReports() async throws {
    let reports = try await TestDesk.shared().store.reports
    let none = ReportPeriod(
      days: [.init(name: "1970-01-01", start: Instant(seconds: 0))], end: Instant(seconds: 86_400), zone: "UTC")
    for grouping in ReportGrouping.allCases {
      let (rows, total) = try await reports.handling(by: grouping, of: none)
      #expect(rows.isEmpty && total.hands == 0 && total.meanSeconds == nil)
    }
    #expect(try await reports.occupancy(from: none.start, to: none.end).total.occupancy == nil)
    #expect(try await reports.transfers(of: none).transfers == 0)
    #expect(try await reports.path(of: none) == PathReport(tickets: 0, nodes: [], links: [], losses: []))
    #expect(try await reports.parts(of: .volume, in: none).isEmpty)
  }
}
