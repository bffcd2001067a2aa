import Curl
import DeskCore
import Foundation
import Hummingbird
import Store
import Testing

@testable import Console

/// The whole path: sockets, middleware, access checks, the system, the database.
@Suite struct ConsoleRoutesTests {
  @Test func servesAnAgentFromOfferToReply() async throws {
    try await StaffedDesk.serving { desk, client, url in
      let (ticket, offer) = try await desk.offered(to: "ann")
      let ann = try await desk.key(.agent, agent: "ann")
      let bob = try await desk.key(.agent, agent: "bob")
      func ask(_ method: String, _ path: String, _ key: String?, _ body: String = "", _ more: HTTPHeaders = [:])
        async throws -> (status: Int, body: String)
      {
        var headers = more
        if let key { headers.add(name: "authorization", value: "Bearer \(key)") }
        if !body.isEmpty { headers.add(name: "content-type", value: "application/json") }
        let response = try await client.send(
          HTTPClient.Request(method: method, url: url + path, headers: headers, body: Array(body.utf8)))
        return (response.status, String(decoding: response.body, as: UTF8.self))
      }
      #expect(try await ask("GET", "/v1/agents/me", nil).status == 401)
      #expect(try await ask("GET", "/v1/agents/me", ann).body.contains(#""load":1"#))
      #expect(try await ask("GET", "/v1/queues", ann).status == 403)
      #expect(try await ask("PUT", "/v1/agents/me/presence", ann, #"{"presence":"lost"}"#).status == 422)
      #expect(try await ask("PUT", "/v1/agents/me/presence", bob, #"{"presence":"away"}"#).status == 200)
      #expect(try await ask("GET", "/v1/tickets/\(ticket.id)", bob).status == 404)
      #expect(try await ask("POST", "/v1/offers/\(offer)/accept", ann).body.contains(#""state":"assigned""#))
      let key: HTTPHeaders = ["idempotency-key": "k-1"]
      let reply = #"{"text":"hello","awaits_customer":true}"#
      let first = try await ask("POST", "/v1/tickets/\(ticket.id)/replies", ann, reply, key)
      let second = try await ask("POST", "/v1/tickets/\(ticket.id)/replies", ann, reply, key)
      #expect(first.status == 201)
      #expect(second.status == 200)
      #expect(first.body == second.body)
      let whole = try await ask("GET", "/v1/tickets/\(ticket.id)", ann).body
      #expect(whole.contains("my words") && whole.contains("hello"))
      let timeline = try await ask("GET", "/v1/tickets/\(ticket.id)/timeline", ann).body
      #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(timeline.utf8)) }
      #expect(try await ask("GET", "/v1/tickets/\(ticket.id)/explanation", bob).status == 404)
      let explanation = try #require(
        JSONValue(json: try await ask("GET", "/v1/tickets/\(ticket.id)/explanation", ann).body))
      #expect(explanation["decisions"]?.list?.count == 2 && explanation["replayed_bit_by_bit"] == nil)
      // These were created by the test, without the data that a router stores.
      #expect(explanation["decisions"]?.list?.first?["unexplained"]?.text == "the facts were not recorded")
      #expect(explanation["decisions"]?.list?.first?["gap"]?["code"]?.text == "unexplained.facts")
      #expect(try await ask("POST", "/v1/tickets/\(ticket.id)/resolve", ann).status == 200)
      let again = try await ask("POST", "/v1/tickets/\(ticket.id)/resolve", ann)
      #expect(again.status == 409)
      #expect(again.body.contains(#""value":"resolved""#))
    }
  }

  @Test func showsHowFarAReplyHasCome() async throws {
    try await StaffedDesk.serving { desk, client, url in
      let (ticket, offer) = try await desk.offered(to: "ann")
      let ann = try await desk.key(.agent, agent: "ann")
      func ask(_ method: String, _ path: String, _ body: String = "") async throws -> (status: Int, json: JSONValue) {
        var headers: HTTPHeaders = ["authorization": "Bearer \(ann)"]
        if !body.isEmpty { headers.add(name: "content-type", value: "application/json") }
        let response = try await client.send(
          HTTPClient.Request(method: method, url: url + path, headers: headers, body: Array(body.utf8)))
        return (response.status, try #require(JSONValue(json: String(decoding: response.body, as: UTF8.self))))
      }
      _ = try await ask("POST", "/v1/offers/\(offer)/accept")
      let path = "/v1/tickets/\(ticket.id)"
      let written = try await ask("POST", "\(path)/replies", #"{"text":"hello"}"#)
      #expect(written.status == 201)
      let reply = try #require(written.json["message_id"]?.text.flatMap { MessageID($0) })
      func delivery() async throws -> JSONValue? {
        try await ask("GET", path).json["messages"]?.list?.last?["delivery"]
      }
      #expect(try await delivery()?["state"]?.text == "queued")
      #expect(
        try await ask("GET", path).json["messages"]?.list?.first?["delivery"]?["state"] == nil, "of the customer")
      let failure = ReplyReceipt(reply: reply, state: .failed, reason: "the window is closed")
      _ = try await desk.store.replies.record([failure], of: "web")
      let failed = try #require(try await delivery())
      #expect(failed["state"]?.text == "failed" && failed["reason"]?.text == "the window is closed")
      #expect(failed["at"]?.text != nil)
    }
  }
}
