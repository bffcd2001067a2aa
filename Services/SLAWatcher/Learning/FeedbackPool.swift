import DeskCore
import Language
import Store

/// Groups messages by likeness, in memory.
struct FeedbackPool {
  /// The group of each message.
  private(set) var members: [(candidate: FeedbackCandidate, group: Identifier<FeedbackGroup>)] = []
  /// The new groups.
  private(set) var opened: [FeedbackGroup] = []
  /// The groups that have reached a size worth reporting.
  private(set) var milestones: [FeedbackGroup] = []

  private let alikeFrom: Double
  private var groups: [FeedbackGroup] = []
  /// The signatures of each category's groups, and their positions among all groups.
  // exact-keys: categories of the policy.
  private var known: [String: (signatures: LikenessIndex, positions: [Int])] = [:]

  init(_ groups: [FeedbackGroup], alikeFrom: Double) {
    self.alikeFrom = alikeFrom
    for group in groups {
      if let likeness = Likeness(bytes: group.signature) { add(group, likeness) }
    }
  }

  /// Begins a new batch, with the groups as they are now.
  mutating func beginBatch() {
    members = []
    opened = []
    milestones = []
  }

  /// Adds a message to its group.
  /// - Returns: the group; nil for a message without comparable words.
  @discardableResult
  mutating func take(
    _ candidate: FeedbackCandidate, using random: inout some RandomNumberGenerator
  ) -> Identifier<FeedbackGroup>? {
    guard let likeness = Likeness(of: candidate.body) else { return nil }
    let position: Int
    if let known = known[candidate.category], let nearest = known.signatures.nearest(to: likeness, atLeast: alikeFrom) {
      position = known.positions[nearest]
    } else {
      let group = FeedbackGroup(
        id: Identifier(at: candidate.at, using: &random), category: candidate.category, signature: likeness.bytes,
        firstMessage: candidate.message, firstTicket: candidate.ticket, openedAt: candidate.at, messages: 0)
      opened.append(group)
      position = add(group, likeness)
    }
    groups[position].messages += 1
    let group = groups[position]
    members.append((candidate, group.id))
    if LearningPolicy.isMilestone(group.messages) { milestones.append(group) }
    return group.id
  }

  @discardableResult
  private mutating func add(_ group: FeedbackGroup, _ likeness: Likeness) -> Int {
    groups.append(group)
    known[group.category, default: (LikenessIndex(), [])].signatures.append(likeness)
    known[group.category]?.positions.append(groups.count - 1)
    return groups.count - 1
  }
}
