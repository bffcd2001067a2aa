import Foundation
import PostgreSQL
import Testing

/// A day of a desk in two minutes, judged afterwards by what the timelines tell and nothing else.
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

  /// 5,000 customers write twice each, over both ways; 60 agents decline, let offers run out, take breaks, hand tickets on and vanish.
  @Test("5,000 tickets and 60 agents who do all that people do keep every rule", .timeLimit(.minutes(20)))
  func day() async throws {
    try await RunningDesk.with(["--routers", "2"]) { desk in
      try await desk.expect(["apply", try policyOfAQuickDay(in: desk.folder)])
      let agents = try desk.command([
        "agents", "simulate", "60", "--handle-time", "0.4s", "--accept-share", "0.85", "--unrest", "0.06", "--seed",
        "7",
      ])
      async let crowd = agents.end()
      // Customers come back when a quarter of the day has passed: to an agent, to a queue, or to what was settled.
      let http = try desk.send(
        5_000, by: "http", prefix: "day-h-", rate: 45, returnAfter: 1_250, file: "\(desk.folder)/http.ndjson")
      let zeromq = try desk.send(
        5_000, by: "zeromq", prefix: "day-z-", rate: 45, returnAfter: 1_250, file: "\(desk.folder)/zeromq.ndjson")
      async let sentByHTTP = http.end()
      async let sentByZeroMQ = zeromq.end()
      for ended in await [sentByHTTP, sentByZeroMQ] { #expect(ended.status == 0, "\(ended.output.suffix(2_000))") }
      for file in ["http.ndjson", "zeromq.ndjson"] {
        try await desk.expectCleanLedger(file: "\(desk.folder)/\(file)", messages: 5_000)
      }
      try await fewWait(at: desk)
      agents.terminate()
      _ = await crowd

      let report = try await desk.command(["audit", "rules", "--json"]).end()
      let verdict = try #require(
        try? JSONDecoder().decode(Verdict.self, from: Data(report.output.utf8)), "\(report.output.suffix(2_000))")
      #expect(verdict.tickets == 5_000)
      #expect(verdict.rules.allSatisfy { $0.broken == 0 }, "\(verdict.findings)")
      #expect(verdict.rules.count == 5)
      // What the day was to hold was in it.
      for kind in [
        "queued", "offered", "accepted", "declined", "offer_timed_out", "requeued", "transferred", "replied", "pending",
        "customer_wrote", "resolved", "reopened",
      ] {
        #expect(verdict.kinds[kind, default: 0] > 0, "no entry of the kind \(kind) in \(verdict.kinds)")
      }
      #expect(verdict.kinds["resolved", default: 0] > 3_000, "\(verdict.kinds)")
      try await desk.expect(["audit", "verify"])
    }
  }

  /// The day ends when agents have had nine of ten tickets, however long this machine takes; the test's time limit bounds it. (Few agents
  /// speak to partners, whose queue would be the last for a long while.)
  private func fewWait(at desk: RunningDesk) async throws {
    let connection = try #require(try desk.description()["postgres"] as? String)
    let pool = PostgresPool(try PostgresConfiguration(connection), limits: PostgresPoolLimits(connectionsMaximum: 1))
    let outcome: Result<Void, any Error>
    do {
      while try await pool.query(Self.waiting).first ?? 0 >= 500 { try Task.checkCancellation() }
      outcome = .success(())
    } catch {
      outcome = .failure(error)
    }
    await pool.shutdown()
    try outcome.get()
  }

  /// Messages without a decision and tickets that no agent has yet; the database sets the pace of asking.
  private static let waiting = PostgresStatement<Int64>(
    "day_waiting",
    """
    SELECT (SELECT count(*) FROM desk.inbox)
         + (SELECT count(*) FROM desk.ticket WHERE waiting_queue IS NOT NULL OR offer_id IS NOT NULL)
      FROM pg_sleep(0.5)
    """)

  /// The sample policy with offers that run out within the day.
  private func policyOfAQuickDay(in folder: String) throws -> String {
    let sample = RunningDesk.project.appendingPathComponent("deploy/desk.yaml")
    let text = try String(contentsOf: sample, encoding: .utf8)
      .replacing(/offer_time: [0-9]+[sm]/, with: "offer_time: 8s")
    try FileManager.default.copyItem(
      at: sample.deletingLastPathComponent().appendingPathComponent("articles"),
      to: URL(fileURLWithPath: folder).appendingPathComponent("articles"))
    let path = "\(folder)/quick-day.yaml"
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }
}
