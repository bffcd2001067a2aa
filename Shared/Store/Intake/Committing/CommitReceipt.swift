import DeskCore

/// The result of a commit.
package struct CommitReceipt: Sendable {
  /// One outcome for each message, in order.
  package let outcomes: [AcceptOutcome]
  /// The instance that holds the messages in memory from now on; nil when they wait in PostgreSQL to be fetched.
  package let owner: InstanceID?

  package init(outcomes: [AcceptOutcome], owner: InstanceID?) {
    self.outcomes = outcomes
    self.owner = owner
  }

  /// Returns the messages that were written: now, or by an attempt whose answer was lost.
  /// - Parameter messages: the messages that were to be committed.
  package func accepted(of messages: [IncomingMessage]) -> [AcceptedMessage] {
    zip(messages, outcomes).compactMap { message, outcome in
      switch outcome {
      case .accepted(let acceptance): AcceptedMessage(message: message, acceptance: acceptance)
      case .duplicate(let acceptance) where acceptance.message == message.id:
        AcceptedMessage(message: message, acceptance: acceptance)
      case .duplicate, .duplicateOfDropped, .conflict, .heldUp: nil
      }
    }
  }
}

/// A message that has just been committed to PostgreSQL.
package struct AcceptedMessage: Sendable {
  package let message: IncomingMessage
  package let acceptance: Acceptance
}
