import Foundation
import PostgreSQL
import Testing

/// A day of a desk in two minutes: a crowd, checked afterwards by its timelines alone, and scripted customers (`DayScript`), checked by
/// what they and their agent did (`DayChecker`).
@Suite("A day in the life", .serialized)
struct DayInTheLifeTests {
  private struct Verdict: Decodable {
    struct Rule: Decodable {
      var rule: String
      var broken: Int
    }

    struct Finding: Decodable {
      var rule: String
      var ticket: String
      var at: String
      var text: String
    }

    var tickets: Int
    var offers: Int
    var kinds: [String: Int]
    var rules: [Rule]
    var findings: [Finding]
  }

  /// The sample policy's channels; the script has its own.
  private static let crowdsChannels = ["app", "web", "wechat", "email", "social", "partner"]

  /// 5,000 customers write twice each, over both transports; 60 agents decline, let offers expire, take breaks, transfer and disconnect.
  @Test("5,000 tickets and 60 agents with realistic behaviour violate no rule", .timeLimit(.minutes(20)))
  func day() async throws {
    try await RunningDesk.with(["--routers", "2"]) { desk in
      try await desk.expect(["apply", try policyOfAQuickDay(in: desk.folder)])
      let life = try LifeDesk.joining(desk)
      try await life.everyProcessUsesThePolicy()
      async let acted = Self.script(on: life)
      let agents = try desk.command([
        "agents", "simulate", "60", "--handle-time", "0.4s", "--accept-share", "0.85", "--interruption-rate", "0.06",
        "--seed",
        "7",
      ])
      async let crowd = agents.end()
      // Customers write again after a quarter of the day: to an agent, a queue, or a resolved ticket.
      let http = try desk.send(
        5_000, by: "http", prefix: "day-h-", rate: 45, returnAfter: 1_250, file: "\(desk.folder)/http.ndjson",
        channels: Self.crowdsChannels)
      let zeromq = try desk.send(
        5_000, by: "zeromq", prefix: "day-z-", rate: 45, returnAfter: 1_250, file: "\(desk.folder)/zeromq.ndjson",
        channels: Self.crowdsChannels)
      async let sentByHTTP = http.end()
      async let sentByZeroMQ = zeromq.end()
      for ended in await [sentByHTTP, sentByZeroMQ] { #expect(ended.status == 0, "\(ended.output.suffix(2_000))") }
      for file in ["http.ndjson", "zeromq.ndjson"] {
        try await desk.expectCleanLedger(file: "\(desk.folder)/\(file)", messages: 5_000)
      }
      let script = try await acted
      try await fewWait(at: desk)
      agents.terminate()
      _ = await crowd
      try await expectNoViolation(of: script, on: life)
      try await expectEachReplyFetchedOnce(at: desk, blocked: script.record.blockedTexts)

      let report = try await desk.command(["audit", "rules", "--json"]).end()
      let verdict = try #require(
        try? JSONDecoder().decode(Verdict.self, from: Data(report.output.utf8)), "\(report.output.suffix(2_000))")
      #expect(verdict.tickets == 5_000 + script.record.tickets.count)
      let broken = verdict.rules.filter { $0.broken > 0 }
      if !broken.isEmpty {
        let stories = try await stories(of: verdict.findings, at: desk)
        Issue.record("\(verdict.findings)\n\(stories.joined(separator: "\n"))")
      }
      #expect(verdict.rules.count == 6)
      // Everything expected of the day occurred.
      for kind in [
        "queued", "offered", "accepted", "declined", "offer_timed_out", "requeued", "transferred", "replied", "pending",
        "customer_wrote", "resolved", "reopened", "rerouted", "confirmed", "merged", "absorbed", "call_back_promised",
        "call_back_ended", "call_back_broken",
      ] {
        #expect(verdict.kinds[kind, default: 0] > 0, "no entry of the kind \(kind) in \(verdict.kinds)")
      }
      #expect(verdict.kinds["resolved", default: 0] > 3_000, "\(verdict.kinds)")
      try await desk.expect(["audit", "verify"])

      // A report counts the same day from rows and timelines.
      let table = try await desk.command(["report", "agent", "--json"]).end()
      let counted = try #require(
        try? JSONDecoder().decode(Report.self, from: Data(table.output.utf8)), "\(table.output.suffix(2_000))")
      let (tickets, messages) = (5_000 + script.record.tickets.count, 10_000 + script.record.messages)
      #expect(counted.total.tickets == tickets && counted.total.messages == messages)
      #expect(counted.rows.reduce(0) { $0 + $1.tickets } == tickets)
      #expect(counted.total.reopened.tickets > 0 && counted.total.kept.of > 0)
    }
  }

  private static func script(on life: LifeDesk) async throws -> DayScript {
    var script = DayScript(life, seed: 7, perPart: 4)
    try await script.run()
    return script
  }

  /// Checks the scripted customers' day by the rules for it.
  private func expectNoViolation(of script: DayScript, on life: LifeDesk) async throws {
    let shown = try await script.shown()
    let checker = DayChecker(script.record, end: Date(), fetched: script.fetched, shown: shown)
    #expect(checker.findings.isEmpty, "\(checker.findings.joined(separator: "\n"))")
    for rule in DayChecker.Rule.allCases {
      #expect(checker.checked[rule, default: 0] > 0, "the day had nothing to check for the rule \(rule)")
    }
    let blocked = script.record.blockedTexts.count
    let counted = try await life.ask(.cleo, "GET", "/v1/interceptions/report", expecting: 200)
    #expect(
      counted.text.contains(#""term":"idiot","action":"block","refused":\#(blocked),"sent":0"#), "\(counted.text)")
  }

  /// Every reply that was written by anyone during the day can be fetched, once.
  private func expectEachReplyFetchedOnce(at desk: RunningDesk, blocked: [String]) async throws {
    let written = try await withPool(of: desk) { pool in try await pool.query(Self.replies) }
    let output = try await desk.expect(["replies"])
    struct Fetched: Decodable {
      var id: String
      var text: String

      enum CodingKeys: String, CodingKey {
        case id = "reply_id"
        case text
      }
    }
    let fetched = try output.split(separator: "\n").filter { $0.hasPrefix("{") }.map {
      try JSONDecoder().decode(Fetched.self, from: Data($0.utf8))
    }
    let names = Set(fetched.map(\.id))
    #expect(names.count == fetched.count, "a reply was listed twice")
    #expect(written.count > 3_000 && names.isSuperset(of: written), "\(Set(written).subtracting(names).prefix(5))")
    #expect(Set(fetched.map(\.text)).isDisjoint(with: blocked))
  }

  private static let replies = PostgresStatement<String>(
    "day_replies", "SELECT id::text FROM desk.reply WHERE hook IS NULL")

  private struct Report: Decodable {
    struct Share: Decodable {
      var tickets: Int
      var of: Int
    }

    struct Row: Decodable {
      var tickets: Int
      var messages: Int
      var reopened: Share
      var kept: Share

      enum CodingKeys: String, CodingKey {
        case tickets, messages, reopened
        case kept = "first_responses_kept"
      }
    }

    var rows: [Row]
    var total: Row
  }

  /// Returns the timelines of the tickets in the findings, for debugging.
  private func stories(of findings: [Verdict.Finding], at desk: RunningDesk) async throws -> [String] {
    let identifiers = findings.prefix(3).flatMap { finding in
      [finding.ticket] + finding.text.split(separator: " ").map(String.init).filter { UUID(uuidString: $0) != nil }
    }
    return try await withPool(of: desk) { pool in try await pool.query(Self.steps, [identifiers]) }
  }

  private static let steps = PostgresStatement<String>(
    "day_steps",
    """
    SELECT concat_ws(' ', ticket_id, version, position, to_char(at, 'HH24:MI:SS.MS'), kind, actor, left(detail::text, 400))
      FROM desk.ticket_event WHERE ticket_id::text = ANY($1) ORDER BY ticket_id, version, position
    """)

  /// The day ends when agents have had nine of ten tickets, however long this machine takes, bounded by the test's time limit. (Few agents
  /// serve partners, whose queue would be the last for a long time.)
  private func fewWait(at desk: RunningDesk) async throws {
    try await withPool(of: desk) { pool in
      while try await pool.query(Self.waiting).first ?? 0 >= 500 { try Task.checkCancellation() }
    }
  }

  private func withPool<Result>(
    of desk: RunningDesk, _ body: (PostgresPool) async throws -> Result
  ) async throws -> Result {
    let connection = try #require(try desk.description()["postgres"] as? String)
    let pool = PostgresPool(try PostgresConfiguration(connection), limits: PostgresPoolLimits(connectionsMaximum: 1))
    do {
      let result = try await body(pool)
      await pool.shutdown()
      return result
    } catch {
      await pool.shutdown()
      throw error
    }
  }

  /// Undecided messages and tickets without an agent; the database paces the polling.
  private static let waiting = PostgresStatement<Int64>(
    "day_waiting",
    """
    SELECT (SELECT count(*) FROM desk.inbox)
         + (SELECT count(*) FROM desk.ticket WHERE waiting_queue IS NOT NULL OR offer_id IS NOT NULL)
      FROM pg_sleep(0.5)
    """)

  /// The sample policy with offers that expire within the day, and the script's part.
  private func policyOfAQuickDay(in folder: String) throws -> String {
    let sample = RunningDesk.project.appendingPathComponent("deploy/desk.yaml")
    let text = try String(contentsOf: sample, encoding: .utf8)
      .replacing(/offer_time: [0-9]+[sm]/, with: "offer_time: 8s")
    let whole = try DayScript.Policy.added(to: text)
    try FileManager.default.copyItem(
      at: sample.deletingLastPathComponent().appendingPathComponent("articles"),
      to: URL(fileURLWithPath: folder).appendingPathComponent("articles"))
    let path = "\(folder)/quick-day.yaml"
    try whole.write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }
}
