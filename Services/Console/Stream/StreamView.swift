import DeskCore
import Store

/// What one agent's stream has sent, and so what is new to it.
struct StreamView: Sendable {
  private var offers: [OfferID: TicketID] = [:]
  /// Versions of the agent's tickets; nil before the first poll, whose tickets are not reported as changes.
  private var versions: [TicketID: Int32]?
  /// The newest notices at the last poll.
  private var notices: Set<Identifier<StaffNotice>> = []

  /// The consults at the last poll, with what had become of them.
  private var consults: [ConsultID: Consult.State] = [:]

  /// Updates the consults that concern the agent.
  /// - Returns: those that were not sent yet in their state, in the order given.
  mutating func update(consults current: [StoredConsult]) -> [StoredConsult] {
    let before = consults
    consults = Dictionary(current.map { ($0.consult.id, $0.consult.state) }, uniquingKeysWith: { _, last in last })
    return current.filter { before[$0.consult.id] != $0.consult.state }
  }

  /// Updates the newest notices to the agent.
  /// - Parameter newest: newest first, as many as are read in one poll.
  /// - Returns: those that are unread and were not sent yet, oldest first.
  mutating func update(notices newest: [StaffNotice]) -> [StaffNotice] {
    let before = notices
    notices = Set(newest.map(\.id))
    return newest.filter { $0.readAt == nil && !before.contains($0.id) }.reversed()
  }

  /// Updates the offers that are open to the agent.
  /// - Returns: tickets whose offers were not sent yet, and offers that have ended.
  mutating func update(offered tickets: [Ticket]) -> (new: [Ticket], ended: [(offer: OfferID, ticket: TicketID)]) {
    var open: [OfferID: TicketID] = [:]
    var new: [Ticket] = []
    for ticket in tickets {
      guard let offer = ticket.offer else { continue }
      open[offer.id] = ticket.id
      if offers[offer.id] == nil { new.append(ticket) }
    }
    let ended = offers.filter { open[$0.key] == nil }.sorted { $0.key < $1.key }
    offers = open
    return (new, ended.map { (offer: $0.key, ticket: $0.value) })
  }

  /// The tickets that changed since the last poll, that the agent has since then, or has no more; a customer's message is one such change.
  func changes(held current: [TicketID: Int32]) -> [TicketID] {
    guard let versions else { return [] }
    let changed = current.filter { versions[$0.key] != $0.value }.keys
    return (changed + versions.keys.filter { current[$0] == nil }).sorted()
  }

  /// Updates the tickets that the agent has.
  mutating func update(held current: [TicketID: Int32]) { versions = current }
}
