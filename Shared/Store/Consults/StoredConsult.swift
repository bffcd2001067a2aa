public import DeskCore

/// A consult as the store has it.
public struct StoredConsult: Hashable, Sendable {
  /// The consult.
  public private(set) var consult: Consult
  /// The ticket that it is about.
  public let ticket: TicketID
  /// The text of the note that answers it; nil without one, empty when it was erased.
  public private(set) var answer: String?

  /// Describes a stored consult.
  public init(_ consult: Consult, on ticket: TicketID, answer: String? = nil) {
    self.consult = consult
    self.ticket = ticket
    self.answer = answer
  }
}

extension StoredConsult: WordedRow {
  mutating func open(by words: WordCodec) throws {
    try words.open(&consult.question, .question(consult.id))
    if case .answered(_, let note, _) = consult.phase { try words.open(&answer, .body(note)) }
  }
}

/// Whose consults are listed.
public enum ConsultDirection: Hashable, Sendable {
  /// Those that an agent asked.
  case by(AgentID)
  /// Those that were put to an agent, or to the interface people of these product lines by others.
  case to(AgentID, lines: [ProductLineID])
}
