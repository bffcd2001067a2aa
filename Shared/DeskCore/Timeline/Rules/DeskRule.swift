/// The rules of a desk that its timelines are checked against.
///
/// They are implemented independently here, from their meaning and not from the state machines, so that mistakes of those are found.
package enum DeskRule: String, Sendable, CaseIterable {
  /// Each entry is valid in the ticket's state, and no step is missing or duplicated.
  case life
  /// A ticket has at most one agent, and only that agent works on it.
  case hands
  /// No agent's tickets and offers exceed their capacity.
  case capacity
  /// Among comparable tickets, the one that came first is offered first.
  case overtaking
  /// Warnings and breaches are notified once, in order, and not early; a clock that ended unanswered was still open until then.
  case promises
  /// An agent who released a ticket is not offered it again before the recorded pause has ended.
  case pauses

  /// For people.
  package var meaning: String {
    switch self {
    case .life: "every entry is valid in its ticket's state; no step is missing or duplicated"
    case .hands: "every ticket had one agent at most, and only that agent worked on it"
    case .capacity: "no agent was above capacity"
    case .overtaking: "among comparable tickets the one that waited longer was offered first"
    case .promises: "warnings and breaches were notified once, in order, not early, and not after the ticket ended"
    case .pauses: "no agent was offered a ticket again before the pause after their last offer ended"
    }
  }
}

/// A violation of a rule.
package struct RuleBreach: Sendable, Equatable {
  package let rule: DeskRule
  package let ticket: TicketID
  package let at: Instant
  package let text: String
}

/// Tolerances for times written by different processes: each reads the clock before its commit, so of two consecutive commits the
/// second may carry the earlier time.
enum RuleTolerance {
  static let moments: Duration = .milliseconds(250)
  /// An offer is decided on data that a router read shortly before.
  static let order: Duration = .seconds(2)
  /// A customer message carries the time of its decision; on a busy machine its commit comes seconds later.
  static let commit: Duration = .seconds(10)
}
