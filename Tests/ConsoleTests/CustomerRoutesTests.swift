import Curl
import DeskCore
import Foundation
import Store
import TestStore
import Testing

@testable import Console

/// Who may join, separate and read the history of customers.
@Suite struct CustomerRoutesTests {
  private func ask(
    _ client: HTTPClient, _ url: String, _ method: String, _ path: String, _ key: String, _ body: String = ""
  ) async throws -> (status: Int, body: [String: Any], text: String) {
    var headers: HTTPHeaders = ["authorization": "Bearer \(key)"]
    if !body.isEmpty { headers.add(name: "content-type", value: "application/json") }
    let response = try await client.send(
      HTTPClient.Request(method: method, url: url + path, headers: headers, body: Array(body.utf8)))
    let read = try? JSONSerialization.jsonObject(with: Data(response.body)) as? [String: Any]
    return (response.status, read ?? [:], String(decoding: response.body, as: UTF8.self))
  }

  private static let dora = #"{"channel":"web","customer":"dora","reason":"same voice"}"#

  @Test func agentsJoinOnlyCustomersWhomTheyMaySee() async throws {
    try await StaffedDesk.serving { desk, client, url in
      _ = try await desk.queued(from: "cara")
      _ = try await desk.queued(from: "dora")
      let ann = try await desk.key(.agent, agent: "ann")
      let bob = try await desk.key(.agent, agent: "bob")
      let lead = try await desk.key(.lead, agent: "bob")
      let path = "/v1/customers/web/cara"
      // Bob's team serves another queue.
      #expect(try await ask(client, url, "POST", path + "/join", bob, Self.dora).status == 404)
      #expect(try await ask(client, url, "GET", path + "/history", bob).status == 404)
      let stranger = #"{"channel":"web","customer":"stranger","reason":"guessed"}"#
      #expect(try await ask(client, url, "POST", path + "/join", ann, stranger).status == 404)
      let itself = #"{"channel":"web","customer":"cara","reason":"same"}"#
      #expect(try await ask(client, url, "POST", path + "/join", ann, itself).status == 422)
      #expect(try await ask(client, url, "POST", path + "/join", ann, #"{"reason":"x"}"#).status == 422)
      #expect(
        try await ask(client, url, "POST", path + "/join", ann, Self.dora.replacing("web", with: "fax")).status == 422)
      let joined = try await ask(client, url, "POST", path + "/join", ann, Self.dora)
      let person = try #require(joined.body["person"] as? [String: Any])
      #expect(joined.status == 200 && (person["identities"] as? [Any])?.count == 2)
      // A double click changes nothing.
      #expect(try await ask(client, url, "POST", path + "/join", ann, Self.dora).status == 200)
      #expect(try await desk.store.audit.newestAuditEntries(ofKind: "customer.joined", limit: 9).count == 2)
      let history = try await ask(client, url, "GET", path + "/history?limit=1", ann)
      #expect((history.body["tickets"] as? [Any])?.count == 1 && history.body["next"] is String)
      #expect(!history.text.contains("my words"))
      #expect(try await ask(client, url, "GET", path + "/history?limit=0", ann).status == 422)
      let id = try #require(((person["joins"] as? [[String: Any]])?.first)?["join_id"] as? String)
      let separation = #"{"join_id":"\#(id)","reason":"another voice"}"#
      #expect(try await ask(client, url, "POST", path + "/separate", bob, separation).status == 404)
      for _ in 0..<2 {
        let apart = try await ask(client, url, "POST", path + "/separate", lead, separation)
        #expect(apart.status == 200 && apart.body["person"] is NSNull)
      }
      #expect(try await desk.store.audit.newestAuditEntries(ofKind: "customer.separated", limit: 9).count == 2)
      let unknown = #"{"join_id":"00000000-0000-4000-8000-000000000000","reason":"x"}"#
      #expect(try await ask(client, url, "POST", path + "/separate", lead, unknown).status == 404)
    }
  }

  @Test func withoutALookUpInThePolicyTicketsHaveNoCRM() async throws {
    try await StaffedDesk.serving { desk, client, url in
      let ticket = try await desk.queued()
      let ann = try await desk.key(.agent, agent: "ann")
      let shown = try await ask(client, url, "GET", "/v1/tickets/\(ticket.id)", ann)
      #expect(shown.status == 200 && shown.body["crm"] == nil)
      #expect((shown.body["attributes"] as? [String: Any])?.isEmpty == true)
    }
  }
}
