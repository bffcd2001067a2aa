/// What can happen to a ticket.
public enum TicketEvent: Hashable, Sendable {
  /// Its first message, or the first after it was opened, was labelled and the rules chose.
  case routed(RoutingDecision)
  /// A customer wrote again: the ticket's own, or one whose ticket became part of it. An agent, an offer or a place in the queue is kept;
  /// `pending` and settled tickets come back.
  case customerWrote(MessageID, Labels, from: Correspondent? = nil)
  /// An agent was chosen for it.
  case offered(Offer)
  /// The agent took the offer. Why, where the agent says it.
  case accepted(OfferID, by: AgentID, reason: String? = nil)
  /// The agent turned the offer down. Why, where the agent says it.
  case declined(OfferID, by: AgentID, reason: String? = nil)
  /// The offer's time ran out.
  case offerTimedOut(OfferID)
  /// The offer was taken back before the agent answered: the agent left, or an operator moved the ticket.
  case offerWithdrawn(OfferID, reason: String)
  /// The agent answered the customer in public. `awaitsCustomer` moves the ticket to `pending`.
  case replied(MessageID, by: AgentID, awaitsCustomer: Bool)
  /// The agent settled it. Why, where the agent says it.
  case resolved(by: AgentID, reason: String? = nil)
  /// The agent who has it, or who is asked for it, went away.
  case agentLeft(AgentID)
  /// The reopen window has passed.
  case reopenWindowPassed
  /// A moment at which one of its clocks warns or breaks, or at which it climbs the escalation ladder, came.
  case deadlineReached
  /// Somebody gave it another priority.
  case priorityChanged(Priority, by: TimelineEntry.Actor, reason: String)
  /// The policy knows its queue no more; it waits in another, asking what that one asks.
  case queueRemoved(movedTo: QueueID, skills: [SkillRequirement])
  /// It cannot be handled; the reason goes to the dead letters.
  case rejected(reason: String)
  /// A person said what it is about. The decision is what the rules make of the corrected label.
  case labelled(RoutingDecision, Correction, reason: String)
  /// Somebody handed it to another agent or queue.
  case transferred(TransferDestination, by: Hand, reason: String)
  /// Somebody wrote an internal note.
  case noted(MessageID, by: AgentID)
  /// The agent who has it did not reply within the queue's time.
  case reclaimed(AgentID)
  /// Somebody said that it belongs with another ticket.
  case linked(TicketID, by: Hand, reason: String)
  /// Another ticket about the same concern became part of it. The customer to answer next, where that is one who wrote on the other
  /// ticket last, and whether the other ticket still owed a reply.
  case absorbed(TicketID, by: Hand, reason: String, addressing: Correspondent? = nil, isOwed: Bool = false)
  /// It became part of another ticket, and ends.
  case merged(into: TicketID, by: Hand, reason: String)
  /// An article answers it, and no person need.
  case answered(RoutingDecision, ArticleID, MessageID)
  /// The customer said whether it is solved, and how good it was.
  case judged(Judgement)
}

/// What the world must do after a ticket took a step. The store writes all of it in the step's own transaction.
public enum TicketEffect: Hashable, Sendable {
  /// Write an entry into the timeline.
  case record(TimelineEntry)
  /// Put a notice into the outbox for everyone who subscribed to its kind.
  case notify(NoticeKind, Detail)
  /// The agent's load changes by this weight; a rise is refused by the store when the capacity does not allow it.
  case changeLoad(AgentID, by: Int32)
  /// The agent let an offer time out and counts as away until the agent says otherwise.
  case setAway(AgentID)
  /// The queue has a ticket that waits.
  case wakeQueue(QueueID)
  /// The ticket leaves the live table.
  case archive
  /// Keep it among the dead letters.
  case bury(reason: String)
  /// Keep what a person said of a label, for the next model.
  case correct(Correction)
  /// Keep that the ticket has to do with another one.
  case tie(TicketTie)
  /// Keep what the customer thinks of it.
  case rate(Rating)
  /// Somebody must look at why the customer is not content.
  case followUp(FollowUp)
}

/// Why a step was refused. A refusal changes nothing.
public enum TicketRefusal: Error, Hashable, Sendable {
  /// The ticket's state does not allow the event.
  case notInState(TicketState, needed: [TicketState])
  /// The offer meant is not the one that is open.
  case offerIsOver
  /// The ticket belongs to another agent, or to none.
  case notYours(owner: AgentID?)
  /// It is so already.
  case changesNothing
}

/// One entry of a ticket's timeline.
public struct TimelineEntry: Hashable, Sendable {
  /// What happened.
  public let kind: Kind
  /// Who did it.
  public let actor: Actor
  /// The particulars, without any of the customer's words.
  public let detail: Detail

  /// Describes an entry.
  public init(_ kind: Kind, by actor: Actor, _ detail: Detail = .object([])) {
    self.kind = kind
    self.actor = actor
    self.detail = detail
  }

  /// The kinds of entries; the raw value is what the store keeps.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    case queued, triaged, offered, accepted, declined, offerTimedOut = "offer_timed_out"
    case offerWithdrawn = "offer_withdrawn"
    case customerWrote = "customer_wrote"
    case replied, pending, resolved, reopened, closed, rejected
    case requeued, escalated
    case priorityChanged = "priority_changed"
    case queueMoved = "queue_moved"
    case slaWarned = "sla_warned"
    case slaBreached = "sla_breached"
    case labelled, transferred, noted, reclaimed, linked, absorbed, merged, answered, judged
    case followUpOpened = "follow_up_opened"
  }

  /// Who acts on a ticket.
  public enum Actor: Hashable, Sendable {
    case customer
    case agent(AgentID)
    case service(String)
    /// A key that speaks for no agent, by its identifier.
    case `operator`(String)

    /// The form the store keeps: `customer`, `agent:NAME`, `service:NAME`, `operator:KEY`.
    public var text: String {
      switch self {
      case .customer: "customer"
      case .agent(let id): "agent:\(id.rawValue)"
      case .service(let name): "service:\(name)"
      case .operator(let key): "operator:\(key)"
      }
    }
  }
}
