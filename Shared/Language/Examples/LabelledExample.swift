/// A text with labels given by a person.
public struct LabelledExample: Sendable, Equatable {
  public var text: String
  /// The category, or "category/intent"; one of `outOfScopeLabels` for a message that belongs to none.
  public var label: String
  /// 0 low, 1 normal, 2 high.
  public var urgency: Int?
  /// -1, 0 or 1.
  public var sentiment: Int?

  /// Labels of messages that no label fits. They teach a model what it must not force into a label, and measure whether it
  /// has learned that; they are never labels of a model.
  public static let outOfScopeLabels: Set<String> = ["out_of_scope", "oos"]

  public var isOutOfScope: Bool { Self.outOfScopeLabels.contains(label) }

  /// The label up to its first "/".
  public var category: String { String(label.unicodeScalars.prefix { $0 != "/" }) }

  public init(text: String, label: String, urgency: Int? = nil, sentiment: Int? = nil) {
    self.text = text
    self.label = label
    self.urgency = urgency
    self.sentiment = sentiment
  }
}
