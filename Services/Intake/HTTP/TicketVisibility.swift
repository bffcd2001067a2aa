import DeskCore
import Store

/// What a channel may see of a ticket: one that its customer opened, or that its customer's ticket became part of. Of the other customers
/// on it nothing is shown.
struct TicketSight: Sendable {
  let store: DeskStore

  /// Under which name a channel sees a ticket.
  struct View: Sendable, Hashable {
    let channel: ChannelID
    /// The channel's customer; nil where several of the channel's customers share the ticket.
    let customer: String?
  }

  /// How a channel sees a ticket; nil when it has nothing to do with it.
  func view(of ticket: TicketID, openedBy owner: Correspondent, on channel: ChannelID) async throws -> View? {
    if owner.channel == channel { return View(channel: channel, customer: owner.customer) }
    let guests = try await store.guests(of: ticket, on: channel)
    guard let first = guests.first else { return nil }
    return View(channel: channel, customer: guests.count == 1 ? first.customer : nil)
  }
}
