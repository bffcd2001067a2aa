/// What happened to a ticket, as its timeline keeps it: one payload type for each kind of entry.
///
/// Each payload names its JSON keys once, in `visit(_:)`, for writing and reading alike. Reading never fails: rows of older builds lack
/// members, and the words of an erased customer's entries are removed, so a member that is missing or unreadable is nil, and an unknown
/// one is ignored. Writers use the payloads' initialisers, which require what every new entry has.
///
/// Payloads are large and many effects carry one: an event is passed on by reference.
public indirect enum TimelineEvent: Hashable, Sendable {
  case queued(Routed)
  /// It waits for a person to label it.
  case triaged(Routed)
  /// An article answered it.
  case answered(Answered)
  case labelled(Labelled)
  case rejected(Rejected)
  case offered(Offered)
  case accepted(Accepted)
  case declined(OfferEnded)
  case offerTimedOut(OfferEnded)
  case offerWithdrawn(OfferEnded)
  /// Its agent left, or an escalation took it away.
  case requeued(Requeued)
  /// Its agent did not reply in time.
  case reclaimed(Reclaimed)
  case customerWrote(CustomerWrote)
  case replied(Replied)
  /// A reply did not reach the customer.
  case replyFailed(ReplyFailed)
  /// The agent waits for the customer.
  case pending
  case noted(Noted)
  case resolved(Resolved)
  case reopened(Reopened)
  case closed(Closed)
  /// The customer gave feedback.
  case feedbackReceived(FeedbackReceived)
  case followUpOpened(FollowUpOpened)
  case slaWarned(TargetReached)
  case slaBreached(TargetReached)
  case escalated(Escalated)
  case priorityChanged(PriorityChanged)
  case queueMoved(QueueMoved)
  case transferred(Transferred)
  case linked(Linked)
  case absorbed(Absorbed)
  case merged(Merged)
  /// The customer has only greeted so far.
  case greeted(Greeted)
  /// The customer's closing words confirm that it is settled.
  case confirmed(Confirmed)
  /// The rules were run again for the conversation, and moved it or changed its priority.
  case rerouted(Rerouted)
  /// The rules were run again, and suggest a move to the agent who has it.
  case moveSuggested(MoveSuggested)
  /// The agent keeps it despite the suggestion.
  case moveDeclined(MoveDeclined)
  /// The customer was notified of the ticket's state.
  case progressSent(ProgressSent)
  case callBackPromised(CallBackStep)
  /// Another due time or owner was agreed.
  case callBackMoved(CallBackStep)
  /// The call-back is due soon.
  case callBackWarned(CallBackStep)
  case callBackBroken(CallBackStep)
  /// Nothing remains to be done, in time or not.
  case callBackEnded(CallBackStep)
  /// The customer got an answer that was prepared for a crisis.
  case crisisAnswered(CrisisAnswered)
  /// The customer was asked a question.
  case asked(Asked)
  /// A message of the customer has values of fields.
  case answeredQuestion(AnsweredQuestion)
  /// No further question is asked, and the ticket goes to an agent.
  case questionsEnded(QuestionsEnded)
  /// A colleague, or a product line's interface people, were asked about it.
  case consultAsked(ConsultStep)
  case consultAnswered(ConsultStep)
  case consultWithdrawn(ConsultStep)

  /// Why a service took a step, as a word that programs compare.
  public enum ServiceReason: String, Hashable, Sendable {
    case agentLeft = "agent_left"
    case escalated
    case noReply = "no_reply"
    case queueRemoved = "queue_removed"
    case rerouted
  }
}

extension TimelineEvent {
  /// The kind under which it is stored.
  public var kind: TimelineEntry.Kind {
    switch self {
    case .queued: .queued
    case .triaged: .triaged
    case .answered: .answered
    case .labelled: .labelled
    case .rejected: .rejected
    case .offered: .offered
    case .accepted: .accepted
    case .declined: .declined
    case .offerTimedOut: .offerTimedOut
    case .offerWithdrawn: .offerWithdrawn
    case .requeued: .requeued
    case .reclaimed: .reclaimed
    case .customerWrote: .customerWrote
    case .replied: .replied
    case .replyFailed: .replyFailed
    case .pending: .pending
    case .noted: .noted
    case .resolved: .resolved
    case .reopened: .reopened
    case .closed: .closed
    case .feedbackReceived: .feedbackReceived
    case .followUpOpened: .followUpOpened
    case .slaWarned: .slaWarned
    case .slaBreached: .slaBreached
    case .escalated: .escalated
    case .priorityChanged: .priorityChanged
    case .queueMoved: .queueMoved
    case .transferred: .transferred
    case .linked: .linked
    case .absorbed: .absorbed
    case .merged: .merged
    case .greeted: .greeted
    case .confirmed: .confirmed
    case .rerouted: .rerouted
    case .moveSuggested: .moveSuggested
    case .moveDeclined: .moveDeclined
    case .progressSent: .progressSent
    case .callBackPromised: .callBackPromised
    case .callBackMoved: .callBackMoved
    case .callBackWarned: .callBackWarned
    case .callBackBroken: .callBackBroken
    case .callBackEnded: .callBackEnded
    case .crisisAnswered: .crisisAnswered
    case .asked: .asked
    case .answeredQuestion: .answeredQuestion
    case .questionsEnded: .questionsEnded
    case .consultAsked: .consultAsked
    case .consultAnswered: .consultAnswered
    case .consultWithdrawn: .consultWithdrawn
    }
  }

  /// The details as the store keeps them, a JSON object.
  public var detail: JSONValue { payload.detail }

  /// The same as text.
  public var json: String {
    switch self {
    // What nearly every entry is.
    case .queued(let payload), .triaged(let payload): payload.json
    default: payload.json
    }
  }

  private var payload: any TimelinePayload {
    switch self {
    case .queued(let payload), .triaged(let payload): payload
    case .answered(let payload): payload
    case .labelled(let payload): payload
    case .rejected(let payload): payload
    case .offered(let payload): payload
    case .accepted(let payload): payload
    case .declined(let payload), .offerTimedOut(let payload), .offerWithdrawn(let payload): payload
    case .requeued(let payload): payload
    case .reclaimed(let payload): payload
    case .customerWrote(let payload): payload
    case .replied(let payload): payload
    case .replyFailed(let payload): payload
    case .pending: Pending()
    case .noted(let payload): payload
    case .resolved(let payload): payload
    case .reopened(let payload): payload
    case .closed(let payload): payload
    case .feedbackReceived(let payload): payload
    case .followUpOpened(let payload): payload
    case .slaWarned(let payload), .slaBreached(let payload): payload
    case .escalated(let payload): payload
    case .priorityChanged(let payload): payload
    case .queueMoved(let payload): payload
    case .transferred(let payload): payload
    case .linked(let payload): payload
    case .absorbed(let payload): payload
    case .merged(let payload): payload
    case .greeted(let payload): payload
    case .confirmed(let payload): payload
    case .rerouted(let payload): payload
    case .moveSuggested(let payload): payload
    case .moveDeclined(let payload): payload
    case .progressSent(let payload): payload
    case .callBackPromised(let payload), .callBackMoved(let payload), .callBackWarned(let payload),
      .callBackBroken(let payload), .callBackEnded(let payload):
      payload
    case .crisisAnswered(let payload): payload
    case .asked(let payload): payload
    case .answeredQuestion(let payload): payload
    case .questionsEnded(let payload): payload
    case .consultAsked(let payload), .consultAnswered(let payload), .consultWithdrawn(let payload): payload
    }
  }

  /// A `pending` entry keeps nothing but its actor and time.
  private struct Pending: TimelinePayload {
    mutating func visit(_ members: inout some TimelineMembers) {}
  }
}

// MARK: - Reading

extension TimelineEvent {
  /// Reads a stored entry.
  /// - Parameter detail: its details; anything but an object reads as one without members.
  public init(_ kind: TimelineEntry.Kind, detail: JSONValue) {
    self =
      switch kind {
      case .queued: .queued(.init(reading: detail))
      case .triaged: .triaged(.init(reading: detail))
      case .answered: .answered(.init(reading: detail))
      case .labelled: .labelled(.init(reading: detail))
      case .rejected: .rejected(.init(reading: detail))
      case .offered: .offered(.init(reading: detail))
      case .accepted: .accepted(.init(reading: detail))
      case .declined: .declined(.init(reading: detail))
      case .offerTimedOut: .offerTimedOut(.init(reading: detail))
      case .offerWithdrawn: .offerWithdrawn(.init(reading: detail))
      case .requeued: .requeued(.init(reading: detail))
      case .reclaimed: .reclaimed(.init(reading: detail))
      case .customerWrote: .customerWrote(.init(reading: detail))
      case .replied: .replied(.init(reading: detail))
      case .replyFailed: .replyFailed(.init(reading: detail))
      case .pending: .pending
      case .noted: .noted(.init(reading: detail))
      case .resolved: .resolved(.init(reading: detail))
      case .reopened: .reopened(.init(reading: detail))
      case .closed: .closed(.init(reading: detail))
      case .feedbackReceived: .feedbackReceived(.init(reading: detail))
      case .followUpOpened: .followUpOpened(.init(reading: detail))
      case .slaWarned: .slaWarned(.init(reading: detail))
      case .slaBreached: .slaBreached(.init(reading: detail))
      case .escalated: .escalated(.init(reading: detail))
      case .priorityChanged: .priorityChanged(.init(reading: detail))
      case .queueMoved: .queueMoved(.init(reading: detail))
      case .transferred: .transferred(.init(reading: detail))
      case .linked: .linked(.init(reading: detail))
      case .absorbed: .absorbed(.init(reading: detail))
      case .merged: .merged(.init(reading: detail))
      case .greeted: .greeted(.init(reading: detail))
      case .confirmed: .confirmed(.init(reading: detail))
      case .rerouted: .rerouted(.init(reading: detail))
      case .moveSuggested: .moveSuggested(.init(reading: detail))
      case .moveDeclined: .moveDeclined(.init(reading: detail))
      case .progressSent: .progressSent(.init(reading: detail))
      case .callBackPromised: .callBackPromised(.init(reading: detail))
      case .callBackMoved: .callBackMoved(.init(reading: detail))
      case .callBackWarned: .callBackWarned(.init(reading: detail))
      case .callBackBroken: .callBackBroken(.init(reading: detail))
      case .callBackEnded: .callBackEnded(.init(reading: detail))
      case .crisisAnswered: .crisisAnswered(.init(reading: detail))
      case .asked: .asked(.init(reading: detail))
      case .answeredQuestion: .answeredQuestion(.init(reading: detail))
      case .questionsEnded: .questionsEnded(.init(reading: detail))
      case .consultAsked: .consultAsked(.init(reading: detail))
      case .consultAnswered: .consultAnswered(.init(reading: detail))
      case .consultWithdrawn: .consultWithdrawn(.init(reading: detail))
      }
  }

  /// Reads a stored entry.
  /// - Parameters:
  ///   - kind: the stored kind; nil is returned for one that this build does not know.
  ///   - detail: its details, a JSON text; anything else reads as an object without members.
  public init?(kind: String, detail: String) {
    guard let kind = TimelineEntry.Kind(stored: kind) else { return nil }
    self.init(kind, detail: JSONValue(json: detail) ?? .null)
  }

  /// The JSON keys that entries of a kind can have, in the order written.
  static func keys(of kind: TimelineEntry.Kind) -> [String] {
    TimelineEvent(kind, detail: .null).payload.keys
  }
}
