/// What goes wrong with one call of the store.
package enum StoreFault: String, Sendable, Hashable, CaseIterable {
  /// Nothing.
  case none
  /// The connection is lost before the statement reaches the database: nothing is written.
  case beforeEffect
  /// The connection is lost after the commit: all is written, and the caller does not know.
  case afterEffect
}

/// The connection was lost. Whoever called cannot tell whether the statement took effect, and must be right either way.
package struct ConnectionLost: Error, Hashable, CustomStringConvertible {
  package init() {}

  package var description: String { "the connection to the database was lost; the outcome is unknown" }
}

extension SimulatedDatabase {
  /// Runs one statement under a fault.
  /// - Returns: its answer, unless the fault loses it.
  package mutating func perform<Answer>(
    under fault: StoreFault, _ statement: (inout SimulatedDatabase) -> Answer
  ) throws(ConnectionLost) -> Answer {
    if fault == .beforeEffect { throw ConnectionLost() }
    let answer = statement(&self)
    if fault == .afterEffect { throw ConnectionLost() }
    return answer
  }
}

/// A call of the store, for plans of faults and traces.
package enum StoreCall: String, Sendable, Hashable, CaseIterable {
  case now
  case accept, claimRequestKey, adopt, claimUnlabelled, claimLabelled, writeLabels, releaseMessages
  case releaseAllMessages, claimPoisoned, countAttempts, undecided, rehome
  case readTickets, commit, deadlines, ticketsDue, ticketsToClose, progressDue, awaitingReply, heldTickets, offers
  case expiredOffers, readConversation
  case waitingTickets, waitingCounts, queuesWithWaiting, agents, adoptAgents, setPresence, touch, agentsGone
  case absentHolders, pace, keepPaces
  case register, heartbeat, livingInstances, deregister, forgetInstances, acquireLeases, releaseLeases, leases
  case claimNotices, delivered, postpone, releaseNotice, deadLetter, readDeadLetters, replay, pendingHooks
  case enqueueNotices
  case replies, repliesSent, recordReceipts, failedReplies, returnReplies
}
