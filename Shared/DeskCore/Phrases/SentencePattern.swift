/// An English sentence with named gaps, `Send at most {limit} bytes.`, that recognises the texts made from it.
public struct SentencePattern: Hashable, Sendable {
  /// The pattern as written.
  public let text: String
  /// The names of the gaps, in the order of the text.
  public let parameters: [String]
  /// The literal texts around the gaps: one more than there are gaps.
  private let literals: [String]

  /// Reads a pattern. `{name}` of lower-case letters and `_` is a gap; any other brace stands for itself.
  public init(_ text: String) {
    self.text = text
    var literals: [String] = []
    var parameters: [String] = []
    var literal = ""
    var rest = text.unicodeScalars[...]
    while let scalar = rest.popFirst() {
      let name = rest.prefix { ("a"..."z").contains($0) || $0 == "_" }
      if scalar == "{", !name.isEmpty, rest.dropFirst(name.count).first == "}" {
        literals.append(literal)
        literal = ""
        parameters.append(String(name))
        rest = rest.dropFirst(name.count + 1)
      } else {
        literal.unicodeScalars.append(scalar)
      }
    }
    self.literals = literals + [literal]
    self.parameters = parameters
  }

  /// How much of the pattern is literal, in bytes: of several patterns that recognise a text, the one with the most is meant.
  public var literalBytes: Int { literals.reduce(0) { $0 + $1.utf8.count } }

  /// Returns what stands in the gaps, none of them empty; nil for a text of another pattern. A gap ends where the literal after it begins.
  public func values(in text: String) -> [String]? {
    let bytes = Array(text.utf8)
    guard var place = SentencePattern.skip(literals[0], in: bytes, from: 0) else { return nil }
    var values: [String] = []
    for (index, literal) in literals.dropFirst().enumerated() {
      let isLast = index == parameters.count - 1
      guard let end = SentencePattern.find(literal, in: bytes, after: place, atTheEnd: isLast), end > place,
        let value = String(validating: bytes[place..<end], as: UTF8.self)
      else { return nil }
      values.append(value)
      place = end + literal.utf8.count
    }
    return place == bytes.count ? values : nil
  }

  private static func skip(_ literal: String, in bytes: [UInt8], from place: Int) -> Int? {
    bytes[place...].starts(with: literal.utf8) ? place + literal.utf8.count : nil
  }

  /// Where a literal begins at least one byte after a place: at the end of the text, or the first time.
  private static func find(_ literal: String, in bytes: [UInt8], after place: Int, atTheEnd: Bool) -> Int? {
    let length = literal.utf8.count
    if atTheEnd {
      let start = bytes.count - length
      return start > place && bytes[start...].elementsEqual(literal.utf8) ? start : nil
    }
    guard bytes.count - length > place else { return nil }
    return (place + 1...bytes.count - length).first { bytes[$0...].starts(with: literal.utf8) }
  }
}

/// Codes of sentences: the case's name is the code, its raw value the English pattern.
public protocol SentenceCode: RawRepresentable<String>, CaseIterable, Hashable, Sendable {}

extension SentenceCode {
  /// The code as programs get it: `too-many-bytes`.
  public var code: String {
    let letters = Array("\(self)")
    return letters.indices.reduce(into: "") { text, place in
      let letter = letters[place]
      // An acronym is one word: the first capital begins it, and one before a small letter begins the next.
      if letter.isUppercase, place > 0 {
        let isNext = !letters[place - 1].isUppercase
        if isNext || (place + 1 < letters.count && letters[place + 1].isLowercase) { text += "-" }
      }
      text += letter.lowercased()
    }
  }

  /// The English pattern.
  public var pattern: SentencePattern { SentencePattern(rawValue) }
}

/// Finds the code and the values of an English sentence, so that it can be said in another language.
public struct SentenceCatalogue<Code: SentenceCode>: Sendable {
  /// The sentences without gaps.
  private let fixed: [ExactString: Code]
  /// The others, those with the most literal text first.
  private let patterns: [(code: Code, pattern: SentencePattern)]

  /// Reads all patterns.
  public init() {
    let all = Code.allCases.map { (code: $0, pattern: $0.pattern) }
    fixed = Dictionary(
      all.filter { $0.pattern.parameters.isEmpty }.map { (ExactString($0.pattern.text), $0.code) },
      uniquingKeysWith: { first, _ in first })
    patterns = all.filter { !$0.pattern.parameters.isEmpty }.sorted {
      $0.pattern.literalBytes > $1.pattern.literalBytes
    }
  }

  /// Returns the code of a text and the values in it; nil for a text of no known pattern.
  public func recognise(_ text: String) -> (code: Code, values: [(name: String, value: String)])? {
    if let code = fixed[ExactString(text)] { return (code, []) }
    for (code, pattern) in patterns {
      guard let values = pattern.values(in: text) else { continue }
      return (code, zip(pattern.parameters, values).map { (name: $0, value: $1) })
    }
    return nil
  }

  /// Returns a text as an object of its code and its values; nil for a text of no known pattern.
  public func coded(_ text: String) -> JSONValue? {
    recognise(text).map { found in
      .object([
        .init("code", .text(found.code.code)),
        .init("values", .object(found.values.map { .init($0.name, .text($0.value)) })),
      ])
    }
  }
}
