import DeskCore
import HTTPService
import PostgreSQL
import ServiceProcess
import Store
import Testing

@testable import Console

/// Correcting a ticket's label.
@Suite struct RelabellingTests {
  /// The desk's policy, with a queue and a service level of one product line.
  private static let document =
    StaffedDesk.document
    .replacing(
      "  praise: { teams: [orders] }\n", with: "  praise: { teams: [orders] }\n  phones: { teams: [orders] }\n"
    )
    .replacing("rules:\n", with: "rules:\n  - { name: phones, when: { product_line: phones }, queue: phones }\n")
      + """
      service_levels:
        - { name: phones, when: { product_line: phones }, first_response: { urgent: 5m, high: 10m, normal: 15m, low: 1d } }
        - { name: usual, first_response: { urgent: 1h, high: 1h, normal: 8h, low: 1d } }

      """

  private let lead = ActingAgent("bob", leads: true)

  private func label(_ category: String, intent: String? = nil) -> AgentDesk.Label {
    AgentDesk.Label(category: category, intent: intent, message: nil, reason: "r")
  }

  private func follow(_ document: String, _ desk: StaffedDesk) async throws {
    _ = try await desk.store.access.applyPolicy(document: document, by: "test")
    try await desk.policy.look()
    try #require(desk.policy.current?.queues["phones"] != nil, "the policy above has a mistake")
  }

  @Test func theProductLineIsKept() async throws {
    try await StaffedDesk.with { desk in
      try await follow(Self.document, desk)
      let plain = try await desk.queued(from: "carl")
      let phones = try await desk.queued(from: "cara")
      try await desk.store.pool.executeScript(
        "UPDATE desk.message SET attributes = '{\"product_line\": \"phones\"}' WHERE ticket_id = '\(phones.id)'")
      let other = try await desk.desk.label(plain.id, label("praise"), by: lead)
      #expect(other.queue == "praise" && other.clocks.serviceLevel == "usual")
      let labelled = try await desk.desk.label(phones.id, label("praise"), by: lead)
      #expect(labelled.queue == "phones" && labelled.clocks.serviceLevel == "phones")
      #expect(labelled.labels?.category == "praise" && labelled.labels?.language == phones.labels?.language)
      let entry = try #require(
        await desk.store.conversations.timeline(of: phones.id).last { $0.kind == TimelineEntry.Kind.labelled.rawValue })
      #expect(JSONValue(json: entry.detail)?["decision"]?["product_line"]?.text == "phones")
    }
  }

  @Test func aLaterMessageWithoutAProductLineKeepsTheEarlierOne() async throws {
    try await StaffedDesk.with { desk in
      let ticket = try await desk.queued()
      let first = try #require(await desk.store.conversations.newestMessageOfCustomer(on: ticket.id)).id
      let later: MessageID = try await desk.fresh()
      try await desk.store.pool.executeScript(
        """
        INSERT INTO desk.message (id, ticket_id, direction, channel, author, body, received_at, attributes)
        SELECT '\(later)', ticket_id, 1, channel, author, 'more', received_at, '{"order": 1}' FROM desk.message WHERE id = '\(first)';
        UPDATE desk.message SET attributes = '{"product_line": "phones"}' WHERE id = '\(first)';
        """)
      #expect(try await desk.store.conversations.productLine(on: ticket.id, upTo: later) == "phones")
      #expect(try await desk.store.conversations.productLine(on: desk.fresh(), upTo: later) == nil)
      try await desk.store.pool.executeScript(
        "UPDATE desk.message SET attributes = '{\"product_line\": \"tablets\"}' WHERE id = '\(later)'")
      #expect(try await desk.store.conversations.productLine(on: ticket.id, upTo: later) == "tablets")
      #expect(try await desk.store.conversations.productLine(on: ticket.id, upTo: first) == "phones")
    }
  }

  @Test func theModelsGuessesAreShownAndMayBeChosen() async throws {
    try await StaffedDesk.with { desk in
      let ticket = try await desk.queued()
      let before = try await TicketContext(of: ticket.id, in: desk.store, under: nil)
      #expect(before.guesses.isEmpty)
      try await desk.store.pool.executeScript(
        """
        UPDATE desk.ticket_event SET detail = detail || '{"guesses": ["refund/double:0.482", "warranty:0.31", "c:0.1"]}'
         WHERE ticket_id = '\(ticket.id)' AND kind = 'queued'
        """)
      let context = try await TicketContext(of: ticket.id, in: desk.store, under: nil)
      #expect(context.guesses.map(\.share) == [0.482, 0.31, 0.1])
      let whole = ConsoleJSON.whole(ConsoleJSON.ticket(ticket), context, language: "en").json
      #expect(whole.contains(#""guesses":[{"category":"refund","intent":"double","share":0.482},"#))
      #expect(whole.contains(#"{"category":"warranty","intent":"warranty","share":0.31}"#))
      // Neither the policy nor an arrival names them.
      let labelled = try await desk.desk.label(ticket.id, label("refund", intent: "double"), by: lead)
      #expect(labelled.labels?.category == "refund" && labelled.labels?.intent == "double")
      do {
        _ = try await desk.desk.label(ticket.id, label("anything"), by: lead)
        Issue.record("a label that no one knows was accepted")
      } catch let problem as HTTPProblem {
        #expect(problem.errors.first?.field == "/category" && problem.errors.first?.value == "anything")
        #expect(problem.errors.first?.remedy?.contains("praise, refund, warranty") == true)
      }
    }
  }
}
