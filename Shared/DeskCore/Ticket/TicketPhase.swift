/// Where a ticket is in its lifecycle, together with what exists only there: an offer while it is offered, an agent while one has it, and
/// so on. `Ticket.nextPhase(after:now:)` decides which phase follows.
public enum TicketPhase: Hashable, Sendable {
  /// Accepted, not yet decided.
  case received
  /// Waits for an agent. Its age counts from `since`, also across declined and expired offers.
  case waiting(since: Instant)
  /// Offered to one agent for a limited time. It keeps its age until the offer is accepted.
  case offered(Offer, waitingSince: Instant)
  /// An agent has it, and has owed the customer a reply since the given time; nil while no reply is due.
  case assigned(AgentID, replyDueSince: Instant?)
  /// The agent waits for the customer; nil when that agent has left meanwhile.
  case pending(AgentID?)
  /// An article was sent at the given time, and the customer has not said whether it helped.
  case answered(at: Instant)
  /// Settled at the given time, and when the customer confirmed it.
  case resolved(at: Instant, confirmedAt: Instant?)
  /// Settled for good, also by a merge into another ticket.
  case closed(settledAt: Instant, confirmedAt: Instant?)
  /// Could not be handled.
  case rejected
}

extension Ticket {
  /// The name of the current phase. A ticket that waits is in `triage` while a person must still label it.
  public var state: TicketState {
    switch phase {
    case .received: .received
    case .waiting: needsTriage ? .triage : .queued
    case .offered: .offered
    case .assigned: .assigned
    case .pending: .pending
    case .answered: .answered
    case .resolved: .resolved
    case .closed: .closed
    case .rejected: .rejected
    }
  }

  /// Since when it waits for an agent; kept across declined and expired offers, so that its age counts.
  public var waitingSince: Instant? {
    switch phase {
    case .waiting(let since), .offered(_, let since): since
    default: nil
    }
  }

  /// The open offer.
  public var offer: Offer? {
    if case .offered(let offer, _) = phase { offer } else { nil }
  }

  /// The agent who has it.
  public var agent: AgentID? {
    switch phase {
    case .assigned(let agent, _): agent
    case .pending(let agent): agent
    default: nil
    }
  }

  /// The agent whose capacity the ticket takes now: the one it is offered to or who has it.
  public var capacityHolder: AgentID? {
    offer?.agent ?? agent
  }

  /// Since when the agent who has it owes the customer a reply; nil while none is pending.
  public var replyDueSince: Instant? {
    if case .assigned(_, let since) = phase { since } else { nil }
  }

  /// When an article answered it; nil unless it is `answered`.
  public var answeredAt: Instant? {
    if case .answered(let time) = phase { time } else { nil }
  }

  /// When it was settled; nil unless it is `resolved` or `closed`.
  public var resolvedAt: Instant? {
    switch phase {
    case .resolved(let time, _), .closed(let time, _): time
    default: nil
    }
  }

  /// When the customer confirmed that it is solved; nil unless it is `resolved` or `closed`.
  public var confirmedAt: Instant? {
    switch phase {
    case .resolved(_, let time), .closed(_, let time): time
    default: nil
    }
  }
}
