/// The classifier's labels for a message.
public struct Labels: Hashable, Sendable {
  /// The category of the concern, one of the model's labels.
  public var category: String
  /// The finer intent within the category; equal to the category if the model knows none.
  public var intent: String
  /// The calibrated probability of `category`, 0 to 1.
  public var confidence: Double
  /// The urgency of the text.
  public var urgency: Urgency
  /// The sentiment of the text.
  public var sentiment: Sentiment
  /// `zh-Hans`, `zh-Hant`, `en`, `mixed`, `other` or `und`.
  public var language: String
  /// The version of the model that assigned the labels.
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
  /// The confidence of a person's label, which no model reaches.
  public static let certain = 1.0

  /// The confidence of a model as decisions use and keep it: to a ten-thousandth, since models do not know it better. Rounding does not
  /// make it certain.
  package static func rounded(_ confidence: Double) -> Double {
    let rounded = (confidence * 10_000).rounded() / 10_000
    return confidence < certain ? min(rounded, 0.9999) : confidence
  }
}

/// The urgency of a message's text.
public enum Urgency: Int, Hashable, Sendable, CaseIterable, Comparable {
  case low = 0
  case normal = 1
  case high = 2

  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

  /// The name used in the policy and in the user interface.
  public var name: String {
    switch self {
    case .low: "low"
    case .normal: "normal"
    case .high: "high"
    }
  }
}

/// The sentiment of a message's text.
public enum Sentiment: Int, Hashable, Sendable, CaseIterable {
  case negative = -1
  case neutral = 0
  case positive = 1

  /// The name used in the policy and in the user interface.
  public var name: String {
    switch self {
    case .negative: "negative"
    case .neutral: "neutral"
    case .positive: "positive"
    }
  }
}
