/// A state of a ticket of which its customer is notified.
public enum ProgressEvent: String, Hashable, Sendable, CaseIterable {
  /// The concern waits for an agent.
  case received
  /// An agent has it.
  case assigned
  /// The agent waits for the customer.
  case waiting
  /// An agent settled it, and the customer has not confirmed that.
  case solved
  /// It was settled and waits for an agent again.
  case reopened

  /// What a text about the state can name.
  public var placeholders: [ProgressPlaceholder] {
    switch self {
    case .received, .reopened: [.ticket, .queue, .position, .expectedWait]
    case .assigned, .waiting, .solved: [.ticket, .queue, .agent]
    }
  }
}

/// What a text stands a value in for, written `{name}`.
public enum ProgressPlaceholder: String, Hashable, Sendable, CaseIterable {
  /// The ticket's identifier.
  case ticket
  /// The agent's title.
  case agent
  /// The queue's title.
  case queue
  /// The position in the queue, from 1.
  case position
  /// The expected wait, rounded up to minutes or hours.
  case expectedWait = "expected_wait"
}
