/// Which tickets may be merged, and by whom.
public enum Merging {
  /// Why two tickets may not be merged.
  public enum Refusal: Error, Hashable, Sendable {
    /// They belong to different customers; only a lead may merge those, and must request it explicitly.
    case otherCustomer
    /// One ticket is held by another agent, or neither is held by this agent.
    case notHeld(TicketID, owner: AgentID?)
  }

  /// Checks the two tickets together; `Ticket.handle` checks what each ticket's own state allows.
  ///
  /// - Parameter acrossCustomers: whether the agent intends to merge tickets of different customers. A customer is one id on one
  ///   channel: it is not established that ids on two channels mean the same person.
  /// - Throws: `Refusal`.
  public static func check(
    _ source: Ticket, into target: Ticket, by hand: ActingAgent, acrossCustomers: Bool
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
