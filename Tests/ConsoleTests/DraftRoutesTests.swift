import Curl
import DeskCore
import Store
import Testing

@testable import Console

/// Drafts over HTTP: two devices of an agent, a ticket that goes to somebody else, and sending.
@Suite struct DraftRoutesTests {
  /// A ticket that Ann has.
  private func taken(_ http: ServedDesk) async throws -> TicketID {
    let (offered, offer) = try await http.desk.offered(to: "ann")
    _ = try await http.desk.desk.accept(offer, by: "ann")
    return offered.id
  }

  @Test func twoDevicesDoNotOverwriteEachOther() async throws {
    try await ServedDesk.with { http in
      let id = try await taken(http)
      let ann = try await http.desk.key(.agent, agent: "ann")
      let path = "/v1/tickets/\(id)/drafts/reply"
      let first = try await http.ask("PUT", path, ann, #"{"text": "Dear", "awaits_customer": true}"#)
      #expect(first.status == 200 && first.body?["text"]?.text == "Dear", "\(first.text)")
      #expect(first.body?["awaits_customer"] == .flag(true))
      let key = try #require(first.body?["key"]?.text)
      let second = try await http.ask("PUT", path, ann, #"{"text": "Dear Cara", "replaces": "\#(key)"}"#)
      let newer = try #require(second.body?["key"]?.text)
      #expect(second.status == 200 && newer != key)
      // The other device still has the first text.
      for body in [#"{"text": "Hello", "replaces": "\#(key)"}"#, #"{"text": "Hello"}"#] {
        let late = try await http.ask("PUT", path, ann, body)
        #expect(late.status == 409 && late.body?["type"]?.text == "urn:frontdesk:problem:draft-changed")
        #expect(late.body?["current"]?["text"]?.text == "Dear Cara", "\(late.text)")
        #expect(late.body?["current"]?["key"]?.text == newer)
      }
      let listed = try await http.ask("GET", "/v1/tickets/\(id)/drafts", ann)
      #expect(listed.body?["drafts"]?.list?.map { $0["key"]?.text } == [newer])
      let own = try await http.ask("GET", "/v1/agents/me/drafts", ann)
      #expect(own.body?["drafts"]?.list?.map { $0["ticket_id"]?.text } == ["\(id)"])

      #expect(try await http.ask("DELETE", path + "?key=\(key)", ann).status == 409)
      for _ in 0..<2 { #expect(try await http.ask("DELETE", path + "?key=\(newer)", ann).status == 200) }
      let gone = try await http.ask("PUT", path, ann, #"{"text": "Hello", "replaces": "\#(newer)"}"#)
      #expect(
        gone.status == 409 && gone.body?["current"] == nil && gone.text.contains(#""current":null"#)
          && gone.text.contains("sent or deleted"))
    }
  }

  @Test func aDraftIsSentOnceUnderItsKeyAndIsGoneWithIt() async throws {
    try await ServedDesk.with { http in
      let id = try await taken(http)
      let ann = try await http.desk.key(.agent, agent: "ann")
      for (kind, place) in [("reply", "replies"), ("note", "notes")] {
        let path = "/v1/tickets/\(id)/drafts/\(kind)"
        let draft = try await http.ask("PUT", path, ann, #"{"text": "Tomorrow"}"#)
        let key = try #require(draft.body?["key"]?.text)
        let sent = try await http.ask("POST", "/v1/tickets/\(id)/\(place)", ann, #"{"text": "Tomorrow"}"#, key: key)
        #expect(sent.status == 201, "\(sent.text)")
        #expect(try await http.ask("GET", "/v1/tickets/\(id)/drafts", ann).body?["drafts"]?.list?.isEmpty == true)
        // The other device sends the same text.
        let again = try await http.ask("POST", "/v1/tickets/\(id)/\(place)", ann, #"{"text": "Tomorrow"}"#, key: key)
        #expect(again.status == 200 && again.body?["message_id"]?.text == sent.body?["message_id"]?.text)
      }
      // Another key sends a text and leaves the draft.
      _ = try await http.ask("PUT", "/v1/tickets/\(id)/drafts/note", ann, #"{"text": "Later"}"#)
      #expect(try await http.ask("POST", "/v1/tickets/\(id)/notes", ann, #"{"text": "Later"}"#, key: "k").status == 201)
      #expect(try await http.ask("GET", "/v1/tickets/\(id)/drafts", ann).body?["drafts"]?.list?.count == 1)
    }
  }

  @Test func theWriterKeepsItWhenTheTicketGoesAndOthersSeeThatItExists() async throws {
    try await ServedDesk.with { http in
      let id = try await taken(http)
      let (ann, bob) = try await (http.desk.key(.agent, agent: "ann"), http.desk.key(.agent, agent: "bob"))
      let lead = try await http.desk.key(.lead, agent: "eve")
      let path = "/v1/tickets/\(id)/drafts"
      #expect(try await http.ask("PUT", path + "/note", ann, #"{"text": "ask the carrier"}"#).status == 200)
      // Bob neither has the ticket nor serves its queue.
      #expect(try await http.ask("GET", path, bob).status == 404)
      #expect(try await http.ask("PUT", path + "/note", bob, #"{"text": "x"}"#).status == 404)
      #expect(try await http.ask("DELETE", path + "/note", bob).status == 404)

      let moved = try await http.ask(
        "POST", "/v1/tickets/\(id)/transfer", lead, #"{"agent": "bob", "reason": "his customer"}"#)
      let offer = try #require(moved.body?["offer"]?["offer_id"]?.text)
      #expect(try await http.ask("POST", "/v1/offers/\(offer)/accept", bob).status == 200)
      for reader in [bob, lead] {
        let seen = try await http.ask("GET", path, reader)
        let draft = try #require(seen.body?["drafts"]?.list?.first)
        #expect(draft["agent"]?.text == "ann" && draft["kind"]?.text == "note" && draft["text"] == nil)
        #expect(draft["key"] == nil && !seen.text.contains("carrier"))
      }
      let own = try await http.ask("GET", path, ann)
      #expect(own.body?["drafts"]?.list?.first?["text"]?.text == "ask the carrier")
      // Bob's own draft is another one.
      #expect(try await http.ask("PUT", path + "/note", bob, #"{"text": "mine"}"#).status == 200)
      #expect(try await http.ask("GET", path, ann).text.contains("ask the carrier"))
      #expect(try await http.ask("POST", "/v1/tickets/\(id)/resolve", bob).status == 200)
      #expect(try await http.ask("DELETE", path + "/note", ann).status == 200)
    }
  }

  @Test func whatIsNoDraftIsRefused() async throws {
    try await ServedDesk.with { http in
      let id = try await taken(http)
      let ann = try await http.desk.key(.agent, agent: "ann")
      let path = "/v1/tickets/\(id)/drafts/"
      let refused = [
        "{}", #"{"text": ""}"#, #"{"text": "x", "replaces": "y"}"#, #"{"text": "x", "more": 1}"#,
        #"{"text": "\#(String(repeating: "x", count: 20_001))"}"#,
      ]
      for body in refused {
        #expect(try await http.ask("PUT", path + "reply", ann, body).status == 422, "\(body.prefix(60))")
      }
      #expect(try await http.ask("PUT", path + "note", ann, #"{"text": "x", "awaits_customer": true}"#).status == 422)
      #expect(try await http.ask("PUT", path + "letter", ann, #"{"text": "x"}"#).status == 404)
      for query in ["key=x", "more=1"] {
        #expect(try await http.ask("DELETE", path + "reply?\(query)", ann).status == 422, "\(query)")
      }
      let operators = try await http.desk.key(.operator)
      #expect(try await http.ask("GET", "/v1/tickets/\(id)/drafts", operators).status == 403)
    }
  }
}
