/// Which tickets may become one, and by whose hand.
public enum Merging {
  /// Why two tickets may not become one.
  public enum Refusal: Error, Hashable, Sendable {
    /// They are of different customers; only a lead brings them together, and says so.
    case otherCustomer
    /// A ticket is in somebody else's hands, or neither is in the agent's.
    case notHeld(TicketID, owner: AgentID?)
  }

  /// Checks the two tickets together; what each one's own state allows is for `Ticket.handle`.
  ///
  /// - Parameter acrossCustomers: whether the hand means to bring different customers together. One customer is one channel and one id of it:
  ///   that two channels mean the same person no one has proved.
  /// - Throws: `Refusal`.
  public static func check(
    _ source: Ticket, into target: Ticket, by hand: Hand, acrossCustomers: Bool
  ) throws(Refusal) {
    guard source.owner == target.owner || (hand.leads && acrossCustomers) else { throw .otherCustomer }
    guard !hand.leads else { return }
    for ticket in [source, target] {
      if let owner = ticket.capacityHolder, owner != hand.agent { throw .notHeld(ticket.id, owner: owner) }
    }
    guard source.capacityHolder == hand.agent || target.capacityHolder == hand.agent else {
      throw .notHeld(source.id, owner: nil)
    }
  }
}
