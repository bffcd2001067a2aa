package import DeskCore
package import Store

/// `TicketStore` on a simulated database. Nothing here is unreadable or locked, so no ticket is ever quarantined.
package struct SimulatedTickets: TicketStoring {
  let store: SimulatedStore

  package func tickets(_ ids: [TicketID]) async throws -> [TicketID: Ticket] {
    try await store.call(.readTickets) { $0.tickets(ids) }
  }

  package func readableTickets(_ ids: [TicketID]) async throws -> [TicketID: Ticket] { try await tickets(ids) }

  package func commit(
    _ steps: [TicketStep], fencedBy fence: Fence?, patience: LockPatience
  ) async throws -> Set<TicketID> {
    try await store.call(.commit) { $0.commit(steps, fencedBy: fence) }
  }

  package func commit(together steps: [TicketStep], fencedBy fence: Fence?) async throws -> Bool {
    try await store.call(.commit) { $0.commit(together: steps, fencedBy: fence) }
  }

  package func commitApart(_ steps: [TicketStep], fencedBy fence: Fence?) async throws -> Set<TicketID> {
    try await store.call(.commit) { $0.commit(steps, fencedBy: fence) }
  }

  package func deadlines(after: Instant?, upTo: Instant, limit: Int) async throws -> [Deadline] {
    try await store.call(.deadlines) { $0.deadlines(after: after, upTo: upTo, limit: limit) }
  }

  package func ticketsDue(_ ids: [TicketID], by moment: Instant) async throws -> [Ticket] {
    try await store.call(.ticketsDue) { $0.ticketsDue(ids, by: moment) }
  }

  package func ticketsToClose(by moment: Instant, limit: Int) async throws -> [Ticket] {
    try await store.call(.ticketsToClose) { $0.ticketsToClose(by: moment, limit: limit) }
  }

  package func ticketsWithProgressDue(by moment: Instant, limit: Int) async throws -> [Ticket] {
    try await store.call(.progressDue) { $0.ticketsWithProgressDue(by: moment, limit: limit) }
  }

  package func ticketsAwaitingReply(longerThan times: [QueueID: Duration], limit: Int) async throws -> [Ticket] {
    try await store.call(.awaitingReply) { $0.ticketsAwaitingReply(longerThan: times, limit: limit) }
  }

  package func tickets(heldBy agent: AgentID) async throws -> [Ticket] {
    try await store.call(.heldTickets) { $0.tickets(heldBy: agent) }
  }

  package func ticketsOffered(to agents: [AgentID]) async throws -> [Ticket] {
    try await store.call(.offers) { $0.ticketsOffered(to: agents) }
  }

  package func ticket(offeredAs offer: OfferID, to agent: AgentID) async throws -> Ticket? {
    try await store.call(.offers) { $0.ticket(offeredAs: offer, to: agent) }
  }

  package func expiredOffers(limit: Int) async throws -> [ExpiredOffer] {
    try await store.call(.expiredOffers) { $0.expiredOffers(limit: limit) }
  }
}

/// `ConversationStore` on a simulated database.
package struct SimulatedConversations: ConversationStoring {
  let store: SimulatedStore

  package func message(_ id: MessageID) async throws -> StoredMessage? {
    try await store.call(.readConversation) { $0.message(id) }
  }

  package func messages(of ticket: TicketID, limit: Int) async throws -> [StoredMessage] {
    try await store.call(.readConversation) { $0.messages(of: ticket, limit: limit) }
  }

  package func timeline(of ticket: TicketID) async throws -> [StoredEvent] {
    try await store.call(.readConversation) { $0.timeline(of: ticket) }
  }

  package func closedTicket(_ id: TicketID) async throws -> ClosedTicket? {
    try await store.call(.readConversation) { $0.closedTicket(id) }
  }
}
