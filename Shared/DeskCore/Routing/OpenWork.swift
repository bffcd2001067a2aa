/// Open tickets that a policy treats alike: they share service level, priority, tier, queue, channel and skills, either all or none
/// of them wait for an agent, and they are held by the same agent if it is one that the policy does not know.
public struct OpenWork: Hashable, Sendable {
  /// How many.
  public let tickets: Int
  /// The ticket with the earliest due target.
  public let first: Ticket
  /// The ticket with the latest due target; the same one if there is only one.
  public let last: Ticket

  /// Describes a group.
  public init(tickets: Int, first: Ticket, last: Ticket) {
    self.tickets = tickets
    self.first = first
    self.last = last
  }
}
