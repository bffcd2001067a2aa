/// The terms under which a message is found: words, joined words such as order numbers, and pairs of Chinese characters.
///
/// Chinese needs no dictionary this way: a word of two characters is one pair, a longer one several, and the last character of a run is a
/// term of its own, so that every single character begins a term. A name's terms are there twice, once with a mark of its own, by which
/// customers are found without the messages that only mention them.
public struct SearchTerms: Sendable {
  /// Begins a term of a customer's name, which no word does.
  static let nameMark = UInt32(UInt8(ascii: "@"))
  /// Begins the last four digits of a ticket's identifier, by which people name it.
  static let ticketMark = UInt32(UInt8(ascii: "#"))

  private var terms: Set<[UInt32]> = []

  /// Begins without terms.
  public init() {}

  /// How many there are, at most `SearchLimits.termsPerMessage`.
  public var count: Int { terms.count }

  /// Adds the terms of a text.
  public mutating func add(_ text: String) {
    SearchTerms.each(of: SearchText(text)) { insert($0) }
  }

  /// Adds the terms of a customer's name, which are those of any text and marked ones.
  public mutating func add(name: String) {
    SearchTerms.each(of: SearchText(name)) { term in
      insert(term)
      insert([SearchTerms.nameMark] + term)
    }
  }

  /// Adds the sign of a ticket.
  public mutating func add(ticket: TicketID) {
    insert([SearchTerms.ticketMark] + ticket.description.unicodeScalars.suffix(4).map(\.value))
  }

  /// The terms, separated by spaces, which no term contains.
  public var text: String {
    var text = String.UnicodeScalarView()
    for term in terms {
      if !text.isEmpty { text.append(" ") }
      for value in term { if let scalar = Unicode.Scalar(value) { text.append(scalar) } }
    }
    return String(text)
  }

  private mutating func insert(_ term: [UInt32]) {
    if terms.count < SearchLimits.termsPerMessage { terms.insert(term) }
  }

  private static func each(of text: SearchText, _ body: ([UInt32]) -> Void) {
    for part in text.parts {
      switch part.kind {
      case .word, .joined: body(Array(text.scalars[part.range].prefix(SearchLimits.termCharacters)))
      case .han:
        for place in part.range { body(Array(text.scalars[place..<min(place + 2, part.range.upperBound)])) }
      }
    }
  }
}
