import Curl
import DeskCore
import Store
import Testing

@testable import Console

/// Changing the priority of a live ticket, over HTTP.
@Suite struct PriorityRoutesTests {
  private func ask(
    _ client: HTTPClient, _ url: String, _ key: String, _ body: String
  ) async throws -> (status: Int, body: String) {
    let headers: HTTPHeaders = ["authorization": "Bearer \(key)", "content-type": "application/json"]
    let response = try await client.send(
      HTTPClient.Request(method: "POST", url: url, headers: headers, body: Array(body.utf8)))
    return (response.status, String(decoding: response.body, as: UTF8.self))
  }

  @Test func priorityChangesNeedAReasonAndAreRecorded() async throws {
    try await StaffedDesk.serving { desk, client, url in
      let ticket = try await desk.queued()
      let path = "\(url)/v1/tickets/\(ticket.id)/priority"
      let lead = try await desk.key(.lead, agent: "bob")
      let operatorKey = try await desk.key(.operator)
      let urgent = #"{"priority":"urgent","reason":"the customer waits at the gate"}"#
      #expect(try await ask(client, path, desk.key(.agent, agent: "ann"), urgent).status == 403)
      for wrong in [#"{"priority":"urgent"}"#, #"{"priority":"asap","reason":"x"}"#, #"{"priority":1,"reason":"x"}"#] {
        #expect(try await ask(client, path, lead, wrong).status == 422)
      }
      let nowhere = "\(url)/v1/tickets/00000000-0000-7000-8000-000000000001/priority"
      #expect(try await ask(client, nowhere, lead, urgent).status == 404)
      for _ in 0..<2 {
        let changed = try await ask(client, path, lead, urgent)
        #expect(changed.status == 200 && changed.body.contains(#""priority":"urgent""#))
      }
      let low = #"{"priority":"low","reason":"it is solved by itself"}"#
      #expect(try await ask(client, path, operatorKey, low).body.contains(#""priority":"low""#))
      let entries = try await desk.store.conversations.timeline(of: ticket.id).filter { $0.kind == "priority_changed" }
      #expect(entries.count == 2)
      #expect(entries.first?.actor == "agent:bob")
      #expect(entries.first?.detail.contains("the customer waits at the gate") == true)
      #expect(entries.last?.actor.hasPrefix("operator:") == true)
      let moved = try #require(await desk.store.tickets.tickets([ticket.id])[ticket.id])
      #expect(moved.priority == .low && moved.version == ticket.version + 2)
    }
  }
}
