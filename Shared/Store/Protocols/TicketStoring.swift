package import DeskCore

/// Live tickets: reading them, and everything that changes one. See `TicketStore` for what each method promises.
package protocol TicketStoring: Sendable {
  func tickets(_ ids: [TicketID]) async throws -> [TicketID: Ticket]
  func readableTickets(_ ids: [TicketID]) async throws -> [TicketID: Ticket]
  func commit(_ steps: [TicketStep], fencedBy fence: Fence?, patience: LockPatience) async throws -> Set<TicketID>
  func commit(together steps: [TicketStep], fencedBy fence: Fence?) async throws -> Bool
  func commitApart(_ steps: [TicketStep], fencedBy fence: Fence?) async throws -> Set<TicketID>
  func deadlines(after: Instant?, upTo: Instant, limit: Int) async throws -> [Deadline]
  func ticketsDue(_ ids: [TicketID], by moment: Instant) async throws -> [Ticket]
  func ticketsToClose(by moment: Instant, limit: Int) async throws -> [Ticket]
  func ticketsWithProgressDue(by moment: Instant, limit: Int) async throws -> [Ticket]
  func ticketsAwaitingReply(longerThan times: [QueueID: Duration], limit: Int) async throws -> [Ticket]
  func tickets(heldBy agent: AgentID) async throws -> [Ticket]
  func ticketsOffered(to agents: [AgentID]) async throws -> [Ticket]
  func ticket(offeredAs offer: OfferID, to agent: AgentID) async throws -> Ticket?
  func expiredOffers(limit: Int) async throws -> [ExpiredOffer]
}

extension TicketStore: TicketStoring {}

extension TicketStoring {
  package func commit(_ steps: [TicketStep], fencedBy fence: Fence? = nil) async throws -> Set<TicketID> {
    try await commit(steps, fencedBy: fence, patience: .asConfigured)
  }

  package func commit(together steps: [TicketStep]) async throws -> Bool {
    try await commit(together: steps, fencedBy: nil)
  }
}

/// What was written on a ticket and what happened to it. See `ConversationStore` for what each method promises.
package protocol ConversationStoring: Sendable {
  func message(_ id: MessageID) async throws -> StoredMessage?
  func messages(of ticket: TicketID, limit: Int) async throws -> [StoredMessage]
  func timeline(of ticket: TicketID) async throws -> [StoredEvent]
  func closedTicket(_ id: TicketID) async throws -> ClosedTicket?
}

extension ConversationStore: ConversationStoring {}
