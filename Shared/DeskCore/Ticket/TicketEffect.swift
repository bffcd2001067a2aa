/// What must be carried out after a step of a ticket. The store writes all of it in the step's own transaction.
public enum TicketEffect: Hashable, Sendable {
  /// Write an entry into the timeline.
  case record(TimelineEntry)
  /// Put a notice into the outbox for every subscriber to its kind.
  case notify(NoticeKind, JSONValue)
  /// The agent's load changes by this weight; the store refuses an increase that exceeds the capacity.
  case changeLoad(AgentID, by: Int32)
  /// The agent let an offer expire and is away until the agent reports otherwise.
  case setAway(AgentID)
  /// The queue has a waiting ticket.
  case wakeQueue(QueueID)
  /// The ticket leaves the live table.
  case archive
  /// Add it to the dead letters.
  case deadLetter(reason: String)
  /// Store a person's correction of a label, for training the next model.
  case correct(Correction)
  /// Store a link to another ticket.
  case link(TicketLink)
  /// Store the customer's rating.
  case rate(Rating)
  /// These failed replies have brought the ticket back to a person; none does so twice.
  case returned([MessageID])
  /// Store a consult that was asked, or what has become of it.
  case consult(Consult)
  /// Open a follow-up on a dissatisfied customer.
  case followUp(FollowUp)
  /// Write a question to the customer, under this identifier.
  case ask(MessageID, questionnaire: String, text: String)
}
