import Foundation
import Testing

/// What leads are notified of and can list, and call-backs, over HTTP and by a client that shares no code with the desk.
@Suite("Leads and call-backs, end to end", .serialized)
struct LeadLifeTests {
  private static func policy(generalLimit: Int? = nil) -> String {
    """
    version: 1
    teams:
      desk: { lead: agent-003 }
      law: { lead: agent-003 }
    agents:
      - { id: agent-001, teams: [desk], capacity: 5 }
      - { id: agent-002, teams: [law], capacity: 5 }
      - { id: agent-003, teams: [desk], capacity: 5 }
    queues:
      general: { teams: [desk], offer_time: 60s\(generalLimit.map { ", limit: \($0)" } ?? "") }
      claims: { teams: [law], offer_time: 60s }
      triage: { teams: [desk], offer_time: 60s }
    rules:
      - { name: claim, when: { words: [lawyer, 律师] }, queue: claims, priority: urgent }
    default_queue: general
    triage: { queue: triage, below: 0.0 }
    channels:
      web: { replies: fetch, reopen_window: 1d }
      email: { replies: fetch, reopen_window: 1d }
    service_levels:
      - { name: quick, when: { channel: web }, first_response: 2s, escalation: [{ after: 0s, tell_lead: true }] }
    call_backs: { within: 1h, warn_before: 2s }
    stuck_queues: { after: 1s }

    """
  }

  private static let script = RunningDesk.project.appendingPathComponent("Tests/EndToEnd/foreign/watch_leads.py").path

  /// Starts the Python client with the lead's key.
  private static func client(_ arguments: [String], of life: LifeDesk) throws -> Command {
    try Command(
      "/usr/bin/env", ["python3", script] + arguments,
      environment: [
        "FRONTDESK_KEY": life.key(of: .eve), "FRONTDESK_URL": "http://127.0.0.1:\(life.consolePort)",
      ])
  }

  /// The objects that the Python client prints for a list, over all its pages.
  private static func list(_ path: String, of life: LifeDesk) async throws -> [[String: Any]] {
    let ended = try await client(["list", path], of: life).end()
    #expect(ended.status == 0, "\(ended.output)")
    return try ended.output.split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
  }

  private static func time(inSeconds seconds: TimeInterval) -> String {
    Date(timeIntervalSinceNow: seconds).ISO8601Format()
  }

  @Test("a lead's stream gets an escalation and a stuck queue; the list keeps read marks", .timeLimit(.minutes(4)))
  func noticesReachTheLead() async throws {
    try await LifeDesk.with(policy: Self.policy()) { life in
      let stream = try Self.client(["stream", "ticket.escalated", "sla.breached", "queue.stuck"], of: life)
      let id = try await life.write("Please change the name on my account", from: "cara", id: "m-1")
      let ended = await stream.end()
      #expect(ended.status == 0, "\(ended.output)")
      #expect(ended.output.contains(id))
      let notices = try await Self.list("/v1/notices?limit=1", of: life)
      #expect(Set(notices.compactMap { $0["kind"] as? String }).isSuperset(of: ["ticket.escalated", "queue.stuck"]))
      let notice = try #require(notices.first?["notice_id"] as? String)
      let read = try await life.ask(.eve, "POST", "/v1/notices/\(notice)/read", expecting: 200)
      #expect(read["read_at"] != nil)
      let again = try await Self.list("/v1/notices", of: life)
      #expect(again.filter { $0["read_at"] is String }.count == 1)
      // An agent is not a lead.
      #expect(
        (try await life.ask(.ann, "GET", "/v1/notices", expecting: 200).body["notices"] as? [Any])?.isEmpty == true)
      try await life.come(.ann)
      try await life.take(id, by: .ann)
      _ = try await life.until(.eve, "/v1/notices") { $0.text.contains(#""queue.moves""#) }
    }
  }

  @Test("tickets are listed by each of their properties", .timeLimit(.minutes(4)))
  func ticketsAreListed() async throws {
    try await LifeDesk.with(policy: Self.policy()) { life in
      let parcel = try await life.write("我的包裹 in the red box is missing", from: "cara", id: "m-1")
      try await life.ticket(parcel, is: "queued")
      let claim = try await life.write("I will call my lawyer", from: "dora", by: .email, id: "m-2")
      try await life.come(.ann, .bob)
      try await life.take(parcel, by: .ann)
      try await life.take(claim, by: .bob)
      _ = try await life.until(.eve, "/v1/tickets/\(parcel)") { $0.body["escalation_steps"] as? Int == 1 }
      let opened = try #require(try await life.ask(.eve, "GET", "/v1/tickets/\(claim)")["opened_at"])
      let encoded = try #require("包裹".addingPercentEncoding(withAllowedCharacters: .alphanumerics))
      for (query, wanted) in [
        ("", [claim, parcel]), ("state=assigned", [claim, parcel]), ("state=queued,offered", []),
        ("queue=claims", [claim]), ("queue=general", [parcel]), ("agent=agent-001", [parcel]),
        ("agent=agent-002,agent-001", [claim, parcel]), ("agent=agent-003", []), ("priority=urgent", [claim]),
        ("late=true", [parcel]), ("late=false", [claim]),
        ("escalated=true", [parcel]), ("escalated=false", [claim]), ("opened_before=\(opened)", [parcel]),
        ("opened_from=\(opened)", [claim]), ("channel=email", [claim]), ("channel=web&customer=cara", [parcel]),
        ("channel=web&customer=dora", []), ("text=LAWYER", [claim]), ("text=\(encoded)", [parcel]),
        ("text=red%20box", [parcel]), ("text=blue%20box", []), ("limit=1", [claim, parcel]),
      ] {
        let listed = try await Self.list("/v1/tickets?\(query)", of: life)
        #expect(listed.compactMap { $0["ticket_id"] as? String } == wanted, "\(query)")
      }
      // One character would match nearly everything.
      try await life.ask(.eve, "GET", "/v1/tickets?text=x", expecting: 422)
    }
  }

  @Test("a call-back is kept, another is broken, and both are listed and noticed", .timeLimit(.minutes(4)))
  func callBacks() async throws {
    try await LifeDesk.with(policy: Self.policy()) { life in
      try await life.come(.ann)
      let id = try await life.write("Please call me", from: "cara", by: .email, id: "m-1")
      try await life.take(id, by: .ann)
      let path = "/v1/tickets/\(id)/callbacks"
      let promise: [String: Any] = ["due_at": Self.time(inSeconds: 3_600), "reason": "asked for it"]
      let promised = try await life.ask(.ann, "PUT", "\(path)/1", promise, expecting: 200)
      #expect((promised.body["call_back"] as? [String: Any])?["owner"] as? String == "agent-001")
      let again = try await life.ask(.ann, "PUT", "\(path)/1", promise, expecting: 200)
      #expect(again.body["version"] as? Int == promised.body["version"] as? Int)
      // A channel without a reply hook reads it.
      #expect(try await life.ask(.email, "GET", "/v1/tickets/\(id)", expecting: 200)["call_back_due_at"] != nil)
      // Handed over to Bob, who has no part in the ticket otherwise and is notified.
      try await life.ask(.eve, "PUT", "\(path)/1", ["owner": "agent-002"], expecting: 200)
      _ = try await life.until(.bob, "/v1/notices") { $0.text.contains(#""callback.assigned""#) }
      #expect((try await life.ask(.bob, "GET", "/v1/callbacks?mine=true").body["callbacks"] as? [Any])?.count == 1)
      try await life.ask(.bob, "PUT", "\(path)/1", ["state": "kept"], expecting: 200)
      try await life.ask(.ann, "PUT", "\(path)/2", ["due_at": Self.time(inSeconds: 6)], expecting: 200)
      _ = try await life.until(.eve, "/v1/tickets/\(id)") {
        ($0.body["call_back"] as? [String: Any])?["state"] as? String == "broken"
      }
      let entries = try await life.timeline(of: id).filter { $0.hasPrefix("call_back") }
      #expect(
        entries == [
          "call_back_promised by agent:agent-001", "call_back_moved by agent:agent-003",
          "call_back_ended by agent:agent-002", "call_back_promised by agent:agent-001",
          "call_back_warned by service:sla-watcher", "call_back_broken by service:sla-watcher",
        ])
      for voice: LifeDesk.Voice in [.ann, .eve] {
        _ = try await life.until(voice, "/v1/notices") { $0.text.contains(#""callback.broken""#) }
      }
      let states = try await Self.list("/v1/callbacks?state=kept,broken&limit=1", of: life).map {
        $0["state"] as? String
      }
      #expect(Set(states) == ["kept", "broken"] && states.count == 2)
      // It is done late, and stays broken.
      try await life.ask(.ann, "PUT", "\(path)/2", ["state": "kept"], expecting: 200)
      #expect(try await Self.list("/v1/callbacks", of: life).isEmpty)
      let report = try await life.ask(.eve, "GET", "/v1/reports/queue", expecting: 200)
      let kept = ((report.body["total"] as? [String: Any])?["call_backs_kept"] as? [String: Any])
      #expect(kept?["tickets"] as? Int == 1 && kept?["of"] as? Int == 2)
      #expect(try await life.desk.expect(["explain", id]).contains("call-back 2"))
    }
  }

  @Test("an overload promises a call-back, which the next reply keeps", .timeLimit(.minutes(4)))
  func overload() async throws {
    try await LifeDesk.with(policy: Self.policy(generalLimit: 1)) { life in
      // The limit is soft: routers count twice per second.
      var promised: String?
      for number in 0..<500 where promised == nil {
        let id = try await life.write(
          "Hello again, my order is late", from: "c-\(number)", by: .email, id: "m-\(number)")
        let ticket = try await life.ticket(id, is: "queued")
        if ticket.body["call_back"] is [String: Any] { promised = id }
      }
      let id = try #require(promised)
      let listed = try await life.ask(.eve, "GET", "/v1/callbacks", expecting: 200).text
      #expect(listed.contains(id) && listed.contains(#""origin":"overload""#))
      // Transferred to a queue of another team, so that it is the next to be offered there.
      try await life.ask(
        .eve, "POST", "/v1/tickets/\(id)/transfer", ["queue": "claims", "reason": "now"], expecting: 200)
      try await life.come(.bob)
      try await life.take(id, by: .bob)
      try await life.reply("We are sorry.", on: id, by: .bob, awaiting: true)
      let kept =
        try await life.ask(.eve, "GET", "/v1/tickets/\(id)", expecting: 200).body["call_back"] as? [String: Any]
      #expect(kept?["state"] as? String == "kept" && kept?["owner"] as? String == "agent-002")
    }
  }
}
