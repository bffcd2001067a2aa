/// A text with what a person said about it.
public struct LabelledExample: Sendable, Equatable {
  public var text: String
  /// The category, or "category/intent".
  public var label: String
  /// 0 low, 1 normal, 2 high.
  public var urgency: Int?
  /// -1, 0 or 1.
  public var sentiment: Int?

  public init(text: String, label: String, urgency: Int? = nil, sentiment: Int? = nil) {
    self.text = text
    self.label = label
    self.urgency = urgency
    self.sentiment = sentiment
  }
}
