import Foundation
import Testing

/// Complete ticket lifecycles on a running desk, checked by its timelines.
@Suite("Ticket lifecycle, end to end", .serialized)
struct LifeTests {
  static func policy(triageBelow: String, more: String = "") -> String {
    """
    version: 1
    teams:
      desk: { lead: agent-003 }
    agents:
      - { id: agent-001, teams: [desk], capacity: 5 }
      - { id: agent-002, teams: [desk], capacity: 5 }
      - { id: agent-003, teams: [desk], capacity: 5 }
    queues:
      general: { teams: [desk], offer_time: 60s, reclaim_after: 10s }
      complaints: { teams: [desk], offer_time: 60s }
      triage: { teams: [desk], offer_time: 60s }
    rules:
      - { name: complaint, when: { category: complaint }, queue: complaints, priority: high }
    default_queue: general
    triage: { queue: triage, below: \(triageBelow) }
    channels:
      web: { replies: fetch, reopen_window: 1d, answers_by_itself: true }
      email: { replies: fetch, reopen_window: 1s }
    closing: { confirm_within: 1s, low_rating_below: 3 }
    feedback: { categories: [complaint, logistics, suggestion] }
    answers: { confident_from: 0.6 }
    \(more)

    """
  }

  private static let articles = """
    articles:
      parcel:
        answers_by_itself: true
        en:
          title: Track a parcel
          answer: Open the order and choose Track.
          questions: ["Where is my parcel?", "How can I track my parcel?"]
          steps: [Check the order number., Ask the carrier.]
    """

  @Test("labelled by a person, noted, transferred, resolved, rated and followed up", .timeLimit(.minutes(4)))
  func fromTriageToFollowUp() async throws {
    try await LifeDesk.with(policy: Self.policy(triageBelow: "1.0")) { life in
      try await life.come(.ann)
      try await life.ask(
        .operator, "PUT", "/v1/customers/web/cara",
        ["tier": "vip", "dedicated_agent": "agent-001", "reason": "contract of March"], expecting: 200)
      let id = try await life.write("The box came broken and nobody helps me", from: "cara", id: "m-1")
      try await life.take(id, by: .ann)
      let label: [String: Any] = ["category": "complaint", "reason": "damage and anger"]
      try await life.ask(.bob, "POST", "/v1/tickets/\(id)/label", label, expecting: 409)
      let labelled = try await life.ask(.ann, "POST", "/v1/tickets/\(id)/label", label, expecting: 200)
      #expect(labelled["queue"] == "complaints" && labelled["tier"] == "vip")
      try await life.take(id, by: .ann)
      for status in [201, 200] {
        try await life.ask(
          .ann, "POST", "/v1/tickets/\(id)/notes", ["text": "asked the depot"], expecting: status,
          headers: ["Idempotency-Key": "n-1"])
      }
      try await life.reply("Please send a photograph.", on: id, by: .ann, awaiting: true)
      #expect(try await life.write("Here it is", from: "cara", id: "m-2") == id)
      try await life.ticket(id, is: "assigned")
      let toBob: [String: Any] = ["agent": "agent-002", "reason": "knows the depot"]
      try await life.ask(.ann, "POST", "/v1/tickets/\(id)/transfer", toBob, expecting: 409)
      try await life.come(.bob)
      try await life.ask(.ann, "POST", "/v1/tickets/\(id)/transfer", toBob, expecting: 200)
      try await life.take(id, by: .bob)
      try await life.reply("A new one is on its way.", on: id, by: .bob, awaiting: false)
      try await life.ask(.bob, "POST", "/v1/tickets/\(id)/resolve", expecting: 200)
      let feedback: [String: Any] = ["solved": true, "rating": 2, "comment": "it took long"]
      for _ in 0..<2 {
        try await life.ask(.web, "POST", "/v1/tickets/\(id)/feedback", feedback, expecting: 200)
      }
      try await life.ask(.email, "POST", "/v1/tickets/\(id)/feedback", ["solved": true], expecting: 404)
      let open = try await life.ask(.eve, "GET", "/v1/follow-ups", expecting: 200)
      #expect(open.text.contains(id) && open.text.contains(#""lead":"agent-003""#))
      try await life.ask(
        .eve, "POST", "/v1/follow-ups/\(id)/done", ["outcome": "called and apologised"], expecting: 200)
      #expect(try await !life.ask(.eve, "GET", "/v1/follow-ups").text.contains(id))
      #expect(
        try await life.timeline(of: id) == [
          "triaged by service:router", "offered by service:router", "accepted by agent:agent-001",
          "labelled by agent:agent-001", "offered by service:router", "accepted by agent:agent-001",
          "noted by agent:agent-001", "replied by agent:agent-001", "pending by agent:agent-001",
          "customer_wrote by customer", "transferred by agent:agent-001", "accepted by agent:agent-002",
          "replied by agent:agent-002", "resolved by agent:agent-002", "feedback_received by customer",
          "follow_up_opened by service:intake",
        ])
      let pool = try await life.until(.eve, "/v1/feedback") { !($0.body["groups"] as? [Any] ?? []).isEmpty }
      #expect(pool.text.contains(#""category":"complaint""#) && pool.text.contains(id))
      #expect(try await life.ask(.eve, "GET", "/v1/feedback.csv", expecting: 200).text.contains("complaint,1,1,0,"))
    }
  }

  @Test("answered by an article; then solved, or passed to an agent", .timeLimit(.minutes(4)))
  func answeredByAnArticle() async throws {
    try await LifeDesk.with(policy: Self.policy(triageBelow: "0.0", more: Self.articles)) { life in
      let solved = try await life.write("Where is my parcel?", from: "cara", id: "m-1")
      let seen = try await life.ticket(solved, is: "answered")
      #expect(seen.text.contains("Open the order and choose Track.") && seen.text.contains("Check the order number."))
      try await life.ask(
        .web, "POST", "/v1/tickets/\(solved)/feedback", ["solved": true, "rating": 5], expecting: 200)
      #expect(
        try await life.timeline(of: solved) == [
          "answered by service:router", "feedback_received by customer", "resolved by customer",
        ])
      let other = try await life.write("How can I track my parcel?", from: "carl", id: "m-2")
      try await life.ticket(other, is: "answered")
      for _ in 0..<2 {
        try await life.ask(.web, "POST", "/v1/tickets/\(other)/feedback", ["solved": false], expecting: 200)
      }
      try await life.come(.ann)
      try await life.take(other, by: .ann)
      let third = try await life.write("Where is my parcel?", from: "cleo", id: "m-3")
      try await life.ticket(third, is: "answered")
      #expect(try await life.write("It is not there", from: "cleo", id: "m-4") == third)
      try await life.take(third, by: .ann)
      #expect(
        try await life.timeline(of: third) == [
          "answered by service:router", "customer_wrote by customer", "reopened by customer",
          "offered by service:router", "accepted by agent:agent-001",
        ])
      let report = try await life.ask(.eve, "GET", "/v1/reports/channel", expecting: 200).text
      #expect(report.contains(#"{"group":"web","tickets":3,"messages":4,"#), "\(report)")
      #expect(report.contains(#""self_service":{"tickets":1,"of":3,"#) && report.contains(#""rating_mean":5.0"#))
      #expect(report.contains(#""reopened":{"tickets":2,"of":3,"#), "\(report)")
    }
  }

  @Test("a polite opening does not hide the question from the articles", .timeLimit(.minutes(4)))
  func politeOpening() async throws {
    try await LifeDesk.with(policy: Self.policy(triageBelow: "0.0", more: Self.articles)) { life in
      let polite = try await life.write("Hi, good morning. Where is my parcel?", from: "cara", id: "m-1")
      let seen = try await life.ticket(polite, is: "answered")
      #expect(seen.text.contains("Open the order and choose Track."))
      // Without a question there is nothing to answer.
      let greeting = try await life.write("Hi, good morning.", from: "dora", id: "m-2")
      try await life.ticket(greeting, is: "queued")
    }
  }

  @Test("merged, closed, followed by another ticket, reclaimed", .timeLimit(.minutes(4)))
  func mergedClosedAndReclaimed() async throws {
    try await LifeDesk.with(policy: Self.policy(triageBelow: "0.0")) { life in
      try await life.come(.ann)
      let first = try await life.write("My order is late", from: "cara", by: .email, id: "m-1")
      try await life.take(first, by: .ann)
      let twin = try await life.write("I wrote you a mail about my late order", from: "cara", id: "m-2")
      try await life.take(twin, by: .ann)
      // Customers of two channels are distinct, until a lead merges their tickets.
      let merge: [String: Any] = ["into": first, "across_customers": true, "reason": "the same order"]
      try await life.ask(.ann, "POST", "/v1/tickets/\(twin)/merge", merge, expecting: 403)
      for _ in 0..<2 { try await life.ask(.eve, "POST", "/v1/tickets/\(twin)/merge", merge, expecting: 200) }
      try await life.ticket(twin, is: "closed")
      #expect(try await life.links(of: first) == ["absorbed \(twin)"])
      #expect(try await life.ask(.ann, "GET", "/v1/tickets/\(first)").text.contains("I wrote you a mail"))
      // The customer's next message over the merged ticket's channel reaches the surviving ticket.
      #expect(try await life.write("And another thing", from: "cara", id: "m-3") == first)
      _ = try await life.until(.eve, "/v1/tickets/\(first)/timeline") { $0.text.contains("customer_wrote") }
      try await life.ask(.web, "GET", "/v1/tickets/\(first)", expecting: 200)
      try await life.reply("It leaves today", on: first, by: .ann, awaiting: false)
      try await life.ask(.ann, "POST", "/v1/tickets/\(first)/resolve", expecting: 200)
      try await life.ticket(first, is: "closed")
      // After it is closed, the next mail opens a ticket linked to the previous one.
      let next = try await life.write("One more question", from: "cara", by: .email, id: "m-4")
      #expect(next != first && next != twin)
      #expect(try await life.links(of: next) == ["follows \(first)"])
      // An agent who leaves a customer without a reply loses the ticket; only the lead is available to take it.
      try await life.take(next, by: .ann)
      try await life.come(.eve)
      try await life.go(.bob)
      try await life.take(next, by: .eve)
      let timeline = try await life.timeline(of: next)
      #expect(timeline.contains("reclaimed by service:router"))
      #expect(timeline.last == "accepted by agent:agent-003")
      try await life.ask(.eve, "POST", "/v1/tickets/\(next)/resolve", expecting: 200)
      try await life.ticket(next, is: "closed")
      #expect(try await life.timeline(of: next).last == "closed by service:sla-watcher")
    }
  }
}
