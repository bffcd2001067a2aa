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
  /// The newest unread and read notices of some readers, newest first.
  func newestNotices(for readers: [NoticeReader]) async throws -> [NoticeReader: [StaffNotice]]
  /// The subset of some keys that is valid now.
  func validKeys(among ids: [Identifier<APIKey>]) async throws -> Set<Identifier<APIKey>>
  /// Records that the clients of some agents are connected.
  func touch(_ agents: [AgentID]) async throws
}

/// The desk's stores as the source.
struct DeskStreamSource: StreamSource {
  let store: DeskStore

  func ticketsOffered(to agents: [AgentID]) async throws -> [Ticket] {
    try await store.tickets.ticketsOffered(to: agents)
  }

  func tickets(heldBy agent: AgentID) async throws -> [Ticket] {
    try await store.tickets.tickets(heldBy: agent)
  }

  func messagesForOffer(of ticket: TicketID) async throws -> [StoredMessage] {
    try await store.conversations.messages(of: ticket, limit: ConsoleBounds.messagesPerOffer)
  }

  func newestNotices(for readers: [NoticeReader]) async throws -> [NoticeReader: [StaffNotice]] {
    try await store.notices.newestNotices(for: readers, limit: ConsoleBounds.noticesPerLook)
  }

  func validKeys(among ids: [Identifier<APIKey>]) async throws -> Set<Identifier<APIKey>> {
    try await store.access.validKeys(among: ids)
  }

  func touch(_ agents: [AgentID]) async throws {
    try await store.matching.touch(agents)
  }
}
