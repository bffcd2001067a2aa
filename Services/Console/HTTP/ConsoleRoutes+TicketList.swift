import DeskCore
import HTTPService
import Hummingbird
import Observability
import PostgreSQL
import ServiceProcess
import Store

// The list of live tickets.

extension ConsoleRoutes {
  /// Everyone but agents lists all tickets; an agent those that they may open.
  func listTickets(_ call: Call) async throws -> Response {
    let query = try TicketListQuery(call)
    var filter = query.filter
    filter.sight = try sightOfLists(call)
    do {
      let page = try await store.tickets.list(
        filter, after: query.after, limit: query.limit, timeout: ConsoleBounds.listTimeout)
      // Looked up only where it explains something.
      let isEncrypted: Bool? = query.filter.text == nil ? nil : try await !store.wordKeys.keys().isEmpty
      return Self.json(ConsoleJSON.tickets(page, filters: query.digest, wordsAreEncrypted: isEncrypted))
    } catch let error as PostgresError where error.code == .timedOut {
      throw HTTPProblem(
        .unprocessableContent, type: .tooManyRows,
        detail: "Listing took longer than \(Int(ConsoleBounds.listTimeout.seconds)) s and was cancelled.",
        errors: [
          .init(
            field: query.filter.text == nil ? "limit" : "text", detail: "Too many tickets had to be examined.",
            remedy: "Name the customer or the agent, or leave the text out.")
        ])
    }
  }
}
