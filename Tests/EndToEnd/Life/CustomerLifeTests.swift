import Foundation
import TestKit
import Testing

/// Customers with several identities, and the company's CRM, on a running desk.
@Suite("Customers, end to end", .serialized)
struct CustomerLifeTests {
  private static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
  private static let digest = String(repeating: "5a", count: 32)

  private static func policy(crm port: Int? = nil) -> String {
    let lookUp =
      port.map {
        """
        customer_lookup:
          url: http://127.0.0.1:\($0)/customers/{channel}/{customer}?v=1
          secrets: [\(secret)]
          fields: [name, contract, since, late, orders]
          allow_private_address: true

        """
      } ?? ""
    return """
      version: 1
      teams:
        desk: { lead: agent-003 }
      agents:
        - { id: agent-001, teams: [desk], capacity: 9 }
        - { id: agent-002, teams: [desk], capacity: 9 }
        - { id: agent-003, teams: [desk], capacity: 9 }
      queues:
        general: { teams: [desk], offer_time: 60s, dedicated_wait: 1h }
        triage: { teams: [desk], offer_time: 60s }
      rules: []
      default_queue: general
      triage: { queue: triage, below: 0.0 }
      channels:
        web: { replies: fetch, proofs: [email] }
        email: { replies: fetch, proofs: [email, phone] }
      \(lookUp)
      """
  }

  @discardableResult
  private func write(
    _ life: LifeDesk, from customer: String, by channel: LifeDesk.Voice, id: String, proof: String? = nil,
    attributes: [String: String] = [:]
  ) async throws -> String {
    var body: [String: Any] = ["id": id, "customer": customer, "text": "Where is my parcel?", "attributes": attributes]
    if let proof { body["proofs"] = ["email": proof] }
    return try #require(try await life.ask(channel, "POST", "/v1/messages", body, expecting: 202)["ticket_id"])
  }

  private func tickets(_ life: LifeDesk, of customer: String, _ voice: LifeDesk.Voice) async throws -> [String] {
    let history = try await life.ask(voice, "GET", "/v1/customers/\(customer)/history", expecting: 200).body["tickets"]
    return (history as? [[String: Any]] ?? []).compactMap { $0["ticket_id"] as? String }
  }

  @Test("a proof joins two channels, standing and history follow, and a lead separates them", .timeLimit(.minutes(4)))
  func proof() async throws {
    try await LifeDesk.with(policy: Self.policy()) { life in
      let mail = try await write(life, from: "cara-mail", by: .email, id: "m-1", proof: Self.digest)
      try await life.ask(
        .operator, "PUT", "/v1/customers/email/cara-mail",
        ["tier": "vip", "dedicated_agent": "agent-002", "reason": "contract"], expecting: 200)
      let web = try await write(life, from: "cara-web", by: .web, id: "w-1", proof: Self.digest)
      let other = try await write(life, from: "dora", by: .web, id: "w-2", proof: String(repeating: "5b", count: 32))
      let joined = try await life.until(.eve, "/v1/customers/web/cara-web") { $0.body["person"] is [String: Any] }
      let person = try #require(joined.body["person"] as? [String: Any])
      #expect(person["tier"] as? String == "vip" && person["dedicated_agent"] as? String == "agent-002")
      #expect(joined["tier"] == "standard")
      let join = try #require((person["joins"] as? [[String: Any]])?.first)
      #expect(join["how"] as? String == "email")
      // A refused digest names its field and does not repeat it.
      let refused = try await life.ask(
        .web, "POST", "/v1/messages",
        ["id": "x", "customer": "cara-web", "text": "?", "proofs": ["email": "cara@example.com"]], expecting: 422)
      #expect(refused.text.contains("/proofs/email") && !refused.text.contains("cara@example.com"))
      // The dedicated agent of the person gets both tickets.
      try await life.come(.bob)
      try await life.take(web, by: .bob)
      try await life.take(mail, by: .bob)
      #expect(try await tickets(life, of: "web/cara-web", .bob) == [web, mail])
      #expect(try await tickets(life, of: "email/cara-mail", .bob) == [web, mail])
      #expect(try await tickets(life, of: "web/dora", .eve) == [other])
      let firstPage = try await life.ask(.bob, "GET", "/v1/customers/web/cara-web/history?limit=1", expecting: 200)
      #expect(firstPage["next"] == web)
      let separation: [String: Any] = ["join_id": try #require(join["join_id"] as? String), "reason": "her sister"]
      for _ in 0..<2 {
        let apart = try await life.ask(
          .eve, "POST", "/v1/customers/web/cara-web/separate", separation, expecting: 200)
        #expect(apart.body["person"] is NSNull)
      }
      #expect(try await tickets(life, of: "web/cara-web", .bob) == [web])
      // By a person again, who may see both.
      let again = try await life.ask(
        .bob, "POST", "/v1/customers/web/cara-web/join",
        ["channel": "email", "customer": "cara-mail", "reason": "it is her after all"], expecting: 200)
      #expect(again.body["person"] is [String: Any])
      try await life.ask(
        .bob, "POST", "/v1/customers/web/cara-web/join",
        ["channel": "email", "customer": "unknown", "reason": "guessed"], expecting: 404)
      // The whole person is erased at once.
      try await life.desk.expect([
        "erase", "--channel", "web", "--customer", "cara-web", "--person", "--reason", "asked for it",
      ])
      for (customer, ticket) in [("web/cara-web", web), ("email/cara-mail", mail)] {
        #expect(try await tickets(life, of: customer, .eve).isEmpty)
        let seen = try await life.ask(.eve, "GET", "/v1/tickets/\(ticket)", expecting: 200)
        #expect(!seen.text.contains("cara") && !seen.text.contains("parcel"))
      }
      #expect(try await tickets(life, of: "web/dora", .eve) == [other])
    }
  }

  @Test(
    "the CRM's answer is shown in the ticket, and whatever the CRM does, nothing waits for it", .timeLimit(.minutes(4)))
  func lookUps() async throws {
    try await ForeignCRM.with(secret: Self.secret) { port in
      try await LifeDesk.with(policy: Self.policy(crm: port)) { life in
        try await life.come(.ann)
        let known = try await write(
          life, from: "ann/张?", by: .web, id: "k-1", attributes: ["product_line": "shoes", "page": "/cart"])
        // Seen at once, without an answer; then with it.
        let fresh = try await crm(of: known, in: life, is: "fresh")
        let fields = try #require(fresh["fields"] as? [String: Any])
        #expect(fields["name"] as? String == "Ann   张" && fields["contract"] as? String == "gold")
        #expect(fields["since"] as? Int == 2019 && fields["late"] as? Bool == false)
        #expect(Set(fields.keys) == ["name", "contract", "since", "late"])
        let ticket = try await life.ask(.ann, "GET", "/v1/tickets/\(known)", expecting: 200)
        #expect(ticket.body["attributes"] as? [String: String] == ["product_line": "shoes", "page": "/cart"])
        #expect(!ticket.text.contains("4111111111111111"))
        // People without a part in the conversation see no CRM data.
        #expect(try await life.ask(.operator, "GET", "/v1/tickets/\(known)", expecting: 200).body["crm"] == nil)
        let unknown = try await write(life, from: "nobody", by: .web, id: "n-1")
        _ = try await crm(of: unknown, in: life, is: "unknown")
        for customer in ["broken", "html", "huge", "redirect", "slow"] {
          let id = try await write(life, from: customer, by: .web, id: customer)
          let failed = try await crm(of: id, in: life, is: "unavailable")
          #expect((failed["fields"] as? [String: Any])?.isEmpty == true)
        }
        // The circuit is open: no answer is waited for, and work goes on.
        try await eventually("the open circuit") { try await life.metrics().contains("frontdesk_crm_circuit_open 1") }
        let later = try await write(life, from: "broken later", by: .web, id: "l-1")
        _ = try await crm(of: later, in: life, is: "unavailable")
        try await life.take(later, by: .ann)
        let shown = try await life.ask(.operator, "GET", "/v1/policy", expecting: 200)
        #expect(shown.text.contains("customer_lookup") && !shown.text.contains("MfKQ9r8GKYqr"))
      }
    }
  }

  /// Looks at a ticket until the look-up is in a state.
  private func crm(of ticket: String, in life: LifeDesk, is state: String) async throws -> [String: Any] {
    let seen = try await life.until(.eve, "/v1/tickets/\(ticket)") {
      ($0.body["crm"] as? [String: Any])?["state"] as? String == state
    }
    return try #require(seen.body["crm"] as? [String: Any])
  }
}

extension LifeDesk {
  /// The metrics of all processes.
  func metrics() async throws -> String {
    let processes = try #require(try desk.description()["processes"] as? [[String: Any]])
    var text = ""
    for process in processes {
      guard let address = process["operations_url"] as? String, let port = URL(string: address)?.port else { continue }
      let request = Array("GET /metrics HTTP/1.1\r\nHost: desk\r\nConnection: close\r\n\r\n".utf8)
      text += try await ClientConnection.exchange(port: port, request).text
    }
    return text
  }
}

/// `foreign/crm.py`, for the time of a test.
private enum ForeignCRM {
  static func with(secret: String, _ body: (_ port: Int) async throws -> Void) async throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../foreign/crm.py").standardizedFileURL
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", script.path, "--secret", secret, "--port-file", folder.path("port")]
    try process.run()
    // A child inherits the starting thread's signal mask, in which SIGTERM can be blocked.
    defer { kill(process.processIdentifier, SIGKILL) }
    var port = 0
    try await eventually("the CRM's port") {
      port = (try? String(contentsOfFile: folder.path("port"), encoding: .ascii)).flatMap { Int($0) } ?? 0
      return port > 0
    }
    try await body(port)
  }
}
