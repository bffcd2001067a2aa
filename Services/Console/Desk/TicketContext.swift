import DeskCore
import Foundation
import Store

/// What an agent sees round a ticket.
struct TicketSurroundings: Sendable {
  /// What was said last, in the tickets that became part of this one as well.
  let conversation: NewestPage<StoredMessage, MessageID>
  let ties: [TiedTicket]
  /// Articles that may help, best first.
  let articles: [(article: Article, coverage: Double)]
  let rating: StoredRating?

  /// Looks round a ticket.
  init(of ticket: TicketID, in store: DeskStore, under policy: Policy?) async throws {
    ties = try await store.ties(of: ticket)
    conversation = try await TicketSurroundings.messages(
      of: ticket, in: store, before: nil, limit: ConsoleBounds.messagesPerPage)
    rating = try await store.rating(of: ticket)
    let suggested = try await store.newestSuggestion(of: ticket).flatMap { Suggestions($0) }
    articles = (suggested?.articles ?? []).compactMap { named in
      policy?.life.answers.articles[ArticleID(named.article)].map { ($0, named.coverage) }
    }
  }

  /// A page of all that was said on a ticket and on those that became part of it.
  static func messages(
    of ticket: TicketID, in store: DeskStore, before: MessageID?, limit: Int
  ) async throws -> NewestPage<StoredMessage, MessageID> {
    let parts = try await store.ticketsTakenIn(by: ticket, limit: ConsoleBounds.absorbedTickets)
    return try await store.messages(of: [ticket] + parts, before: before, limit: limit)
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
