import DeskCore

/// The rules of a desk that its timelines are held against.
///
/// They are written anew here, from what the words mean and not from the machines that decide, so that a mistake of those is found.
enum DeskRule: String, Sendable, CaseIterable {
  /// Each entry is allowed where the ticket stands, and no step is missing or doubled.
  case life
  /// A ticket is in one hand at most, and only that hand works on it.
  case hands
  /// Nobody has and is asked for more than the capacity.
  case capacity
  /// Of tickets that are alike, who came first is asked for first.
  case overtaking
  /// Warnings and breaches are notified once, in order, and not early; what ended unanswered was owed until then.
  case promises
  /// An agent who let a ticket go is not offered it again before the recorded pause has ended.
  case pauses

  /// For people.
  var meaning: String {
    switch self {
    case .life: "every entry is allowed where its ticket stood; no step is missing or doubled"
    case .hands: "every ticket was in one hand at most, and only that hand worked on it"
    case .capacity: "no agent had more than the capacity"
    case .overtaking: "of like tickets the one that waited longer was offered first"
    case .promises: "warnings and breaches were notified once, in order, not early, and not after the ticket ended"
    case .pauses: "no agent was offered a ticket again before the pause after their last offer ended"
    }
  }
}

/// A rule that was not kept.
struct RuleBreach: Sendable, Equatable {
  let rule: DeskRule
  let ticket: TicketID
  let at: Instant
  let text: String
}

/// How far two moments may lie apart that were written by different processes: each takes the time before its commit, so that of
/// two commits, one after the other, the second may bear the earlier time.
enum RuleTolerance {
  static let moments: Duration = .milliseconds(250)
  /// An offer is decided on what a router read a little before.
  static let order: Duration = .seconds(2)
  /// What a customer writes bears the moment of its decision; on a machine that is busy its commit comes seconds later.
  static let commit: Duration = .seconds(10)
}
