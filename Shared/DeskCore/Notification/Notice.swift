/// A kind of event that hooks and channels can subscribe to.
public enum NoticeKind: String, Hashable, Sendable, CaseIterable {
  case ticketQueued = "ticket.queued"
  case ticketAssigned = "ticket.assigned"
  case ticketReopened = "ticket.reopened"
  case ticketResolved = "ticket.resolved"
  case ticketClosed = "ticket.closed"
  case ticketRejected = "ticket.rejected"
  case customerWrote = "message.received"
  case messageReplied = "message.replied"
  /// A reply did not reach the customer.
  case replyFailed = "message.failed"
  case priorityChanged = "ticket.priority_changed"
  case ticketEscalated = "ticket.escalated"
  case slaWarned = "sla.warned"
  case slaBreached = "sla.breached"
  case ticketTransferred = "ticket.transferred"
  case ticketMerged = "ticket.merged"
  /// The customer is asked whether the issue is solved; also sent to the channel's own hook.
  case confirmationAsked = "ticket.confirmation_asked"
  /// A customer on a chat channel is sent their queue position; also sent to the channel's own hook.
  case queuePlace = "ticket.queue_place"
  case followUpOpened = "follow_up.opened"
  case feedbackGathered = "feedback.gathered"
  case issueHot = "issue.hot"
  /// A call-back was promised to the customer, or moved to another time; also sent to the channel's own hook.
  case callBackPromised = "callback.promised"
  case callBackMoved = "callback.moved"
  /// A call-back is due soon, was broken, or ended.
  case callBackWarned = "callback.warned"
  case callBackBroken = "callback.broken"
  case callBackEnded = "callback.ended"
  /// Nothing moves in a queue in which tickets wait, and when that has ended.
  case queueStuck = "queue.stuck"
  case queueMoves = "queue.moves"
  /// An agent in reserve is called to help in a queue, and sent back.
  case reserveCalled = "reserve.called"
  case reserveReleased = "reserve.released"
  case crisisOpened = "crisis.opened"
  /// A prepared answer was switched on or off, or the case has another owner.
  case crisisChanged = "crisis.changed"
  case crisisEnded = "crisis.ended"
  /// An endpoint has accepted nothing for a long time, or deliveries to it are paused; sent to the other hooks.
  case hookFailing = "hook.failing"
  /// A scheduled report was made; sent to the hook that its schedule names, whichever kinds it subscribes to.
  case reportReady = "report.ready"

  /// Whether the leads of a team are notified of it.
  public var isForLeads: Bool {
    switch self {
    case .ticketEscalated, .slaBreached, .followUpOpened, .callBackWarned, .callBackBroken, .queueStuck, .queueMoves,
      .reserveCalled, .reserveReleased, .replyFailed:
      true
    default: false
    }
  }

  /// Whether a channel passes it on to the customer.
  public var isForCustomer: Bool {
    switch self {
    case .messageReplied, .confirmationAsked, .queuePlace, .callBackPromised, .callBackMoved: true
    default: false
    }
  }
}

/// A delivery pending to an external receiver.
public struct Notice: Hashable, Sendable {
  /// The stable id that the receiver deduplicates by.
  public let id: NoticeID
  /// The hook that receives it.
  public let hook: HookID
  /// The kind of event.
  public let kind: NoticeKind
  /// The ticket it is about.
  public let ticket: TicketID
  /// The JSON body, without the envelope.
  public let body: JSONValue

  /// Describes a delivery.
  public init(id: NoticeID, hook: HookID, kind: NoticeKind, ticket: TicketID, body: JSONValue) {
    self.id = id
    self.hook = hook
    self.kind = kind
    self.ticket = ticket
    self.body = body
  }
}

/// An outgoing web hook.
public struct Hook: Hashable, Sendable {
  /// The hook's name.
  public let id: HookID
  /// Where to deliver, `https://…`, or `http://…` where the policy allows it.
  public let url: String
  /// The Standard Webhooks secrets, newest first, each `whsec_` and base64; two while one is being replaced.
  public let secrets: [String]
  /// The variables that should hold a secret of the hook and do not, in the process that read the policy.
  public let missingSecrets: [String]
  /// The kinds that it subscribes to.
  public let kinds: Set<NoticeKind>
  /// Whether its address may be private or loopback.
  public let allowsPrivateAddress: Bool
  /// How many deliveries to it may be in flight at once.
  public let parallelDeliveries: Int

  /// Describes a hook.
  public init(
    id: HookID, url: String, secrets: [String], missingSecrets: [String] = [], kinds: Set<NoticeKind>,
    allowsPrivateAddress: Bool, parallelDeliveries: Int
  ) {
    self.id = id
    self.url = url
    self.secrets = secrets
    self.missingSecrets = missingSecrets
    self.kinds = kinds
    self.allowsPrivateAddress = allowsPrivateAddress
    self.parallelDeliveries = parallelDeliveries
  }

  /// Why nothing can be delivered from this process; nil when deliveries can be signed. There is no unsigned delivery (Standard
  /// Webhooks): its receiver could not tell it from a forgery.
  public var holdReason: String? {
    guard secrets.isEmpty else { return nil }
    return "deliveries cannot be signed: \(missingSecrets.joined(separator: ", ")) does not contain a signing secret"
  }
}
