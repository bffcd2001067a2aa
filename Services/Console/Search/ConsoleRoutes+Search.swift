import DeskCore
import HTTPService
import Hummingbird
import Observability
import PostgreSQL
import ServiceProcess
import Store

// Search in tickets, live and ended, and customers.

extension ConsoleRoutes {
  /// Everyone but agents finds all tickets; an agent those that they may open.
  func search(_ call: Call) async throws -> Response {
    let request = try SearchRequest(call)
    var filter = request.filter
    let sight = try sightOfLists(call)
    filter.sight = sight
    return try await searches.take {
      do {
        let now = clock.now()
        let page = try await reading.search.find(
          request.query, filter, after: request.after, limit: request.limit, now: now,
          timeout: ConsoleBounds.searchTimeout)
        let customers =
          request.after == nil ? try await customers(named: request.query, seenBy: sight, now: now) : []
        let isEncrypted = try await !reading.wordKeys.keys().isEmpty
        return Self.json(ConsoleJSON.found(page, customers, request, wordsAreEncrypted: isEncrypted))
      } catch let error as PostgresError where error.code == .timedOut {
        throw HTTPProblem(
          .unprocessableContent, type: .tooManyRows,
          detail: "Searching took longer than \(Int(ConsoleBounds.searchTimeout.seconds)) s and was cancelled.",
          errors: [
            .init(
              field: "q", detail: "Too many messages contain this.",
              remedy: "Add a word, or write more of the one that you search for.")
          ])
      }
    }
  }

  /// Searching them may take too long where searching tickets does not: an answer without them is still of use.
  private func customers(
    named query: SearchQuery, seenBy sight: TicketFilter.Sight?, now: Instant
  ) async throws -> [FoundCustomer] {
    do {
      return try await reading.search.customers(
        named: query, seenBy: sight, limit: ConsoleBounds.foundCustomers, now: now,
        timeout: ConsoleBounds.searchTimeout)
    } catch let error as PostgresError where error.code == .timedOut {
      return []
    }
  }
}

extension ConsoleJSON {
  static func found(
    _ page: SearchPage, _ customers: [FoundCustomer], _ request: SearchRequest, wordsAreEncrypted: Bool
  ) -> JSONValue {
    .object([
      .init("tickets", .list(page.tickets.map { found($0, for: request.query) })),
      .init("customers", .list(customers.map(found))),
      .init("next", place(page.next.map { SearchCursor($0, filters: request.digest) })),
      .init("words_encrypted", .flag(wordsAreEncrypted)),
    ])
  }

  private static func found(_ ticket: FoundTicket, for query: SearchQuery) -> JSONValue {
    let excerpt = SearchExcerpt(of: ticket.text, for: query)
    let kinds = [1: "customer", 2: "reply", 3: "note"]
    return .object([
      .init("ticket_id", .text(ticket.ticket.description)), .init("state", .text(ticket.state.rawValue)),
      .init("channel", .text(ticket.channel.rawValue)), .init("customer", .text(ticket.customer)),
      .init("queue", ticket.queue.map { .text($0.rawValue) } ?? .null),
      .init("agent", ticket.agent.map { .text($0.rawValue) } ?? .null),
      .init("priority", ticket.priority.map { .text($0.name) } ?? .null), .init("opened_at", time(ticket.openedAt)),
      .init(
        "message",
        .object([
          .init("message_id", .text(ticket.message.description)),
          .init("kind", .text(kinds[Int(ticket.direction)] ?? "note")), .init("author", .text(ticket.author)),
          .init("at", time(ticket.at)), .init("subject", ticket.subject.map { .text($0) } ?? .null),
          .init("excerpt", .text(excerpt.text)),
          .init(
            "matches",
            .list(
              excerpt.matches.map {
                .object([.init("at", .integer(Int64($0.lowerBound))), .init("length", .integer(Int64($0.count)))])
              })),
          .init("cut_before", .flag(excerpt.isCutBefore)), .init("cut_behind", .flag(excerpt.isCutBehind)),
        ])),
    ])
  }

  private static func found(_ customer: FoundCustomer) -> JSONValue {
    .object([
      .init("channel", .text(customer.channel.rawValue)), .init("customer", .text(customer.customer)),
      .init("tier", .text(customer.tier.rawValue)), .init("ticket_id", .text(customer.ticket.description)),
      .init("at", time(customer.at)),
    ])
  }
}
