import DeskCore
import Store

/// The data source of streams.
protocol StreamSource: Sendable {
  /// Tickets that are currently offered to some agents.
  func ticketsOffered(to agents: [AgentID]) async throws -> [Ticket]
  /// Tickets that an agent has.
  func tickets(heldBy agent: AgentID) async throws -> [Ticket]
  /// The newest messages of a ticket's conversation that fit into an offer.
  func messagesForOffer(of ticket: TicketID) async throws -> [StoredMessage]
  /// The subset of some keys that is valid now.
  func validKeys(among ids: [Identifier<APIKey>]) async throws -> Set<Identifier<APIKey>>
  /// Records that the clients of some agents are connected.
  func touch(_ agents: [AgentID]) async throws
}

extension DeskStore: StreamSource {
  func messagesForOffer(of ticket: TicketID) async throws -> [StoredMessage] {
    try await messages(of: ticket, limit: ConsoleBounds.messagesPerOffer)
  }
}
