import Curl
import DeskCore
import Foundation
import Store
import TestKit
import Testing
import UseCases

@testable import Console

/// Who may see a customer's contact, and what is recorded about it.
@Suite struct ContactRoutesTests {
  private func ask(_ client: HTTPClient, _ url: String, _ path: String, _ key: String) async throws -> (Int, String) {
    let response = try await client.send(
      HTTPClient.Request(method: "GET", url: url + path, headers: ["authorization": "Bearer \(key)"]))
    return (response.status, String(decoding: response.body, as: UTF8.self))
  }

  @Test func contactsAreShownToTheAssigneeAndAudited() async throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let path = folder.path("keys")
    let line = ContactKeys.freshLine(name: "one")
    try Data(line.utf8).write(to: URL(filePath: path))
    let file = try ContactKeyFile(path: path)
    try await StaffedDesk.serving(contactKeys: file) { desk, client, url in
      let ticket = try await desk.queued()
      let lead = try await desk.key(.lead, agent: "bob")
      let auditor = try await desk.key(.auditor)
      let address = "/v1/tickets/\(ticket.id)/contact"
      let none = try await ask(client, url, address, lead)
      #expect(none.0 == 200 && none.1.contains(#""contact":null"#))
      #expect(try await desk.store.audit.newestAuditEntries(ofKind: "contact.read", limit: 1).isEmpty)
      let contact = #"{"name":"王芳","phone":"+86 10 6552 9988"}"#
      try await desk.store.privacy.keep([
        CustomerContact(
          channel: ticket.channel, customer: ticket.customer,
          sealed: try file.current.seal(contact, of: ticket.customer, on: ticket.channel),
          givenAt: try await desk.store.now())
      ])
      let seen = try await ask(client, url, address, lead)
      #expect(seen.0 == 200 && seen.1.contains(#""contact":\#(contact)"#))
      #expect(try await ask(client, url, address, auditor).0 == 403)
      let noted = try #require(await desk.store.audit.newestAuditEntries(ofKind: "contact.read", limit: 1).first)
      #expect(
        noted.subject == ticket.id.description && noted.detail.contains("bob") && !noted.detail.contains("6552 9988"))
    }
  }

  @Test func withoutKeysContactsAreHiddenWithARemedy() async throws {
    try await StaffedDesk.serving { desk, client, url in
      let ticket = try await desk.queued()
      let lead = try await desk.key(.lead, agent: "bob")
      try await desk.store.privacy.keep([
        CustomerContact(
          channel: ticket.channel, customer: ticket.customer, sealed: SealedContact(key: "one", bytes: [1, 2]),
          givenAt: try await desk.store.now())
      ])
      let answer = try await ask(client, url, "/v1/tickets/\(ticket.id)/contact", lead)
      #expect(answer.0 == 503 && answer.1.contains("--contact-keys"))
    }
  }
}
