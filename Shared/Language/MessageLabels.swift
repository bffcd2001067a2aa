/// A message's text to be labelled: its subject, if the channel has one, and its body.
public struct MessageText: Sendable, Equatable {
  public var subject: String?
  public var text: String

  public init(subject: String? = nil, text: String) {
    self.subject = subject
    self.text = text
  }

  /// The subject, if there is one, and the body below it.
  public var whole: String { subject.map { "\($0)\n\(text)" } ?? text }

  /// Whether the limit of bytes cuts `whole` no earlier than its parts.
  var fitsWhole: Bool {
    subject.map { $0.utf8.count + 1 + text.utf8.count <= LanguageLimits.inputBytes } ?? true
  }
}

/// All labels of one message.
public struct MessageLabels: Sendable, Equatable {
  public struct Guess: Sendable, Equatable {
    public var category: String
    /// Calibrated, between 0 and 1.
    public var probability: Float

    public init(category: String, probability: Float) {
      self.category = category
      self.probability = probability
    }
  }

  /// The category of a message that belongs to none of the model's labels.
  public static let outOfScope = "out_of_scope"

  /// The best label up to its first "/", or `outOfScope`.
  public var category: String
  /// The rest of the best label, or the category if the label has no second part.
  public var intent: String
  /// The calibrated probability that the best label is right, between 0 and 1; 0 for a message out of scope, so that
  /// it goes to a person.
  public var confidence: Float
  /// The best full labels, most probable first; at most `LanguageLimits.guesses`.
  public var guesses: [Guess]
  /// 0 low, 1 normal, 2 high.
  public var urgency: Int
  /// -1 negative, 0 neutral, 1 positive.
  public var sentiment: Int
  /// zh-Hans, zh-Hant, en, mixed, other or und.
  public var language: String
  /// The model that chose the category.
  public var modelVersion: String
  /// The stage that chose it: 1 or 2.
  public var stage: Int
  /// The share of the message's n-grams that did not occur in training, between 0 and 1.
  public var unfamiliar: Float

  public init(
    category: String, intent: String, confidence: Float, guesses: [Guess], urgency: Int, sentiment: Int,
    language: String, modelVersion: String, stage: Int = 1, unfamiliar: Float = 0
  ) {
    self.category = category
    self.intent = intent
    self.confidence = confidence
    self.guesses = guesses
    self.urgency = urgency
    self.sentiment = sentiment
    self.language = language
    self.modelVersion = modelVersion
    self.stage = stage
    self.unfamiliar = unfamiliar
  }
}
