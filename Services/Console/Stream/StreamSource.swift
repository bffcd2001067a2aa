import DeskCore
import Store

/// What streams are fed from.
protocol StreamSource: Sendable {
  /// Tickets that are put before some agents at the moment.
  func ticketsOffered(to agents: [AgentID]) async throws -> [Ticket]
  /// Tickets that an agent has.
  func tickets(heldBy agent: AgentID) async throws -> [Ticket]
  /// The newest messages of a ticket's conversation that fit into an offer.
  func messagesForOffer(of ticket: TicketID) async throws -> [StoredMessage]
  /// Those of some keys that are valid now.
  func validKeys(among ids: [Identifier<APIKey>]) async throws -> Set<Identifier<APIKey>>
  /// Notes that the clients of some agents are there.
  func touch(_ agents: [AgentID]) async throws
}

extension DeskStore: StreamSource {
  func messagesForOffer(of ticket: TicketID) async throws -> [StoredMessage] {
    try await messages(of: ticket, limit: ConsoleBounds.messagesPerOffer)
  }
}
