/// What the classifier says of a message.
public struct Labels: Hashable, Sendable {
  /// The kind of concern, one of the model's labels.
  public var category: String
  /// The finer purpose inside the category; equal to the category where the model knows none.
  public var intent: String
  /// The calibrated probability of `category`, 0 to 1.
  public var confidence: Double
  /// How much haste the words ask for.
  public var urgency: Urgency
  /// The mood of the words.
  public var sentiment: Sentiment
  /// `zh-Hans`, `zh-Hant`, `en`, `mixed`, `other` or `und`.
  public var language: String
  /// The version of the model that labelled.
  public var modelVersion: String

  /// Collects one message's labels.
  public init(
    category: String, intent: String, confidence: Double, urgency: Urgency, sentiment: Sentiment, language: String,
    modelVersion: String
  ) {
    self.category = category
    self.intent = intent
    self.confidence = confidence
    self.urgency = urgency
    self.sentiment = sentiment
    self.language = language
    self.modelVersion = modelVersion
  }
}

extension Labels {
  /// The certainty of a person, which no model has.
  public static let certain = 1.0

  /// These labels of a later message, on a ticket that had others before. What a person said that the ticket is about stays; haste,
  /// mood and language are those of the newest words.
  func following(_ earlier: Labels?) -> Labels {
    guard let earlier, earlier.confidence >= Labels.certain else { return self }
    var labels = self
    labels.category = earlier.category
    labels.intent = earlier.intent
    labels.confidence = earlier.confidence
    return labels
  }
}

/// How much haste a message's words ask for.
public enum Urgency: Int, Hashable, Sendable, CaseIterable, Comparable {
  case low = 0
  case normal = 1
  case high = 2

  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

  /// The word used in the policy and on screens.
  public var name: String {
    switch self {
    case .low: "low"
    case .normal: "normal"
    case .high: "high"
    }
  }
}

/// The mood of a message's words.
public enum Sentiment: Int, Hashable, Sendable, CaseIterable {
  case negative = -1
  case neutral = 0
  case positive = 1

  /// The word used in the policy and on screens.
  public var name: String {
    switch self {
    case .negative: "negative"
    case .neutral: "neutral"
    case .positive: "positive"
    }
  }
}
