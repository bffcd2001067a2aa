package import DeskCore
package import Store

extension SimulatedDatabase {
  /// A live ticket, also while it waits for its first decision.
  package func ticket(_ id: TicketID) -> Ticket? {
    if let row = live[id] { return row.ticket }
    return openings.live(id).map { row in
      Ticket(id: row.ticket, channel: row.channel, customer: row.customer, tier: row.tier, openedAt: row.openedAt)
    }
  }

  /// As `TicketStore.tickets`.
  package func tickets(_ ids: [TicketID]) -> [TicketID: Ticket] {
    var found: [TicketID: Ticket] = [:]
    for id in ids { found[id] = ticket(id) }
    return found
  }

  /// All live tickets, in the order of their identifiers.
  package var liveTickets: [Ticket] { openings.all.compactMap { ticket($0.ticket) } }

  /// As `TicketStore.deadlines`.
  package func deadlines(after: Instant?, upTo: Instant, limit: Int) -> [Deadline] {
    live.deadlines.first(limit, from: after.map(TimedTicket.end), while: { $0.at <= upTo }).map {
      Deadline(at: $0.at, ticket: $0.ticket)
    }
  }

  /// As `TicketStore.ticketsDue`, in the order of their identifiers.
  package func ticketsDue(_ ids: [TicketID], by moment: Instant) -> [Ticket] {
    Set(ids).sorted().compactMap { live[$0]?.ticket }.filter { ticket in
      ticket.clocks.nextCheckAt.map { $0 <= moment } ?? false
    }
  }

  /// As `TicketStore.ticketsToClose`.
  package func ticketsToClose(by moment: Instant, limit: Int) -> [Ticket] {
    tickets(of: live.closing, by: moment, limit)
  }

  /// As `TicketStore.ticketsWithProgressDue`.
  package func ticketsWithProgressDue(by moment: Instant, limit: Int) -> [Ticket] {
    tickets(of: live.progress, by: moment, limit)
  }

  /// As `TicketStore.ticketsAwaitingReply`.
  package func ticketsAwaitingReply(longerThan times: [QueueID: Duration], limit: Int) -> [Ticket] {
    tickets(of: live.owingReply, by: now - (times.values.min() ?? .zero), limit) { ticket in
      guard let time = ticket.queue.flatMap({ times[$0] }), let since = ticket.replyDueSince else { return false }
      return since <= now - time
    }
  }

  private func tickets(
    of index: SortedBuckets<TimedTicket>, by moment: Instant, _ limit: Int,
    where isWanted: (Ticket) -> Bool = { _ in true }
  ) -> [Ticket] {
    index.first(
      limit, from: nil, while: { $0.at <= moment },
      where: { timed in live[timed.ticket].map { isWanted($0.ticket) } ?? false }
    ).compactMap { live[$0.ticket]?.ticket }
  }

  /// As `TicketStore.tickets(heldBy:)`.
  package func tickets(heldBy agent: AgentID) -> [Ticket] { live.tickets(heldBy: agent) }

  /// As `TicketStore.ticketsOffered(to:)`.
  package func ticketsOffered(to agents: [AgentID]) -> [Ticket] {
    Set(agents).sorted().flatMap { tickets(heldBy: $0) }.filter { $0.offer != nil }.sorted { $0.id < $1.id }
  }

  /// As `TicketStore.ticket(offeredAs:to:)`.
  package func ticket(offeredAs offer: OfferID, to agent: AgentID) -> Ticket? {
    tickets(heldBy: agent).first { $0.offer?.id == offer }
  }

  /// As `TicketStore.expiredOffers`.
  package func expiredOffers(limit: Int) -> [ExpiredOffer] {
    tickets(of: live.offers, by: now, limit).compactMap { ticket in
      ticket.offer.map { ExpiredOffer(ticket: ticket.id, offer: $0.id) }
    }
  }
}

// MARK: - Conversations

extension SimulatedDatabase {
  /// As `ConversationStore.message`.
  package func message(_ id: MessageID) -> StoredMessage? {
    messages[id].map { message in
      StoredMessage(
        id: id, ticket: message.ticket, direction: message.direction, channel: message.channel, author: message.author,
        addressee: message.addressee, subject: message.subject, body: message.body, attachments: message.attachments,
        attributes: message.attributes, receivedAt: message.at, isUndecided: inbox[id] != nil,
        delivery: replyTable[id]?.delivery)
    }
  }

  /// As `ConversationStore.messages(of:limit:)`.
  package func messages(of ticket: TicketID, limit: Int) -> [StoredMessage] {
    (messagesOfTicket[ticket] ?? []).sorted().suffix(limit).compactMap { message($0) }
  }

  /// As `ConversationStore.timeline`.
  package func timeline(of ticket: TicketID) -> [StoredEvent] {
    (timelines[ticket] ?? []).suffix(StoreBounds.eventsPerPage).map { event in
      StoredEvent(
        version: event.place.version, position: event.place.position, kind: event.entry.kind.rawValue,
        actor: event.entry.actor.text, at: event.at, detail: event.entry.detail.json, traceparent: event.traceparent)
    }
  }

  /// As `ConversationStore.closedTicket`.
  package func closedTicket(_ id: TicketID) -> ClosedTicket? {
    closed[id].map { ended in
      let ticket = ended.ticket
      return ClosedTicket(
        id: id, state: ticket.state.rawValue, channel: ticket.channel, customer: ticket.customer, queue: ticket.queue,
        openedAt: ticket.openedAt, closedAt: ended.at, category: ticket.labels?.category,
        modelVersion: ticket.labels?.modelVersion)
    }
  }
}
