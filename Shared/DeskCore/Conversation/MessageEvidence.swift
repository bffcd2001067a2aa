/// What a message of a conversation shows apart from its labels.
public struct MessageEvidence: Hashable, Sendable {
  /// What it does in the conversation.
  public var reading: DialogueActReading
  /// The policy's word lists that it contains.
  public var found: Set<WordList>
  /// The product line that the channel named; empty when it named none.
  public var productLine: String
  /// Queues that had reached their limit when it was decided on.
  public var fullQueues: Set<QueueID>
  /// The prepared answer that it gets, because of a crisis.
  public var crisis: CrisisReply?
  /// What it says about the ticket's fields.
  public var fields = FieldEvidence()

  /// Collects the evidence; without arguments, that of a concern without any word of the policy.
  public init(
    _ reading: DialogueActReading = .concern, found: Set<WordList> = [], productLine: String = "",
    fullQueues: Set<QueueID> = []
  ) {
    self.reading = reading
    self.found = found
    self.productLine = productLine
    self.fullQueues = fullQueues
  }
}

extension Policy {
  /// Whether a first message only greets. A greeting of which the policy would not be certain is routed like any other message.
  public func greets(_ reading: DialogueActReading) -> Bool {
    reading.act == .greeting && reading.share >= triageThreshold
  }

  /// Collects the evidence of a message.
  public func evidence(
    of text: FoldedText, labels: Labels, productLine: String = "", fullQueues: Set<QueueID> = []
  ) -> MessageEvidence {
    MessageEvidence(
      life.conversation.read(text, labels: labels), found: Set(wordSearch.lists(in: text).map { wordLists[$0] }),
      productLine: productLine, fullQueues: fullQueues)
  }
}
