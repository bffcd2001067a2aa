import Curl
import DeskCore
import Foundation
import HTTPService
import PostgreSQL
import Store
import TestKit
import Testing

@testable import Console

/// Long tickets: agents reach everything, and no response grows with the ticket.
@Suite struct PagingTests {
  private func ask(_ client: HTTPClient, _ url: String, _ path: String, _ key: String) async throws -> (Int, String) {
    let response = try await client.send(
      HTTPClient.Request(method: "GET", url: url + path, headers: ["authorization": "Bearer \(key)"]))
    return (response.status, String(decoding: response.body, as: UTF8.self))
  }

  /// Adds messages and a timeline entry for each, after those that the ticket has.
  /// - Returns: how many there are in all.
  private func lengthen(_ ticket: TicketID, by count: Int, bytes: Int = 200, on desk: StaffedDesk) async throws {
    try await desk.store.pool.executeScript(
      """
      WITH n AS (SELECT generate_series(1, \(count)) AS n),
      added AS (
        INSERT INTO desk.message (id, ticket_id, direction, channel, author, body, received_at)
        SELECT desk.uuid_floor(now() + n * interval '1 millisecond'), '\(ticket)', 1, 'web', 'cara', repeat('w', \(bytes)), now() FROM n)
      INSERT INTO desk.ticket_event (ticket_id, version, position, kind, actor, at, detail)
      SELECT '\(ticket)', n + 100, 0, 'customer_wrote', 'customer', now(), '{"state": "queued"}' FROM n;
      ANALYZE desk.message, desk.ticket_event;
      """)
  }

  /// Pages from the newest to the beginning.
  private func walk(
    _ list: String, _ first: String, then path: String, _ ask: (String) async throws -> (Int, String)
  ) async throws -> (places: [String], longest: Int) {
    var places: [String] = []
    var longest = 0
    var next: String? = first
    while let address = next {
      let answer = try await ask(address)
      #expect(answer.0 == 200, "\(answer.1.prefix(200))")
      longest = max(longest, answer.1.utf8.count)
      let body = try #require(JSONValue(json: answer.1))
      let page = try (body[list]?.list ?? []).map { element in
        try #require(
          element["message_id"]?.text
            ?? element["version"]?.integer.map { "\($0).\(element["position"]?.integer ?? 0)" })
      }
      places = page + places
      next = (body["next"] ?? body["messages_next"])?.text.map { "\(path)?before=\($0)" }
    }
    return (places, longest)
  }

  @Test func everyEntryOfALongTicketIsReachable() async throws {
    try await StaffedDesk.serving { desk, client, url in
      let ticket = try await desk.queued()
      try await lengthen(ticket.id, by: 40_000, on: desk)
      let key = try await desk.key(.agent, agent: "ann")
      let path = "/v1/tickets/\(ticket.id)"
      let messages = try await walk("messages", path, then: path + "/messages") { address in
        try await ask(client, url, address, key)
      }
      #expect(messages.places.count == 40_001 && Set(messages.places).count == 40_001)
      #expect(messages.places == messages.places.sorted())
      #expect(messages.longest < StoreBounds.pageBytes)
      let entries = try await walk("entries", path + "/timeline", then: path + "/timeline") { address in
        try await ask(client, url, address, key)
      }
      #expect(entries.places.count == 40_001 && Set(entries.places).count == 40_001)
      #expect(entries.longest < StoreBounds.pageBytes)
    }
  }

  @Test func pagesAreStableWhileMessagesArrive() async throws {
    try await StaffedDesk.serving { desk, client, url in
      let ticket = try await desk.queued()
      try await lengthen(ticket.id, by: 10, on: desk)
      let key = try await desk.key(.lead, agent: "bob")
      let path = "/v1/tickets/\(ticket.id)/messages"
      let newest = try #require(JSONValue(json: try await ask(client, url, path + "?limit=4", key).1))
      #expect(newest["messages"]?.list?.count == 4)
      let before = try #require(newest["next"]?.text)
      let older = try await ask(client, url, "\(path)?limit=4&before=\(before)", key).1
      let reply: MessageID = try await desk.fresh()
      try await desk.store.pool.executeScript(
        """
        INSERT INTO desk.message (id, ticket_id, direction, channel, author, body, received_at)
        SELECT desk.uuid_floor(now() + interval '1 hour'), '\(ticket.id)'::uuid, 1, 'web', 'cara', 'later', now()
        UNION ALL SELECT '\(reply)'::uuid, '\(ticket.id)'::uuid, 2, 'web', 'ann', 'answered meanwhile', now()
        """)
      #expect(try await ask(client, url, "\(path)?limit=4&before=\(before)", key).1 == older)
      // The newest page has the new message, and an offer shows the newest as well.
      #expect(try await ask(client, url, path + "?limit=1", key).1.contains(#""text":"later""#))
      #expect(try await desk.store.conversations.messages(of: ticket.id, limit: 2).last?.body == "later")
    }
  }

  @Test func pagesAreLimitedByTextSize() async throws {
    try await StaffedDesk.with { desk in
      let ticket = try await desk.queued()
      try await lengthen(ticket.id, by: 30, bytes: 20_000, on: desk)
      let parts = try await desk.store.conversations.parts(of: ticket.id, limit: 0)
      let page = try await desk.store.conversations.messages(of: parts, before: nil, limit: 100, bytes: 50_000)
      #expect(page.elements.count == 3 && page.earlier == page.elements.first?.id)
      let one = try await desk.store.conversations.messages(of: parts, before: nil, limit: 100, bytes: 1)
      #expect(one.elements.count == 1 && one.earlier != nil)
      let last = try await desk.store.conversations.messages(
        of: parts, before: page.elements.first?.id, limit: 100)
      // One more than fits into the standard limit of 512 KiB.
      #expect(last.elements.count == 27 && last.earlier == last.elements.first?.id)
    }
  }

  @Test(arguments: ["before=x", "before=", "limit=0", "limit=101", "limit=ten", "from=1", "limit=1&limit=2"])
  func invalidPageRequestsAreRefused(query: String) async throws {
    try await StaffedDesk.serving { desk, client, url in
      let ticket = try await desk.queued()
      let key = try await desk.key(.lead, agent: "bob")
      let answer = try await ask(client, url, "/v1/tickets/\(ticket.id)/messages?\(query)", key)
      #expect(answer.0 == 422 && answer.1.contains(String(query.prefix { $0 != "=" })), "\(answer)")
      let place = try await ask(client, url, "/v1/tickets/\(ticket.id)/timeline?before=1", key)
      #expect(place.0 == 422)
    }
  }

  @Test func labelsApplyToTheNewestMessage() async throws {
    try await StaffedDesk.with { desk in
      let ticket = try await desk.queued()
      try await lengthen(ticket.id, by: 600, on: desk)
      let newest = try #require(await desk.store.conversations.messages(of: ticket.id, limit: 1).last)
      let label = AgentDesk.Label(category: "complaint", intent: nil, message: nil, reason: "r")
      _ = try await desk.desk.label(ticket.id, label, by: ActingAgent("ann", leads: false))
      let corrected = try await desk.store.pool.query(
        PostgresStatement<MessageID>("test_corrected", "SELECT message FROM desk.correction"))
      #expect(corrected == [newest.id])
      // A message of another ticket is not one of this ticket's.
      let other = try await desk.queued(from: "carl")
      let theirs = try #require(await desk.store.conversations.messages(of: other.id, limit: 1).first?.id)
      await #expect(throws: HTTPProblem.self) {
        _ = try await desk.desk.label(
          ticket.id, AgentDesk.Label(category: "praise", intent: nil, message: theirs, reason: "r"),
          by: ActingAgent("ann", leads: false))
      }
    }
  }

  @Test func replyKeysWorkOnLongTickets() async throws {
    try await StaffedDesk.with { desk in
      let (ticket, offer) = try await desk.offered(to: "ann")
      _ = try await desk.desk.accept(offer, by: "ann")
      let key = try RequestKey(IdempotencyKey("k"), scope: ["ann", ticket.id.description])
      let first = try await desk.desk.reply("hello", awaitsCustomer: false, on: ticket.id, by: "ann", key: key)
      try await lengthen(ticket.id, by: 1_200, on: desk)
      let again = try await desk.desk.reply("hello", awaitsCustomer: false, on: ticket.id, by: "ann", key: key)
      #expect(again.isRepetition && again.message == first.message)
      // Accepting the offer again finds it among many entries.
      #expect(try await desk.desk.accept(offer, by: "ann").id == ticket.id)
    }
  }

  @Test func viewersOfALongTicketUseBoundedMemory() async throws {
    try await StaffedDesk.serving { desk, client, url in
      let ticket = try await desk.queued()
      try await lengthen(ticket.id, by: 40_000, bytes: 1_000, on: desk)
      let key = try await desk.key(.lead, agent: "bob")
      let path = "/v1/tickets/\(ticket.id)"
      @Sendable func view() async throws {
        for address in [path, path + "/timeline", path + "/explanation"] {
          #expect(try await ask(client, url, address, key).0 == 200)
        }
      }
      try await view()
      let before = ProcessMemory.residentKilobytes()
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<8 { group.addTask { for _ in 0..<5 { try await view() } } }
        try await group.waitForAll()
      }
      // A timeline alone took 12 MiB per response, and a viewer held several of them.
      let grown = ProcessMemory.residentKilobytes() - before
      #expect(grown < 48 << 10, "\(grown) KiB")
    }
  }

  // MARK: Customers

  @Test func agentsSeeOnlyTheirTeamsCustomers() async throws {
    try await StaffedDesk.serving { desk, client, url in
      let ticket = try await desk.queued(from: "cara")
      let path = "/v1/customers/web/cara"
      let (ann, bob) = try await (desk.key(.agent, agent: "ann"), desk.key(.agent, agent: "bob"))
      let lead = try await desk.key(.lead, agent: "bob")
      #expect(try await ask(client, url, path, ann).0 == 200)
      // Bob's team serves none of her queues; an unknown customer gets the same response.
      let refused = try await ask(client, url, path, bob)
      let unknown = try await ask(client, url, "/v1/customers/web/unknown", bob)
      #expect(refused.0 == 404 && unknown.0 == 404)
      #expect(JSONValue(json: refused.1)?["detail"]?.text == JSONValue(json: unknown.1)?["detail"]?.text)
      #expect(try await ask(client, url, path, lead).0 == 200)
      for reader in [Role.operator, .auditor] {
        #expect(try await ask(client, url, path, desk.key(reader)).0 == 200)
      }
      // A closed ticket counts as well, and one that was offered to the agent.
      try await desk.store.pool.executeScript(
        """
        INSERT INTO desk.closed_ticket (id, state, channel, customer, queue, opened_at, closed_at, ticket)
        SELECT id, 'closed', channel, customer, queue, opened_at, now(), to_jsonb(t) FROM desk.ticket t;
        DELETE FROM desk.ticket; DELETE FROM desk.open_ticket;
        """)
      #expect(try await ask(client, url, path, ann).0 == 200)
      #expect(try await ask(client, url, path, bob).0 == 404)
      _ = try await desk.offered(to: "bob", from: "dora")
      #expect(try await ask(client, url, "/v1/customers/web/dora", bob).0 == 200)
      _ = ticket
    }
  }

  @Test func crossCustomerMergeAuditsOmitTheReason() async throws {
    try await StaffedDesk.serving { desk, client, url in
      let first = try await desk.queued(from: "cara")
      let second = try await desk.queued(from: "carl")
      let lead = try await desk.key(.lead, agent: "bob")
      func merge(_ body: String) async throws -> (Int, String) {
        let response = try await client.send(
          HTTPClient.Request(
            method: "POST", url: "\(url)/v1/tickets/\(first.id)/merge",
            headers: ["authorization": "Bearer \(lead)", "content-type": "application/json"], body: Array(body.utf8)))
        return (response.status, String(decoding: response.body, as: UTF8.self))
      }
      let unsaid = try await merge(#"{"into":"\#(second.id)","reason":"cara and carl are one"}"#)
      #expect(unsaid.0 == 422 && unsaid.1.contains("/across_customers"))
      let said = #"{"into":"\#(second.id)","across_customers":true,"reason":"cara and carl are one"}"#
      #expect(try await merge(said).0 == 200)
      let noted = try #require(
        await desk.store.audit.newestAuditEntries(ofKind: "ticket.merged_across", limit: 1).first)
      #expect(noted.subject == first.id.description && noted.detail.contains(second.id.description))
      #expect(!noted.detail.contains("cara") && noted.reason?.text == "cara and carl are one")
    }
  }
}
