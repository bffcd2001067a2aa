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

  @Test("a kind that is new beneath a common category is reported once", .timeLimit(.minutes(4)))
  func newKind() async throws {
    let policy = LifeTests.policy(triageBelow: "0.0", more: "hot_issues: { least: 10, times: 3 }")
    try await LifeDesk.with(policy: policy) { life in
      var tickets: [String] = []
      for number in 0..<14 {
        tickets.append(
          try await life.write("The pickup locker does not open with my code.", from: "c-\(number)", id: "m-\(number)"))
      }
      let category = try #require(
        (try await life.ticket(tickets[0], is: "queued").body["labels"] as? [String: Any])?["category"] as? String)
      // The desk is a day old, and its customers ask about this category all the time: 14 more are no news.
      try await life.remember(
        """
        INSERT INTO desk.arrival_slot (category, slot, tickets)
        SELECT '\(category)', date_bin('5 minutes', now(), 'epoch') - slots * interval '5 minutes', 20
          FROM generate_series(4, 280) AS slots
        """)
      let alert = try await life.until(.eve, "/v1/hot-issues") { !($0.body["hot_issues"] as? [Any] ?? []).isEmpty }
      let issues = try #require(alert.body["hot_issues"] as? [[String: Any]])
      #expect(issues.count == 1 && issues[0]["category"] as? String == category, "\(alert.text)")
      #expect(issues[0]["group"] is String && issues[0]["first_seen"] is String, "\(alert.text)")
      let examples = try #require(issues[0]["examples"] as? [String])
      #expect(!examples.isEmpty && Set(examples).isSubset(of: tickets))
    }
  }

  // MARK: Crises

  private static let crises = """
    crises:
      owner: agent-003
      topics: { recall: { words: [召回, recall], least: 3 } }
      checklist: [Inform legal, Call back]
      answers: { checking: { en: We are checking., zh: 正在核实。 } }
    """

  /// New customers ask about the recall, until one is answered by the case, or one is not: routers follow a switch within a second.
  private func ask(_ life: LifeDesk, _ name: String, isAnswered: Bool) async throws -> String {
    var number = 0
    while true {
      number += 1
      let customer = "\(name)-\(number)"
      let id = try await life.write("Is there a recall of the kettle?", from: customer, id: customer)
      let ticket = try await life.ticket(id, is: "queued")
      if ticket.text.contains("We are checking.") == isAnswered { return id }
      try Task.checkCancellation()
    }
  }

  @Test(
    "grave words open one crisis, its prepared answer goes to all who ask, and it ends with a summary",
    .timeLimit(.minutes(4)))
  func crisis() async throws {
    try await LifeDesk.with(policy: LifeTests.policy(triageBelow: "0.0", more: Self.crises)) { life in
      for (number, text) in ["Is there a recall?", "这个水壶要召回吗？", "I have heard of a RECALL."].enumerated() {
        let id = try await life.write(text, from: "c-\(number)", id: "m-\(number)")
        try await life.ticket(id, is: "queued")
      }
      let list = try await life.until(.eve, "/v1/crises") { !($0.body["crises"] as? [Any] ?? []).isEmpty }
      let cases = try #require(list.body["crises"] as? [[String: Any]])
      #expect(cases.count == 1 && cases[0]["cause"] as? String == "words:recall", "\(list.text)")
      #expect(cases[0]["owner"] as? String == "agent-003" && cases[0]["opened_by"] as? String == "service:sla-watcher")
      let path = "/v1/crises/\(try #require(cases[0]["crisis"] as? String))"
      try await life.ask(.ann, "POST", path + "/answers", ["answer": "checking", "on": true], expecting: 403)
      try await life.ask(.eve, "POST", path + "/answers", ["answer": "checking", "on": true], expecting: 200)
      try await life.ask(.eve, "POST", path + "/checklist", ["item": 1, "done": true], expecting: 200)

      // The answer goes out at once, and the ticket waits for a person as any other.
      let answered = try await ask(life, "on", isAnswered: true)
      #expect(
        try await life.timeline(of: answered) == ["queued by service:router", "crisis_answered by service:router"])
      let chinese = try await life.write("请问水壶会召回吗？", from: "daiyu", id: "zh-1")
      #expect(try await life.ticket(chinese, is: "queued").text.contains("正在核实。"))
      #expect(try await life.write("Any news of the recall?", from: "daiyu", id: "zh-2") == chinese)
      _ = try await life.until(.eve, "/v1/tickets/\(chinese)/timeline") { $0.text.contains("customer_wrote") }
      #expect(
        try await life.timeline(of: chinese).filter { $0.hasPrefix("crisis_answered") }.count == 1, "once per ticket")

      let ended = try await life.ask(.eve, "POST", path + "/end", ["reason": "false alarm"], expecting: 200)
      let figures = try #require(ended.body["figures"] as? [String: Any])
      #expect(ended["state"] == "ended" && ended["end_reason"] == "false alarm")
      #expect((figures["tickets"] as? Int ?? 0) >= 3 && (figures["answered"] as? Int ?? 0) >= 2, "\(ended.text)")
      #expect((figures["peak_tickets"] as? Int ?? 0) >= 1 && figures["queues"] is [String: Any], "\(ended.text)")
      let checklist = try #require(ended.body["checklist"] as? [[String: Any]])
      #expect(checklist.map { $0["by"] as? String } == ["agent:agent-003", nil])
      // The leads were notified of each step, and agents of none.
      let noticed = (try await life.ask(.eve, "GET", "/v1/notices").body["notices"] as? [[String: Any]] ?? [])
        .compactMap { $0["kind"] as? String }.filter { $0.hasPrefix("crisis.") }
      #expect(noticed.first == "crisis.ended" && noticed.last == "crisis.opened" && noticed.contains("crisis.changed"))
      #expect(try await !life.ask(.ann, "GET", "/v1/notices").text.contains(#""crisis."#))
      // No one is answered any more, and no other case opens for the same cause so soon.
      _ = try await ask(life, "off", isAnswered: false)
      #expect((try await life.ask(.eve, "GET", "/v1/crises").body["crises"] as? [Any])?.count == 1)
      // The independent rules accept the timelines.
      try await life.desk.expect(["audit", "rules"])
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
