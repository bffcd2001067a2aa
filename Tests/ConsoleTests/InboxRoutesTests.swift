import DeskCore
import Store
import Testing

@testable import Console

/// The inbox over HTTP: last lines, unread messages, and the promise that is due next.
@Suite struct InboxRoutesTests {
  @Test func itShowsTheLastLineWhatIsUnreadAndWhatIsDueNext() async throws {
    try await ServedDesk.with { http in
      let ann = try await http.desk.key(.agent, agent: "ann")
      let (offered, offer) = try await http.desk.offered(to: "ann")
      _ = try await http.desk.desk.accept(offer, by: "ann")
      let id = offered.id
      func row() async throws -> JSONValue {
        try #require(
          try await http.ask("GET", "/v1/agents/me/tickets", ann).body?["tickets"]?.list?.first {
            $0["ticket_id"]?.text == "\(id)"
          })
      }
      let before = try await row()
      #expect(before["unread"] == .integer(1) && before["promise"] == nil)
      let last = try #require(before["last_message"])
      #expect(last["kind"]?.text == "customer" && last["excerpt"]?.text == "my words" && last["author"]?.text == "cara")
      let message = try #require(last["message_id"]?.text)

      let path = "/v1/tickets/\(id)/read"
      for _ in 0..<2 {
        let read = try await http.ask("PUT", path, ann, #"{"message_id": "\#(message)"}"#)
        #expect(read.status == 200 && read.body?["unread"] == .integer(0), "\(read.text)")
      }
      #expect(try await row()["unread"] == .integer(0))
      let due = try await http.desk.store.now() + .seconds(3_600)
      _ = try await http.desk.desk.setCallBack(
        1, of: id, .init(dueAt: due, owner: nil, outcome: nil, reason: nil), by: ActingAgent("ann", leads: false))
      _ = try await http.ask("POST", "/v1/tickets/\(id)/notes", ann, #"{"text": "my note"}"#)
      let after = try await row()
      #expect(after["unread"] == .integer(0) && after["last_message"]?["excerpt"]?.text == "my note")
      #expect(after["promise"]?["kind"]?.text == "call_back" && after["promise"]?["paused"] == .flag(false))
    }
  }

  @Test func onlyMessagesOfTheTicketAreMarkedByThoseWhoSeeIt() async throws {
    try await ServedDesk.with { http in
      let (ann, bob) = try await (http.desk.key(.agent, agent: "ann"), http.desk.key(.agent, agent: "bob"))
      let (ticket, other) = (try await http.desk.queued(), try await http.desk.queued(from: "dora"))
      let foreign = try #require(
        try await http.desk.store.conversations.newestMessageOfCustomer(on: other.id))
      let own = try #require(try await http.desk.store.conversations.newestMessageOfCustomer(on: ticket.id))
      let path = "/v1/tickets/\(ticket.id)/read"
      #expect(try await http.ask("PUT", path, ann, #"{"message_id": "\#(foreign.id)"}"#).status == 404)
      #expect(try await http.ask("PUT", path, bob, #"{"message_id": "\#(own.id)"}"#).status == 404)
      for body in ["{}", #"{"message_id": "x"}"#, #"{"message_id": "\#(own.id)", "more": 1}"#] {
        #expect(try await http.ask("PUT", path, ann, body).status == 422, "\(body)")
      }
      #expect(try await http.ask("PUT", path, ann, #"{"message_id": "\#(own.id)"}"#).status == 200)
    }
  }
}
