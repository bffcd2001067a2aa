import HTTPService
import HTTPTypes
import Store
import TestStore
import Testing

@testable import Console
@testable import DeskCore

/// Acts on a ticket that name what their sender takes it for.
@Suite struct ExpectedTicketTests {
  private static func refusal(_ answer: ServedDesk.Answer) -> Bool {
    answer.status == 412 && answer.body?["type"]?.text == "urn:frontdesk:problem:ticket-changed"
  }

  /// A ticket that Ann has, and its tag.
  private func taken(_ http: ServedDesk, _ ann: String, from customer: String = "cara") async throws -> (
    id: TicketID, tag: String
  ) {
    let (offered, offer) = try await http.desk.offered(to: "ann", from: customer)
    _ = try await http.desk.desk.accept(offer, by: "ann")
    let tag = try await http.ask("GET", "/v1/tickets/\(offered.id)", ann).tag
    return (offered.id, try #require(tag))
  }

  /// A further message of a customer, which no service has seen yet.
  private func writes(_ customer: String, _ text: String, on http: ServedDesk) async throws {
    _ = try await http.desk.store.accept(
      http.desk.store.message(from: customer, externalID: "m-\(text)", text: text))
  }

  @Test func aCustomersMessageThatNoServiceHasSeenMakesItAnother() async throws {
    try await ServedDesk.with { http in
      let ann = try await http.desk.key(.agent, agent: "ann")
      let (id, tag) = try await taken(http, ann)
      #expect(tag.hasPrefix("\"") && tag.hasSuffix("\""))
      #expect(try await http.ask("GET", "/v1/tickets/\(id)", ann).tag == tag)
      let version = try await http.desk.store.tickets.tickets([id])[id]?.version
      try await writes("cara", "Wait, it has come", on: http)
      #expect(try await http.desk.store.tickets.tickets([id])[id]?.version == version)
      let late = try await http.ask(
        "POST", "/v1/tickets/\(id)/replies", ann, #"{"text": "We look for it"}"#, key: "k-1", match: tag)
      #expect(Self.refusal(late), "\(late.text)")
      let current = try #require(late.body?["current"])
      #expect(current["state"]?.text == "assigned" && current["agent"]?.text == "ann")
      #expect(late.tag == current["etag"]?.text.map { "\"\($0)\"" } && late.tag != tag)
      #expect(late.body?["errors"]?.list?.first?["value"]?.text.map { "\"\($0)\"" } == tag)
      #expect(!late.text.contains("it has come"))
      let read = try await http.ask("GET", "/v1/tickets/\(id)", ann)
      #expect(read.tag == late.tag && read.text.contains("it has come"))
      #expect(!read.text.contains("We look for it"))
      // Deliberately, with the same key.
      let sent = try await http.ask(
        "POST", "/v1/tickets/\(id)/replies", ann, #"{"text": "We look for it"}"#, key: "k-1", match: read.tag)
      #expect(sent.status == 201 && sent.tag != read.tag, "\(sent.text)")
      #expect(try await http.ask("GET", "/v1/tickets/\(id)", ann).tag == sent.tag)
      // A repetition after a lost answer is not stale.
      let again = try await http.ask(
        "POST", "/v1/tickets/\(id)/replies", ann, #"{"text": "We look for it"}"#, key: "k-1", match: read.tag)
      #expect(again.status == 200 && again.tag == sent.tag)
    }
  }

  @Test func anotherHolderStateOrPriorityMakesItAnotherAndAWarningDoesNot() async throws {
    try await ServedDesk.with { http in
      let (ann, lead) = try await (http.desk.key(.agent, agent: "ann"), http.desk.key(.lead, agent: "eve"))
      let (id, tag) = try await taken(http, ann)
      let path = "/v1/tickets/\(id)"
      // A step for which nobody acts differently.
      let ticket = try #require(try await http.desk.store.tickets.tickets([id])[id])
      var labels = Labels.of(category: "c2")
      labels.intent = "i"
      let other = try await http.desk.take(
        ticket,
        .labelled(
          RoutingDecision(
            queue: "parcels", priority: .normal, skills: [], weight: 1, labels: labels, needsTriage: false,
            targets: .none, rule: "known", policyVersion: 1, message: nil),
          Correction(
            message: try await http.desk.fresh(), category: "c2", by: ActingAgent("ann", leads: false),
            modelVersion: "m"), reason: "r"))
      #expect(other.version > ticket.version)
      #expect(try await http.ask("GET", path, ann).tag == tag)

      let urgent = try await http.ask(
        "POST", path + "/priority", lead, #"{"priority": "urgent", "reason": "r"}"#, match: tag)
      #expect(urgent.status == 200 && urgent.tag != tag, "\(urgent.text)")
      // What is in effect already needs no newer version.
      let again = try await http.ask(
        "POST", path + "/priority", lead, #"{"priority": "urgent", "reason": "r"}"#, match: tag)
      #expect(again.status == 200 && again.tag == urgent.tag)
      let acts = [
        ("POST", "/notes", #"{"text": "n"}"#), ("POST", "/replies", #"{"text": "r"}"#), ("POST", "/resolve", nil),
        ("POST", "/transfer", #"{"queue": "praise", "reason": "r"}"#),
      ]
      for (method, act, body) in acts {
        #expect(Self.refusal(try await http.ask(method, path + act, ann, body, match: tag)), "\(act)")
      }
      #expect(
        Self.refusal(
          try await http.ask("POST", path + "/priority", lead, #"{"priority": "low", "reason": "r"}"#, match: tag)))
      // Who has lost the ticket learns that first.
      let moved = try await http.ask(
        "POST", path + "/transfer", lead, #"{"queue": "praise", "reason": "r"}"#, match: urgent.tag)
      #expect(moved.status == 200, "\(moved.text)")
      let lost = try await http.ask("POST", path + "/replies", ann, #"{"text": "r"}"#, match: urgent.tag)
      #expect(Self.refusal(lost) && lost.body?["current"]?["agent"] == nil)
      #expect(lost.body?["current"]?["state"]?.text == "queued")
      // With the newest tag it is the state that refuses.
      #expect(
        try await http.ask("POST", path + "/replies", ann, #"{"text": "r"}"#, match: moved.tag).body?["type"]?.text
          == "urn:frontdesk:problem:ticket-state")
      let messages = try await http.ask("GET", path + "/messages", lead).body?["messages"]?.list
      #expect(messages?.count == 1, "nothing was written")
    }
  }

  @Test func aMergeNamesTheTicketThatEnds() async throws {
    try await ServedDesk.with { http in
      let (ann, lead) = try await (http.desk.key(.agent, agent: "ann"), http.desk.key(.lead, agent: "eve"))
      let (first, tag) = try await taken(http, ann)
      let (second, _) = try await taken(http, ann, from: "dora")
      try await writes("cara", "more", on: http)
      let body = #"{"into": "\#(second)", "across_customers": true, "reason": "one household"}"#
      #expect(Self.refusal(try await http.ask("POST", "/v1/tickets/\(first)/merge", lead, body, match: tag)))
      #expect(try await http.ask("GET", "/v1/tickets/\(first)", ann).body?["state"]?.text == "assigned")
    }
  }

  @Test func anyOfSeveralTagsAnAsteriskAndNoneMatch() async throws {
    try await ServedDesk.with { http in
      let ann = try await http.desk.key(.agent, agent: "ann")
      let (id, tag) = try await taken(http, ann)
      let path = "/v1/tickets/\(id)/resolve"
      #expect(Self.refusal(try await http.ask("POST", path, ann, match: "W/\(tag)")))
      #expect(Self.refusal(try await http.ask("POST", path, ann, match: "\"\"")))
      for wrong in [tag.replacing("\"", with: ""), "\(tag) \(tag)", "\(tag),", "\"a b\"", "**"] {
        let answer = try await http.ask("POST", path, ann, match: wrong)
        #expect(answer.status == 422 && answer.text.contains("If-Match"), "\(wrong): \(answer.text)")
      }
      let crowd = Array(repeating: tag, count: ConsoleBounds.expectedTags + 1).joined(separator: ", ")
      #expect(try await http.ask("POST", path, ann, match: crowd).status == 422)
      #expect(try await http.ask("POST", "/v1/tickets/\(id)/notes", ann, #"{"text": "n"}"#, match: "*").status == 201)
      let newer = try #require(try await http.ask("GET", "/v1/tickets/\(id)", ann).tag)
      #expect(try await http.ask("POST", path, ann, match: "W/\"x\", \"y\" ,\(newer)").status == 200)
    }
  }
}
