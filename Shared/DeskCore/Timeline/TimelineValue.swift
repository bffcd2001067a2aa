/// A value that a timeline entry keeps, and its stored form.
protocol TimelineValue: Hashable, Sendable {
  /// The stored form.
  var timelineValue: JSONValue { get }
  /// Reads the stored form; nil for anything else.
  init?(timelineValue: JSONValue)
  /// Appends the stored form as text: the same as `timelineValue` gives, but without making one, for what each decision has.
  func write(to json: inout JSONText)
}

extension TimelineValue {
  func write(to json: inout JSONText) { json.write(timelineValue) }
}

// MARK: - Plain values

extension String: TimelineValue {
  var timelineValue: JSONValue { .text(self) }

  func write(to json: inout JSONText) { json.write(self) }

  init?(timelineValue: JSONValue) {
    guard let text = timelineValue.text else { return nil }
    self = text
  }
}

extension Bool: TimelineValue {
  var timelineValue: JSONValue { .flag(self) }

  init?(timelineValue: JSONValue) {
    guard let flag = timelineValue.flag else { return nil }
    self = flag
  }
}

extension Double: TimelineValue {
  var timelineValue: JSONValue { .number(self) }

  func write(to json: inout JSONText) { json.write(self) }

  init?(timelineValue: JSONValue) {
    guard let number = timelineValue.number else { return nil }
    self = number
  }
}

extension TimelineValue where Self: FixedWidthInteger {
  var timelineValue: JSONValue { .integer(Int64(self)) }

  func write(to json: inout JSONText) { json.write(Int64(self)) }

  init?(timelineValue: JSONValue) {
    guard let integer = timelineValue.integer else { return nil }
    self.init(exactly: integer)
  }
}

extension Int: TimelineValue {}
extension Int32: TimelineValue {}

extension Array: TimelineValue where Element: TimelineValue {
  var timelineValue: JSONValue { .list(map(\.timelineValue)) }

  func write(to json: inout JSONText) { json.write(list: self) { $1.write(to: &$0) } }

  /// Elements that cannot be read are left out.
  init?(timelineValue: JSONValue) {
    guard let list = timelineValue.list else { return nil }
    self = list.compactMap { Element(timelineValue: $0) }
  }
}

// MARK: - Times

/// Microseconds since 1970; keys end in `_us`.
extension Instant: TimelineValue {
  var timelineValue: JSONValue { .integer(microseconds) }

  func write(to json: inout JSONText) { json.write(microseconds) }

  init?(timelineValue: JSONValue) {
    guard let integer = timelineValue.integer else { return nil }
    self.init(microseconds: integer)
  }
}

/// Seconds with a fraction; keys end in `_seconds`.
extension Duration: TimelineValue {
  var timelineValue: JSONValue { .number(inSeconds) }

  init?(timelineValue: JSONValue) {
    guard let number = timelineValue.number else { return nil }
    self = .seconds(number)
  }
}

// MARK: - Names

extension Identifier: TimelineValue {
  var timelineValue: JSONValue { .text(description) }

  func write(to json: inout JSONText) { json.write(description) }

  init?(timelineValue: JSONValue) {
    guard let text = timelineValue.text else { return nil }
    self.init(text)
  }
}

extension TimelineValue where Self: RawRepresentable, RawValue == String {
  var timelineValue: JSONValue { .text(rawValue) }

  func write(to json: inout JSONText) { json.write(rawValue) }

  init?(timelineValue: JSONValue) {
    guard let text = timelineValue.text else { return nil }
    self.init(rawValue: text)
  }
}

extension Key: TimelineValue {}
extension TicketState: TimelineValue {}
extension CustomerTier: TimelineValue {}
extension ServiceLevelClocks.Name: TimelineValue {}
extension DialogueAct: TimelineValue {}
extension ProgressEvent: TimelineValue {}
extension CrisisReply.Match: TimelineValue {}

extension Priority: TimelineValue {
  var timelineValue: JSONValue { .text(name) }

  func write(to json: inout JSONText) { json.write(name) }

  init?(timelineValue: JSONValue) {
    guard let text = timelineValue.text else { return nil }
    self.init(name: text)
  }
}

extension Urgency: TimelineValue {
  var timelineValue: JSONValue { .text(name) }

  func write(to json: inout JSONText) { json.write(name) }

  init?(timelineValue: JSONValue) {
    guard let text = timelineValue.text, let match = Urgency.allCases.first(where: { $0.name.hasSameBytes(as: text) })
    else { return nil }
    self = match
  }
}

extension Sentiment: TimelineValue {
  var timelineValue: JSONValue { .text(name) }

  func write(to json: inout JSONText) { json.write(name) }

  init?(timelineValue: JSONValue) {
    guard let text = timelineValue.text, let match = Sentiment.allCases.first(where: { $0.name.hasSameBytes(as: text) })
    else { return nil }
    self = match
  }
}

// MARK: - Parts of decisions

/// `skill:proficiency`.
extension SkillRequirement: TimelineValue {
  var timelineValue: JSONValue { .text("\(skill.rawValue):\(proficiency)") }

  init?(timelineValue: JSONValue) {
    guard let text = timelineValue.text, let colon = text.lastIndex(of: ":"),
      let proficiency = Int(text[text.index(after: colon)...])
    else { return nil }
    self.init(SkillID(String(text[..<colon])), proficiency: proficiency)
  }
}

/// `label:share`.
extension LabelGuess: TimelineValue {
  var timelineValue: JSONValue { .text(description) }

  init?(timelineValue: JSONValue) {
    guard let text = timelineValue.text else { return nil }
    self.init(text)
  }
}

/// `article:coverage`, to a thousandth; earlier builds wrote an object of these two.
extension ArticleSuggestion: TimelineValue {
  private enum Member: String { case article, coverage }

  var timelineValue: JSONValue { .text("\(article.rawValue):\((coverage * 1_000).rounded() / 1_000)") }

  init?(timelineValue: JSONValue) {
    if let text = timelineValue.text {
      guard let colon = text.lastIndex(of: ":"), let coverage = Double(text[text.index(after: colon)...]) else {
        return nil
      }
      self.init(ArticleID(String(text[..<colon])), coverage: coverage)
      return
    }
    guard let article = timelineValue[Member.article]?.text, let coverage = timelineValue[Member.coverage]?.number
    else { return nil }
    self.init(ArticleID(article), coverage: coverage)
  }
}

extension ArticleSuggestion {
  fileprivate static let leastCoverage = 0.05

  /// Whether it covers enough of the message to be shown. The search names the best articles, however badly they fit.
  var isWorthKeeping: Bool { coverage >= ArticleSuggestion.leastCoverage }
}

extension LabelGuess {
  fileprivate static let leastShare = 0.02

  /// Whether it is likely enough to be shown.
  var isWorthKeeping: Bool { share >= LabelGuess.leastShare }
}

// MARK: - Named members

extension JSONValue {
  /// A member of an object; nil when it is missing or null.
  subscript(_ key: some RawRepresentable<String>) -> JSONValue? { self[key.rawValue] }
}

extension JSONValue.Field {
  /// Creates a named value.
  init(_ key: some RawRepresentable<String>, _ value: JSONValue) {
    self.init(key.rawValue, value)
  }
}
