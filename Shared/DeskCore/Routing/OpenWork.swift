/// Open tickets that a policy treats alike: they have service level, priority, queue, channel and skills in common, all of them wait for an
/// agent or none does, and they are in the hands of the same agent, if it is one whom the policy does not know.
public struct OpenWork: Hashable, Sendable {
  /// How many.
  public let tickets: Int
  /// The one of which a promise is due first.
  public let first: Ticket
  /// The one of which a promise is due last; the same where there is only one.
  public let last: Ticket

  /// Describes a group.
  public init(tickets: Int, first: Ticket, last: Ticket) {
    self.tickets = tickets
    self.first = first
    self.last = last
  }
}
