import DeskCore
import Store

/// What an agent sees alongside a ticket.
struct TicketContext: Sendable {
  /// The newest messages, including those of the tickets merged into this one.
  let conversation: NewestPage<StoredMessage, MessageID>
  let links: [LinkedTicket]
  /// Articles that may help, best first.
  let articles: [(article: Article, coverage: Double)]
  /// The model's best labels of the first message, best first, for the person who corrects the label.
  let guesses: [LabelGuess]
  let rating: StoredRating?

  /// Reads a ticket's context.
  init(of ticket: TicketID, in store: DeskStore, under policy: Policy?) async throws {
    links = try await store.conversations.links(of: ticket)
    conversation = try await TicketContext.messages(
      of: ticket, in: store, before: nil, limit: ConsoleBounds.messagesPerPage)
    rating = try await store.conversations.rating(of: ticket)
    let routed = try await store.conversations.newestSuggestion(of: ticket)?.content?.routed
    guesses = routed?.guesses ?? []
    articles = (routed?.suggestions ?? []).compactMap { named in
      policy?.life.answers.articles[named.article].map { ($0, named.coverage) }
    }
  }

  /// A page of all messages on a ticket and on those merged into it.
  static func messages(
    of ticket: TicketID, in store: DeskStore, before: MessageID?, limit: Int
  ) async throws -> NewestPage<StoredMessage, MessageID> {
    let parts = try await store.conversations.parts(of: ticket, limit: ConsoleBounds.absorbedTickets)
    return try await store.conversations.messages(of: parts, before: before, limit: limit)
  }
}
