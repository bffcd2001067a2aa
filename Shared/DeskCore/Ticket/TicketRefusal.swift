/// Why a step was refused. A refusal changes nothing.
public enum TicketRefusal: Error, Hashable, Sendable {
  /// The ticket's state does not allow the event.
  case notInState(TicketState, needed: [TicketState])
  /// The given offer is not the open one.
  case offerIsOver
  /// The ticket belongs to another agent, or to none.
  case notYours(owner: AgentID?)
  /// The ticket is already in the requested condition.
  case changesNothing
}
