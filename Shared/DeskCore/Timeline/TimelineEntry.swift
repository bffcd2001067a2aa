/// One entry of a ticket's timeline.
public struct TimelineEntry: Hashable, Sendable {
  /// What happened, with its details, without any of the customer's text.
  public let event: TimelineEvent
  /// Who did it.
  public let actor: Actor

  /// Describes an entry.
  public init(_ event: TimelineEvent, by actor: Actor) {
    self.event = event
    self.actor = actor
  }

  /// The kind of `event`.
  public var kind: Kind { event.kind }
  /// The details of `event` as the store keeps them.
  public var detail: JSONValue { event.detail }
  /// The same as text.
  public var json: String { event.json }

  /// The kinds of entries; the raw value is what the store keeps.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    case queued, triaged, offered, accepted, declined, offerTimedOut = "offer_timed_out"
    case offerWithdrawn = "offer_withdrawn"
    case customerWrote = "customer_wrote"
    case replied, replyFailed = "reply_failed"
    case pending, resolved, reopened, closed, rejected
    case requeued, escalated
    case priorityChanged = "priority_changed"
    case queueMoved = "queue_moved"
    case slaWarned = "sla_warned"
    case slaBreached = "sla_breached"
    case labelled, transferred, noted, reclaimed, linked, absorbed, merged, answered
    case feedbackReceived = "feedback_received"
    case followUpOpened = "follow_up_opened"
    case greeted, confirmed, rerouted
    case moveSuggested = "move_suggested"
    case moveDeclined = "move_declined"
    case progressSent = "progress_sent"
    case callBackPromised = "call_back_promised"
    case callBackMoved = "call_back_moved"
    case callBackWarned = "call_back_warned"
    case callBackBroken = "call_back_broken"
    case callBackEnded = "call_back_ended"
    case crisisAnswered = "crisis_answered"
    case asked
    case answeredQuestion = "answered_question"
    case questionsEnded = "questions_ended"
    case consultAsked = "consult_asked"
    case consultAnswered = "consult_answered"
    case consultWithdrawn = "consult_withdrawn"

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

    /// Reads the stored form; nil for any other text.
    public init?(_ text: String) {
      if text == "customer" {
        self = .customer
        return
      }
      guard let colon = text.firstIndex(of: ":") else { return nil }
      let name = String(text[text.index(after: colon)...])
      switch text[..<colon] {
      case "agent": self = .agent(AgentID(name))
      case "service": self = .service(name)
      case "operator": self = .operator(name)
      default: return nil
      }
    }
  }
}
