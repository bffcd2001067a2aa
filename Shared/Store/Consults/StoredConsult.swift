public import DeskCore

/// A consult as the store has it.
public struct StoredConsult: Hashable, Sendable {
  /// The consult.
  public let consult: Consult
  /// The ticket that it is about.
  public let ticket: TicketID
  /// The text of the note that answers it; nil without one, empty when it was erased.
  public let answer: String?

  /// Describes a stored consult.
  public init(_ consult: Consult, on ticket: TicketID, answer: String? = nil) {
    self.consult = consult
    self.ticket = ticket
    self.answer = answer
  }
}

/// Whose consults are listed.
public enum ConsultDirection: Hashable, Sendable {
  /// Those that an agent asked.
  case by(AgentID)
  /// Those that were put to an agent, or to the interface people of these product lines by others.
  case to(AgentID, lines: [ProductLineID])
}
