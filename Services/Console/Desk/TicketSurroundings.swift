import DeskCore
import Foundation
import Store

/// What an agent sees round a ticket.
struct TicketSurroundings: Sendable {
  /// All that was said, in the tickets that became part of this one as well, oldest first.
  let messages: [StoredMessage]
  let ties: [TiedTicket]
  /// Articles that may help, best first.
  let articles: [(article: Article, coverage: Double)]
  let rating: StoredRating?

  /// Looks round a ticket.
  init(of ticket: TicketID, in store: DeskStore, under policy: Policy?) async throws {
    ties = try await store.ties(of: ticket)
    var said = try await store.messages(of: ticket, limit: ConsoleBounds.messagesPerTicket)
    for part in try await store.ticketsTakenIn(by: ticket, limit: ConsoleBounds.absorbedTickets) {
      said += try await store.messages(of: part, limit: ConsoleBounds.messagesPerTicket)
    }
    messages = said.sorted { $0.id < $1.id }
    rating = try await store.rating(of: ticket)
    let suggested = try await store.timeline(of: ticket).last { Suggestions($0) != nil }.flatMap { Suggestions($0) }
    articles = (suggested?.articles ?? []).compactMap { named in
      policy?.life.answers.articles[ArticleID(named.article)].map { ($0, named.coverage) }
    }
  }

  /// The articles that an entry of the timeline names.
  private struct Suggestions: Decodable {
    struct Named: Decodable {
      let article: String
      let coverage: Double
    }

    let articles: [Named]

    init?(_ entry: StoredEvent) {
      guard let read = try? JSONDecoder().decode(Suggestions.self, from: Data(entry.detail.utf8)) else { return nil }
      self = read
    }
  }
}
