import Foundation
import PostgreSQL
import Testing

@testable import LoadTesting

/// Conditions that the desk detects: SLA breaches, and unusually frequent kinds of questions.
@Suite("Monitoring by the desk, end to end", .serialized)
struct WatchingTests {
  private static let ladder = """
    service_levels:
      - name: quick
        when: { channel: web }
        first_response: 2s
        warn_at: [50]
        escalation:
          - { after: 0s, tell_lead: true, raise_priority: urgent }
          - { after: 1s, any_skill: true }
          - { after: 2s, tell_lead: true, queue: complaints }
    """

  @Test("an SLA target is warned about, breached and escalated, each step once", .timeLimit(.minutes(4)))
  func climbing() async throws {
    try await LifeDesk.with(policy: LifeTests.policy(triageBelow: "0.0", more: Self.ladder)) { life in
      let id = try await life.write("Please change the name on my account", from: "cara", id: "m-1")
      let late = try await life.until(.eve, "/v1/tickets/\(id)") { $0.body["escalation_steps"] as? Int == 3 }
      #expect(late["queue"] == "complaints" && late["priority"] == "urgent" && late["state"] == "queued")
      let watched = try await life.timeline(of: id).filter { $0.hasSuffix("service:sla-watcher") }
      #expect(
        watched.map { $0.prefix { $0 != " " } } == [
          "sla_warned", "sla_breached", "escalated", "escalated", "escalated",
        ])
      // Accepting and replying now stops the clock; earlier notifications remain.
      try await life.come(.eve)
      try await life.take(id, by: .eve)
      try await life.reply("It is changed.", on: id, by: .eve, awaiting: false)
      try await life.ask(.eve, "POST", "/v1/tickets/\(id)/resolve", ["reason": "name changed"], expecting: 200)
      let after = try await life.timeline(of: id).filter { $0.hasSuffix("service:sla-watcher") }
      #expect(after == watched)
      #expect(try await life.ask(.eve, "GET", "/v1/tickets/\(id)/timeline").text.contains("name changed"))
    }
  }

  @Test(
    "a kind of question far more frequent than predicted is reported once, with examples", .timeLimit(.minutes(4)))
  func hotIssue() async throws {
    let policy = LifeTests.policy(triageBelow: "0.0", more: "hot_issues: { least: 10, times: 3 }")
    try await LifeDesk.with(policy: policy) { life in
      var tickets: [String] = []
      for number in 0..<14 {
        tickets.append(
          try await life.write("Where is my parcel? It has not arrived.", from: "c-\(number)", id: "m-\(number)"))
      }
      let category = try #require(
        (try await life.ticket(tickets[0], is: "queued").body["labels"] as? [String: Any])?["category"] as? String)
      // The desk is a day old: such a question came once per hour.
      try await life.remember(
        """
        INSERT INTO desk.arrival_slot (category, slot, tickets)
        SELECT '\(category)', date_bin('5 minutes', now(), 'epoch') - hours * interval '1 hour', 1
          FROM generate_series(1, 24) AS hours
        """)
      let alert = try await life.until(.eve, "/v1/hot-issues") { !($0.body["hot_issues"] as? [Any] ?? []).isEmpty }
      let issues = try #require(alert.body["hot_issues"] as? [[String: Any]])
      #expect(issues.count == 1 && issues[0]["category"] as? String == category)
      #expect((issues[0]["tickets"] as? Int ?? 0) >= 10)
      let examples = try #require(issues[0]["examples"] as? [String])
      #expect(!examples.isEmpty && Set(examples).isSubset(of: tickets))
      // More of them are not reported again.
      let more = try await life.write("Where is my parcel? Nobody answers.", from: "c-99", id: "m-99")
      try await life.ticket(more, is: "queued")
      #expect(
        (try await life.ask(.eve, "GET", "/v1/hot-issues").body["hot_issues"] as? [Any])?.count == 1)
    }
  }

  private static let targets = """
    service_levels:
      - { name: near, when: { channel: email }, first_response: 3s, warn_at: [50] }
      - { name: far, first_response: 10m, next_response: 10m, resolution: 10m }
    """

  @Test(
    "a clock jump of an hour causes no SLA breach, and due notifications are on time",
    .timeLimit(.minutes(5)),
    .enabled("libfaketime and a C compiler are available") { await ShiftedClock.obstacle() == nil })
  func jump() async throws {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("clock-\(UUID().uuidString)").path
    let clock = try await ShiftedClock(file: file, library: try #require(ShiftedClock.library()))
    try await LifeDesk.with(policy: LifeTests.policy(triageBelow: "0.0", more: Self.targets), clock: clock) { life in
      let far = try await life.write("Please change the name on my account", from: "cara", id: "far")
      try await life.ticket(far, is: "queued")
      for (number, shift) in [3_600, -3_600, 0].enumerated() {
        try clock.shift(bySeconds: shift)
        // Notified by the same watcher after the jump: it has checked everything meanwhile.
        let near = try await life.write("My order is late", from: "n-\(number)", by: .email, id: "near-\(number)")
        _ = try await life.until(.eve, "/v1/tickets/\(near)/timeline") { $0.text.contains("sla_breached") }
      }
      #expect(try await life.timeline(of: far) == ["queued by service:router"])
      // The independent rules find no early notification.
      try await life.desk.expect(["audit", "rules"])
    }
  }
}

extension LifeDesk {
  /// Inserts history that none of the desk's interfaces could create.
  fileprivate func remember(_ sql: String) async throws {
    let connection = try #require(try desk.description()["postgres"] as? String)
    let pool = PostgresPool(
      try PostgresConfiguration(connection), limits: PostgresPoolLimits(connectionsMaximum: 1))
    do {
      try await pool.executeScript(sql)
    } catch {
      await pool.shutdown()
      throw error
    }
    await pool.shutdown()
  }
}
