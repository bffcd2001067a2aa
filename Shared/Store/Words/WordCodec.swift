import DeskCore
import PostgreSQL

/// The encoding of what people write in its columns: as it is, or sealed.
///
/// A sealed text begins with a mark, followed by the key's name, a space and the box. A text that begins with the mark by itself is stored
/// behind mark and space, so that no one can write what would be taken for a sealed one. JSON is sealed as a JSON string, which no column
/// with words contains otherwise. Both forms can be in one table, and reading tells them apart; without keys writing costs a look at the
/// first byte. Empty texts stay empty: an erasure leaves them.
public struct WordCodec: Sendable {
  /// Begins what is not stored as it is.
  static let mark = "\u{1}words:"
  private static let firstByte: UInt8 = 1

  /// Nil for a process without keys.
  public let cipher: (any WordCipher)?

  /// Creates a codec that stores words as they are if there is no cipher.
  public init(_ cipher: (any WordCipher)? = nil) {
    self.cipher = cipher
  }

  /// Whether new words are encrypted.
  public var isSealing: Bool { cipher?.sealingKey != nil }

  // MARK: Writing

  /// Returns a text as it is stored.
  public func stored(_ text: String, _ place: WordPlace) throws -> String {
    guard !text.isEmpty else { return text }
    if let sealed = try cipher?.seal(text, at: place.name) { return "\(Self.mark)\(sealed.key) \(sealed.box)" }
    return Self.isMarked(text) ? "\(Self.mark) \(text)" : text
  }

  /// The same for a text that may be missing.
  func stored(ifAny text: String?, _ place: WordPlace) throws -> String? {
    try text.map { try stored($0, place) }
  }

  /// Returns a JSON object or list as it is stored.
  func stored(json: PostgresJSON?, _ place: WordPlace) throws -> PostgresJSON? {
    guard let json, isSealing else { return json }
    return PostgresJSON(JSONValue.text(try stored(json.text, place)).json)
  }

  // MARK: Reading

  /// Replaces a stored text by what was written.
  /// - Throws: `WordSealError`.
  func open(_ text: inout String, _ place: WordPlace) throws(WordSealError) {
    guard Self.isMarked(text) else { return }
    text = try opened(text, place)
  }

  /// The same for a text that may be missing.
  func open(_ text: inout String?, _ place: WordPlace) throws(WordSealError) {
    guard let stored = text, Self.isMarked(stored) else { return }
    text = try opened(stored, place)
  }

  /// The same for JSON, read as text.
  func open(json text: inout String?, _ place: WordPlace) throws(WordSealError) {
    guard let stored = text, let sealed = Self.sealedText(inJSON: stored) else { return }
    text = try opened(sealed, place)
  }

  /// The same for one text among many, where one that cannot be opened must not hide the others: it is empty.
  func openOrEmpty(_ text: inout String, _ place: WordPlace) {
    guard Self.isMarked(text) else { return }
    text = (try? opened(text, place)) ?? ""
  }

  /// The same for a text that may be missing.
  func openOrEmpty(_ text: inout String?, _ place: WordPlace) {
    guard let stored = text, Self.isMarked(stored) else { return }
    text = try? opened(stored, place)
  }

  private func opened(_ stored: String, _ place: WordPlace) throws(WordSealError) -> String {
    guard let form = Form(stored) else { throw .unreadable }
    switch form {
    case .escaped(let text): return text
    case .sealed(let key, let box):
      guard let cipher else { throw .noKeys(key) }
      return try cipher.open(box, under: key, at: place.name)
    }
  }

  /// The form of a marked text.
  private enum Form {
    case sealed(key: String, box: String)
    case escaped(String)

    init?(_ stored: String) {
      let rest = stored.utf8.dropFirst(WordCodec.mark.utf8.count)
      guard let space = rest.firstIndex(of: UInt8(ascii: " ")) else { return nil }
      let text = String(rest[rest.index(after: space)...]) ?? ""
      guard space != rest.startIndex else {
        self = .escaped(text)
        return
      }
      guard let key = String(rest[..<space]) else { return nil }
      self = .sealed(key: key, box: text)
    }
  }

  static func isMarked(_ text: String) -> Bool {
    text.utf8.first == firstByte && text.utf8.starts(with: mark.utf8)
  }

  /// The name of the key that a stored text, or JSON read as text, is sealed with; nil if it is not sealed.
  static func key(of stored: String) -> String? {
    let text = sealedText(inJSON: stored) ?? stored
    guard isMarked(text), case .sealed(let key, _)? = Form(text) else { return nil }
    return key
  }

  /// The text of a JSON string; nil for any other JSON.
  static func sealedText(inJSON stored: String) -> String? {
    guard stored.utf8.first == UInt8(ascii: "\""), let text = JSONValue(json: stored)?.text, isMarked(text) else {
      return nil
    }
    return text
  }

  // MARK: In statements

  /// The mark in SQL.
  static let markInSQL = "E'\\001words:'"

  /// In SQL, the beginning of a text, or all of one that is not stored as it is: a part of it could not be opened.
  static func beginning(of column: String, _ characters: String) -> String {
    "CASE WHEN left(\(column), \(mark.utf8.count)) = \(markInSQL) THEN \(column) ELSE left(\(column), \(characters)) END"
  }

  /// In SQL, sealed JSON as a text; null for JSON that is stored as it is.
  static func sealedJSON(_ column: String) -> String {
    "CASE WHEN jsonb_typeof(\(column)) = 'string' THEN \(column) #>> '{}' END"
  }
}

/// A row with words, read as it is stored.
protocol WordedRow: Sendable {
  /// Replaces stored words by what was written.
  mutating func open(by words: WordCodec) throws
}

extension PostgresStatement where Row: WordedRow {
  /// The same statement, whose rows are opened.
  func opening(_ words: WordCodec) -> PostgresStatement<Row> {
    map { row in
      var row = row
      try row.open(by: words)
      return row
    }
  }
}

extension String {
  /// The first Unicode scalars of an opened text, as `left` counts them.
  mutating func keepBeginning(_ scalars: Int) {
    guard utf8.count > scalars, unicodeScalars.count > scalars else { return }
    self = String(String.UnicodeScalarView(unicodeScalars.prefix(scalars)))
  }
}
