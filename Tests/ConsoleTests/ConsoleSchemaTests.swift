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

  /// Something that the operator has asked for.
  private func intent(of desk: StaffedDesk) async throws -> IntentID {
    let caller = try #require(try await desk.store.access.keys().first { $0.role == .operator })
    let id: IntentID = try await desk.fresh()
    _ = try await desk.store.intents.request(
      IntentRequest(.verifyAudit, [], reason: "monthly"), id: id, by: caller, key: nil)
    return id
  }

  @Test func everyBodyHasItsSchema() async throws {
    try await StaffedDesk.serving { desk, client, url in
      var check = try #require(OpenAPICheck(ConsoleOpenAPI.document.json, partial: Self.partial))
      let (ticket, offer) = try await desk.offered(to: "ann")
      let (lead, overseer) = try await (desk.key(.lead, agent: "ann"), desk.key(.operator))
      let intent = try await intent(of: desk)
      let letter = try await desk.received(from: "dora")
      let words = try #require(
        try await desk.store.conversations.messages(of: letter, limit: 1).first?.id)
      #expect(try await desk.store.outbox.deadLetter(words, reason: "cannot be read"))
      let named: [ConsoleEndpoint.Name: String] = [
        .readIntent: "\(intent)", .readDeadLetter: "\(words)",
      ]
      func expect(
        _ method: String, _ path: String, _ id: String, _ body: String = "", key: String? = nil, status: Int = 200
      ) async throws {
        var headers: HTTPHeaders = ["authorization": "Bearer \(key ?? lead)"]
        if !body.isEmpty { headers.add(name: "content-type", value: "application/json") }
        let target = path.replacing("{id}", with: id).replacing("{channel}", with: "web")
          .replacing("{customer}", with: "cara").replacing("{by}", with: "queue")
          .replacing("{version}", with: "1")
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
      let others: Set<ConsoleEndpoint.Name> = [
        .readCrisis, .readInterceptedText, .readInspection, .search, .readPlan,
      ]
      for endpoint in ConsoleEndpoint.table
      where endpoint.method == .get && endpoint.answer != nil && !others.contains(endpoint.name) && !endpoint.isPublic {
        #expect(endpoint.roles.contains(.lead) || endpoint.roles.contains(.operator), "\(endpoint.name)")
        try await expect(
          "GET", endpoint.path, named[endpoint.name] ?? "\(ticket.id)",
          key: endpoint.roles.contains(.lead) ? lead : overseer)
      }
      #expect(check.unseenProperties(of: "Ticket") == ["closed_at", "crm"])
      for schema in [
        "CallBack", "CallBacks", "ListedCallBack", "Written", "Message", "Delivery", "Messages", "Timeline",
        "TimelineEntry",
        "Agent", "Customer", "Hook",
        "Overview", "Policy", "Report", "Intent", "Intents", "DeadLetter", "DeadLetters", "Key", "Keys",
        "PolicyVersion",
        "PolicyVersions", "AuditEntry", "AuditEntries",
      ] {
        #expect(check.unseenProperties(of: schema) == [], "\(schema)")
      }
    }
  }
}
