/// What can happen to a ticket.
public enum TicketEvent: Hashable, Sendable {
  /// Its first message, or the first after it was opened, was labelled and routed.
  case routed(RoutingDecision)
  /// A customer wrote again: the ticket's own, or one whose ticket was merged into it. The message is read in the light of the
  /// conversation: `pending` tickets are reactivated, settled ones are reopened or confirmed, and where the labels of the conversation
  /// change, the rules are run again.
  case customerWrote(MessageID, Labels, from: Correspondent? = nil, evidence: MessageEvidence = MessageEvidence())
  /// The agent who has it, or a lead, accepts or declines the move that the rules suggest; the reason is optional.
  case moveAnswered(accepts: Bool, by: ActingAgent, reason: String? = nil)
  /// It was offered to an agent.
  case offered(Offer)
  /// The agent accepted the offer; the reason is optional.
  case accepted(OfferID, by: AgentID, reason: String? = nil)
  /// The agent declined the offer; the reason is optional.
  case declined(OfferID, by: AgentID, reason: String? = nil)
  /// The offer expired.
  case offerTimedOut(OfferID)
  /// The offer was withdrawn before the agent answered: the agent left, or an operator moved the ticket.
  case offerWithdrawn(OfferID, reason: String)
  /// The agent replied to the customer in public. `awaitsCustomer` moves the ticket to `pending`.
  case replied(MessageID, by: AgentID, awaitsCustomer: Bool)
  /// The agent settled it; the reason is optional.
  case resolved(by: AgentID, reason: String? = nil)
  /// The agent who has it, or its offer, left.
  case agentLeft(AgentID)
  /// The reopen window has passed.
  case reopenWindowPassed
  /// One of its clocks reached a warning, a breach or an escalation step.
  case deadlineReached
  /// Its priority was changed.
  case priorityChanged(Priority, by: TimelineEntry.Actor, reason: String)
  /// A call-back was promised, moved, handed over or finished by a person; the reason is optional.
  case callBackChanged(CallBackChange, by: ActingAgent, reason: String? = nil)
  /// The call-back reached its warning or its due time.
  case callBackDue
  /// The policy no longer has its queue; it waits in another, with that queue's requirements.
  case queueRemoved(movedTo: QueueID, skills: [SkillRequirement])
  /// It cannot be handled; the reason goes to the dead letters.
  case rejected(reason: String)
  /// A person labelled it. The decision is the result of the rules for the corrected label.
  case labelled(RoutingDecision, Correction, reason: String)
  /// It was transferred to another agent or queue.
  case transferred(TransferDestination, by: ActingAgent, reason: String)
  /// An agent wrote an internal note.
  case noted(MessageID, by: AgentID)
  /// The agent who has it did not reply within the queue's time.
  case reclaimed(AgentID)
  /// Replies on it, or on tickets that were merged into it, did not reach their customer: a person must see to it.
  case repliesFailed([MessageID])
  /// A consult about it was asked, answered with the note of its phase, or withdrawn. Names the consult after its step.
  case consulted(Consult, by: ActingAgent)
  /// It was linked to a related ticket.
  case linked(TicketID, by: ActingAgent, reason: String)
  /// Another ticket about the same concern was merged into it. Names the customer to answer next, if one wrote last on the other ticket,
  /// whether a reply was still pending there, and the call-back that was promised there.
  case absorbed(
    TicketID, by: ActingAgent, reason: String, addressing: Correspondent? = nil, isReplyDue: Bool = false,
    callBack: CallBack? = nil)
  /// It was merged into another ticket, and ends.
  case merged(into: TicketID, by: ActingAgent, reason: String)
  /// An article answers it, so no person has to.
  case answered(RoutingDecision, ArticleID, MessageID)
  /// The customer gave feedback: whether it is solved, and a rating.
  case feedbackReceived(Feedback)
  /// The time of its progress notice has come: the message with its text, which is written only if it is sent, and the text's language.
  case progressDue(MessageID, language: String)
}
