/// What can happen to a ticket.
public enum TicketEvent: Hashable, Sendable {
  /// Its first message, or the first after it was opened, was labelled and routed.
  case routed(RoutingDecision)
  /// A customer wrote again: the ticket's own, or one whose ticket was merged into it. The agent, the offer or the place in the queue is
  /// kept; `pending` and settled tickets are reactivated.
  case customerWrote(MessageID, Labels, from: Correspondent? = nil)
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
  /// It was linked to a related ticket.
  case linked(TicketID, by: ActingAgent, reason: String)
  /// Another ticket about the same concern was merged into it. Names the customer to answer next, if one wrote last on the other ticket,
  /// and whether a reply was still pending there.
  case absorbed(TicketID, by: ActingAgent, reason: String, addressing: Correspondent? = nil, isReplyDue: Bool = false)
  /// It was merged into another ticket, and ends.
  case merged(into: TicketID, by: ActingAgent, reason: String)
  /// An article answers it, so no person has to.
  case answered(RoutingDecision, ArticleID, MessageID)
  /// The customer gave feedback: whether it is solved, and a rating.
  case feedbackReceived(Feedback)
}

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
  /// Open a follow-up on a dissatisfied customer.
  case followUp(FollowUp)
}

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

/// One entry of a ticket's timeline.
public struct TimelineEntry: Hashable, Sendable {
  /// What happened.
  public let kind: Kind
  /// Who did it.
  public let actor: Actor
  /// The details, without any of the customer's text.
  public let detail: JSONValue

  /// Describes an entry.
  public init(_ kind: Kind, by actor: Actor, _ detail: JSONValue = .object([])) {
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
    case labelled, transferred, noted, reclaimed, linked, absorbed, merged, answered
    case feedbackReceived = "feedback_received"
    case followUpOpened = "follow_up_opened"

    /// Reads a stored kind. Timelines are sealed as they are stored, so old entries keep the name that they were written with.
    public init?(stored text: String) {
      self.init(rawValue: text == "judged" ? "feedback_received" : text)
    }

    /// The names of this kind in stored entries, old ones included.
    public var storedNames: [String] { self == .feedbackReceived ? [rawValue, "judged"] : [rawValue] }
  }

  /// The actor of a step.
  public enum Actor: Hashable, Sendable {
    case customer
    case agent(AgentID)
    case service(String)
    /// An API key that does not act for an agent, by its identifier.
    case `operator`(String)

    /// The form stored: `customer`, `agent:NAME`, `service:NAME`, `operator:KEY`.
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
