import Curl
import DeskCore
import HTTPService
import HTTPTypes
import Store
import TestKit
import Testing

@testable import Console

/// The bodies that the console returns are those of `/openapi.json`.
@Suite struct ConsoleSchemaTests {
  /// An explanation has further members for each kind of decision.
  private static let partial: Set<String> = ["Analysis", "Decision", "Explanation"]

  @Test func everyBodyHasItsSchema() async throws {
    try await StaffedDesk.serving { desk, client, url in
      var check = try #require(OpenAPICheck(ConsoleOpenAPI.document.json, partial: Self.partial))
      let (ticket, offer) = try await desk.offered(to: "ann")
      let lead = try await desk.key(.lead, agent: "ann")
      func expect(_ method: String, _ path: String, _ id: String, _ body: String = "", status: Int = 200) async throws {
        var headers: HTTPHeaders = ["authorization": "Bearer \(lead)"]
        if !body.isEmpty { headers.add(name: "content-type", value: "application/json") }
        let target = path.replacing("{id}", with: id).replacing("{channel}", with: "web")
          .replacing("{customer}", with: "cara").replacing("{by}", with: "queue")
        let response = try await client.send(
          HTTPClient.Request(method: method, url: url + target, headers: headers, body: Array(body.utf8)))
        #expect(response.status == status, "\(method) \(path)")
        let text = String(decoding: response.body, as: UTF8.self)
        #expect(check.faults(inResponse: text, of: "\(method) \(path)", status: status) == [])
      }
      try await expect("POST", "/v1/offers/{id}/accept", "\(offer)")
      try await expect("POST", "/v1/tickets/{id}/replies", "\(ticket.id)", #"{"text":"hello"}"#, status: 201)
      _ = try await desk.desk.setCallBack(
        1, of: ticket.id,
        .init(dueAt: try await desk.store.now() + .seconds(3_600), owner: nil, outcome: nil, reason: nil),
        by: ActingAgent("ann", leads: true))
      // Their tests check what they return of a crisis, an interception and an inspection, and what is found.
      let others: Set<ConsoleEndpoint.Name> = [.readCrisis, .readInterceptedText, .readInspection, .search]
      for endpoint in ConsoleEndpoint.table
      where endpoint.method == .get && endpoint.answer != nil && !others.contains(endpoint.name) && !endpoint.isPublic {
        #expect(endpoint.roles.contains(.lead), "\(endpoint.name) is not read by this test")
        try await expect("GET", endpoint.path, "\(ticket.id)")
      }
      #expect(check.unseenProperties(of: "Ticket") == ["closed_at", "crm"])
      for schema in [
        "CallBack", "CallBacks", "ListedCallBack", "Written", "Message", "Delivery", "Messages", "Timeline",
        "TimelineEntry",
        "Agent", "Customer", "Hook",
        "Overview", "Policy", "Report",
      ] {
        #expect(check.unseenProperties(of: schema) == [], "\(schema)")
      }
    }
  }
}
