/// What a ticket remembers of its progress notices. Part of the ticket, so that the compare-and-set on its version decides which of two
/// writers plans or sends a notice, and a notice is sent once.
public struct ProgressState: Hashable, Sendable {
  /// A notice that waits for its time.
  public struct Pending: Hashable, Sendable {
    /// The state that it is about.
    public let event: ProgressEvent
    /// Counts the times that the ticket has entered that state, from 1. With the ticket and the event, it identifies the notice.
    public let occurrence: Int
    /// Who had the ticket.
    public let agent: AgentID?
    /// When the ticket entered the state.
    public let since: Instant
    /// When it is to be sent.
    public internal(set) var due: Instant

    /// Describes a notice.
    public init(event: ProgressEvent, occurrence: Int, agent: AgentID?, since: Instant, due: Instant) {
      self.event = event
      self.occurrence = occurrence
      self.agent = agent
      self.since = since
      self.due = due
    }
  }

  /// The notice that waits for its time: the newest state's.
  public internal(set) var pending: Pending?
  /// When the last one was sent.
  public internal(set) var lastSentAt: Instant?
  /// The agent of whom the customer was notified last; nil after a reopening.
  public internal(set) var announcedAgent: AgentID?
  /// How often the ticket entered each state of which notices are sent.
  public internal(set) var occurrences: [ProgressEvent: Int]

  /// Creates a state; without arguments, that of a ticket without notices.
  public init(
    pending: Pending? = nil, lastSentAt: Instant? = nil, announcedAgent: AgentID? = nil,
    occurrences: [ProgressEvent: Int] = [:]
  ) {
    self.pending = pending
    self.lastSentAt = lastSentAt
    self.announcedAgent = announcedAgent
    self.occurrences = occurrences
  }
}

/// What happens to a ticket's waiting notice at a time.
public enum ProgressDecision: Hashable, Sendable {
  /// Nothing is due.
  case nothing
  /// It is sent.
  case send(ProgressState.Pending)
  /// It waits until a later time: for the end of quiet hours, or because the last one was sent a short time ago.
  case postpone(until: Instant)
  /// It is dropped: the ticket has left the state, or the policy no longer asks for the notice.
  case drop
}
