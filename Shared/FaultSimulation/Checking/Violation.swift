import DeskCore

/// A promise that a run broke.
package struct Violation: Sendable, Hashable, CustomStringConvertible {
  /// What is checked after each run.
  package enum Check: String, Sendable, CaseIterable {
    /// Every acknowledged message is in the store.
    case acknowledgedIsStored = "I1"
    /// One effective decision for each message, one step for each version.
    case oneDecision = "I2"
    /// Every accepted message is decided, or a dead letter with its reason.
    case everyMessageEnds = "I3"
    /// No write under a lease that was lost took effect.
    case fencedWrites = "I4"
    /// Every outside effect arrives; the replies of a ticket arrive in order.
    case outsideEffects = "I5"
    /// Everything is done within a bound once the faults are over, or without ZeroMQ.
    case liveness = "I6"
    /// The rules of `RuleChecker`.
    case timeline
    /// A machine refused what it must accept.
    case refusal
  }

  package let check: Check
  package let text: String

  package var description: String { "\(check.rawValue): \(text)" }
}
