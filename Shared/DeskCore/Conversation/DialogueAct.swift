/// What a customer's message does in the conversation.
public enum DialogueAct: String, Hashable, Sendable, CaseIterable {
  /// It greets, and says nothing about the concern.
  case greeting
  /// It thanks or says that the concern is settled, and raises nothing.
  case closing
  /// Anything else.
  case concern
}

/// How a message was read: what it does, and the share of it that says so.
public struct DialogueActReading: Hashable, Sendable {
  /// What the message does.
  public let act: DialogueAct
  /// The share of its letters, digits and emoji that greetings or closing phrases cover, 0 to 1; 0 for a concern.
  public let share: Double

  /// Describes a reading.
  public init(_ act: DialogueAct, share: Double) {
    self.act = act
    self.share = share
  }

  /// A message that is neither a greeting nor closing words.
  public static let concern = DialogueActReading(.concern, share: 0)
}

extension ConversationPolicy {
  /// Reads what a message does.
  ///
  /// A message closes when closing phrases, greetings and filler words cover at least `closingFrom` of it, one of them is a closing phrase,
  /// and nothing outside of them objects ("thanks, but it still does not work"). It greets when greetings and filler words cover at least
  /// `greetingFrom`. An upset or urgent message is always a concern: taking one for thanks would leave the customer without an answer.
  public func read(_ text: FoldedText, labels: Labels) -> DialogueActReading {
    guard labels.sentiment != .negative, labels.urgency != .high else { return .concern }
    return read(text)
  }

  /// The same for a message whose mood is unknown.
  public func read(_ text: FoldedText) -> DialogueActReading {
    guard text.count <= ConversationPolicy.longestAct else { return .concern }
    let said = acts.hits(in: text)
    if said.isEmpty { return .concern }
    let rest = others.hits(in: text)
    var coverage = PhraseCoverage(of: text)
    let closes = coverage.cover(said, ofList: 0, in: acts)
    if closes, coverage.leavesOut(rest, ofList: 0) { return .concern }
    coverage.cover(said, ofList: 1, in: acts)
    coverage.cover(rest, ofList: 1, in: others)
    let share = coverage.share
    if closes { return share >= closingFrom ? DialogueActReading(.closing, share: share) : .concern }
    return share >= greetingFrom ? DialogueActReading(.greeting, share: share) : .concern
  }
}
