/// What a person searches for: words that all must be found, the last one also by its beginning, and Chinese texts.
///
/// A Chinese text is found by its pairs of characters, so a message that contains all of them apart from each other is found as well.
public struct SearchQuery: Sendable, Hashable {
  enum Word: Sendable, Hashable {
    /// A word, or its beginning.
    case word([UInt32], isPrefix: Bool)
    /// Chinese characters without anything between them.
    case han([UInt32])
  }

  let words: [Word]
  /// The ticket that the query is the identifier of.
  public let ticket: TicketID?

  /// Reads a query; nil if it contains no letter, digit or Chinese character.
  public init?(_ text: String) {
    let read = SearchText(text)
    let parts = read.parts
    let joined = parts.filter { $0.kind == .joined }.map(\.range)
    words = parts.compactMap { part in
      let scalars = Array(read.scalars[part.range].prefix(SearchLimits.termCharacters))
      switch part.kind {
      case .han: return .han(Array(read.scalars[part.range]))
      case .word where joined.contains { $0.contains(part.range.lowerBound) }: return nil
      // One letter begins too many words.
      case .word, .joined:
        return .word(scalars, isPrefix: part.range.upperBound == read.scalars.count && scalars.count > 1)
      }
    }
    guard !words.isEmpty else { return nil }
    ticket = SearchQuery.ticket(in: text)
  }

  /// The condition for messages, in PostgreSQL's syntax of `tsquery`.
  public var condition: String { condition(mark: []) }

  /// The condition for messages of customers with this name.
  public var nameCondition: String { condition(mark: [SearchTerms.nameMark]) }

  private func condition(mark: [UInt32]) -> String {
    var conditions: [String] = []
    for word in words {
      switch word {
      case .word(let scalars, let isPrefix):
        let found = SearchQuery.quoted(mark + scalars) + (isPrefix ? ":*" : "")
        let isSign = mark.isEmpty && scalars.count == 4 && scalars.allSatisfy(SearchQuery.isHexadecimal)
        conditions.append(isSign ? "(\(found) | \(SearchQuery.quoted([SearchTerms.ticketMark] + scalars)))" : found)
      case .han(let scalars) where scalars.count == 1: conditions.append(SearchQuery.quoted(mark + scalars) + ":*")
      case .han(let scalars):
        for place in scalars.indices.dropLast() {
          conditions.append(SearchQuery.quoted(mark + scalars[place...place + 1]))
        }
      }
    }
    return conditions.prefix(SearchLimits.termsPerQuery).joined(separator: " & ")
  }

  /// A term as a literal, whatever it contains.
  private static func quoted(_ term: [UInt32]) -> String {
    var text = String.UnicodeScalarView("'".unicodeScalars)
    for scalar in term.compactMap(Unicode.Scalar.init) {
      if scalar == "'" || scalar == "\\" { text.append(scalar) }
      text.append(scalar)
    }
    text.append("'")
    return String(text)
  }

  private static func isHexadecimal(_ scalar: UInt32) -> Bool {
    (0x30...0x39).contains(scalar) || (0x61...0x66).contains(scalar)
  }

  /// Reads an identifier with or without hyphens, and with the sign that people put before it.
  private static func ticket(in text: String) -> TicketID? {
    let digits = text.unicodeScalars.filter { !$0.properties.isWhitespace && $0 != "#" && $0 != "-" }
    guard digits.count == 32 else { return nil }
    var canonical = ""
    for (place, digit) in digits.enumerated() {
      if [8, 12, 16, 20].contains(place) { canonical.append("-") }
      canonical.unicodeScalars.append(digit)
    }
    return TicketID(canonical)
  }
}
