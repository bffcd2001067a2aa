import DeskCore

/// A live ticket that has been decided on.
struct TicketRow: Sendable {
  let ticket: Ticket
  /// When it closes, unless something happens.
  let closesAt: Instant?
  /// The customer's ticket before it.
  let previous: TicketID?
}

/// The live tickets that have been decided on, with the indexes of `desk.ticket`.
struct TicketTable: Sendable {
  private(set) var rows: [TicketID: TicketRow] = [:]
  private(set) var deadlines = SortedBuckets<TimedTicket>()
  private(set) var closing = SortedBuckets<TimedTicket>()
  private(set) var offers = SortedBuckets<TimedTicket>()
  private(set) var progress = SortedBuckets<TimedTicket>()
  private(set) var owingReply = SortedBuckets<TimedTicket>()
  private var held: [AgentID: SortedBuckets<TicketID>] = [:]
  private(set) var waiting: [QueueID: WaitingIndex] = [:]

  subscript(_ id: TicketID) -> TicketRow? {
    get { rows[id] }
    set {
      if let old = rows[id] { index(old, isAdded: false) }
      rows[id] = newValue
      if let newValue { index(newValue, isAdded: true) }
    }
  }

  /// The tickets that an agent has or is offered, in the order of their identifiers.
  func tickets(heldBy agent: AgentID) -> [Ticket] {
    held[agent]?.compactMap { rows[$0]?.ticket } ?? []
  }

  private mutating func index(_ row: TicketRow, isAdded: Bool) {
    let ticket = row.ticket
    Self.change(&deadlines, ticket.clocks.nextCheckAt, ticket.id, isAdded)
    Self.change(&closing, row.closesAt, ticket.id, isAdded)
    Self.change(&offers, ticket.offer?.expiresAt, ticket.id, isAdded)
    Self.change(&progress, ticket.progress.pending?.due, ticket.id, isAdded)
    Self.change(&owingReply, ticket.replyDueSince, ticket.id, isAdded)
    if let holder = ticket.capacityHolder {
      if isAdded { held[holder, default: SortedBuckets()].insert(ticket.id) } else { held[holder]?.remove(ticket.id) }
    }
    if ticket.state.waitsForAgent, let queue = ticket.queue {
      waiting[queue, default: WaitingIndex()].change(ticket, isAdded: isAdded)
    }
  }

  private static func change(
    _ index: inout SortedBuckets<TimedTicket>, _ at: Instant?, _ ticket: TicketID, _ isAdded: Bool
  ) {
    guard let at else { return }
    let entry = TimedTicket(at: at, ticket: ticket)
    if isAdded { index.insert(entry) } else { index.remove(entry) }
  }
}

/// The waiting tickets of one queue by rank and by when they are due, or wait since: the index `ticket_waiting`.
struct WaitingIndex: Sendable {
  private(set) var kinds: [Int16: SortedBuckets<TimedTicket>] = [:]
  private(set) var count = 0

  static func place(of ticket: Ticket) -> TimedTicket {
    TimedTicket(at: ticket.clocks.nearestDueAt ?? ticket.waitingSince ?? ticket.openedAt, ticket: ticket.id)
  }

  mutating func change(_ ticket: Ticket, isAdded: Bool) {
    let place = Self.place(of: ticket)
    if isAdded {
      kinds[ticket.rank, default: SortedBuckets()].insert(place)
      count += 1
    } else {
      kinds[ticket.rank]?.remove(place)
      count -= 1
    }
  }
}
