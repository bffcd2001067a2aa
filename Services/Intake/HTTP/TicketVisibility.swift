import DeskCore
import Store

/// What a channel may see of a ticket: one that its customer opened, or into which its customer's ticket was merged. Nothing is shown of
/// the other customers on it.
struct TicketVisibility: Sendable {
  let store: DeskStore

  /// The identity under which a channel sees a ticket.
  struct View: Sendable, Hashable {
    let channel: ChannelID
    /// The channel's customer; nil if several of the channel's customers share the ticket.
    let customer: String?
  }

  /// Returns how a channel sees a ticket; nil when the channel may not see it.
  func view(of ticket: TicketID, openedBy owner: Correspondent, on channel: ChannelID) async throws -> View? {
    if owner.channel == channel { return View(channel: channel, customer: owner.customer) }
    let guests = try await store.conversations.guests(of: ticket, on: channel)
    guard let first = guests.first else { return nil }
    return View(channel: channel, customer: guests.count == 1 ? first.customer : nil)
  }
}
