/// The memory of article searches, reused between messages.
public struct ArticleScratch: Sendable {
  var clauses = MessageClauses()
  /// The numbers of the message's terms that the index knows.
  var numbers: [Int] = []
  /// The score of each article by its passages.
  var scores: [Float] = []
  /// How well each article answers the message.
  var fits: [Float] = []
  var likeness = QuestionLikeness()

  public init() {}
}

extension [Float] {
  /// Sets all of so many numbers to 0.
  mutating func clear(_ count: Int) {
    removeAll(keepingCapacity: true)
    append(contentsOf: repeatElement(0, count: count))
  }
}
