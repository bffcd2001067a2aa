/// A complete JSON reader (RFC 8259) with bounded depth and a bounded number of values.
///
/// Custom, because messages are parsed on every request: it bounds depth and values while reading instead of afterwards, keeps
/// numbers as written, and reports where it stopped without quoting. It keeps all duplicate names of an object; readers
/// use the last. A leading byte order mark is skipped, as RFC 8259 (8.1) allows.
public struct JSONScanner {
  /// The result of reading past damaged strings.
  public struct Reading: Sendable {
    /// The document; nil if its structure cannot be read.
    public var document: JSONDocument?
    /// The error of the document as a whole, or of the first value that cannot be read; nil when there is none.
    public var error: JSONError?
    /// If the structure cannot be read and the document is an object: its members up to that place.
    public var salvaged: [JSONDocument.Member] = []
  }

  private let bytes: UnsafeBufferPointer<UInt8>
  /// Whether strings may contain bytes that are not UTF-8, so that each is checked.
  private let hasInvalidUTF8: Bool
  private var position = 0
  private var valueCount = 0
  /// The first value that cannot be read.
  private var damage: JSONError?
  private var salvaged: [JSONDocument.Member] = []

  /// Reads one document that fills the buffer except for white space.
  public static func scan(buffer: UnsafeBufferPointer<UInt8>) throws(JSONError) -> JSONDocument {
    let reading = read(buffer: buffer)
    if let error = reading.error { throw error }
    guard let document = reading.document else { throw JSONError(reason: .empty, offset: 0) }
    return document
  }

  /// Reads one document like `scan`, but continues past strings that are damaged inside and whose end can be found: half a surrogate
  /// pair, an unknown escape, a bare control character, bytes that are not UTF-8; and past numbers that are too long. Each becomes
  /// `JSONDocument.damaged`, or a member's `nameError`, so that one message does not spoil its neighbours.
  ///
  /// The end of such a string is the next quote without a backslash before it. That is safe, because no byte of a damaged character is
  /// taken for more than itself: a quote is a quote whatever precedes it.
  public static func read(buffer: UnsafeBufferPointer<UInt8>) -> Reading {
    let invalid = UTF8Check.firstInvalid(in: buffer)
    var scanner = JSONScanner(bytes: buffer, hasInvalidUTF8: invalid != nil)
    do throws(JSONError) {
      let document = try scanner.document()
      return Reading(document: document, error: scanner.damage)
    } catch {
      // Of several errors, the first is the likeliest cause of the others.
      let first = invalid.map { JSONError(reason: .invalidUTF8, offset: $0) } ?? scanner.damage ?? error
      return Reading(document: nil, error: first, salvaged: scanner.salvaged)
    }
  }

  private init(bytes: UnsafeBufferPointer<UInt8>, hasInvalidUTF8: Bool) {
    self.bytes = bytes
    self.hasInvalidUTF8 = hasInvalidUTF8
  }

  private mutating func document() throws(JSONError) -> JSONDocument {
    if bytes.starts(with: UTF8Check.byteOrderMark) { position = UTF8Check.byteOrderMark.count }
    skipSpace()
    guard position < bytes.count else { throw JSONError(reason: .empty, offset: 0) }
    let value = try value(depth: 0)
    skipSpace()
    guard position == bytes.count else { throw error(.trailingBytes) }
    return value
  }

  // MARK: Values

  private mutating func value(depth: Int) throws(JSONError) -> JSONDocument {
    valueCount += 1
    guard valueCount <= JSONLimits.values else { throw error(.tooManyValues) }
    guard let byte = peek() else { throw error(.truncated) }
    switch byte {
    case UInt8(ascii: "\""):
      switch try string() {
      case .success(let text): return .text(text)
      case .failure(let error): return .damaged(error)
      }
    case UInt8(ascii: "{"): return .object(try members(depth: depth + 1))
    case UInt8(ascii: "["): return .list(try elements(depth: depth + 1))
    case UInt8(ascii: "t"): return try word("true", .flag(true))
    case UInt8(ascii: "f"): return try word("false", .flag(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    default: throw error(.unexpectedByte)
    }
  }

  private mutating func members(depth: Int) throws(JSONError) -> [JSONDocument.Member] {
    guard depth <= JSONLimits.depth else { throw error(.tooDeep) }
    position += 1
    var members: [JSONDocument.Member] = []
    skipSpace()
    if try take(UInt8(ascii: "}")) { return members }
    members.reserveCapacity(8)
    do throws(JSONError) {
      while true {
        skipSpace()
        members.append(try member(depth: depth))
        skipSpace()
        if try take(UInt8(ascii: "}")) { return members }
        guard try take(UInt8(ascii: ",")) else { throw error(.unexpectedByte) }
      }
    } catch {
      if depth == 1 { salvaged = members }
      throw error
    }
  }

  private mutating func member(depth: Int) throws(JSONError) -> JSONDocument.Member {
    guard let quote = peek() else { throw error(.truncated) }
    guard quote == UInt8(ascii: "\"") else { throw error(.unexpectedByte) }
    let name = try string()
    skipSpace()
    guard try take(UInt8(ascii: ":")) else { throw error(.unexpectedByte) }
    skipSpace()
    let value = try value(depth: depth)
    switch name {
    case .success(let name): return JSONDocument.Member(name: name, value: value)
    case .failure(let error): return JSONDocument.Member(nameError: error, value: value)
    }
  }

  private mutating func elements(depth: Int) throws(JSONError) -> [JSONDocument] {
    guard depth <= JSONLimits.depth else { throw error(.tooDeep) }
    position += 1
    var elements: [JSONDocument] = []
    skipSpace()
    if try take(UInt8(ascii: "]")) { return elements }
    while true {
      skipSpace()
      elements.append(try value(depth: depth))
      skipSpace()
      if try take(UInt8(ascii: "]")) { return elements }
      guard try take(UInt8(ascii: ",")) else { throw error(.unexpectedByte) }
    }
  }

  private mutating func word(_ word: StaticString, _ value: JSONDocument) throws(JSONError) -> JSONDocument {
    for offset in 0..<word.utf8CodeUnitCount {
      guard let byte = peek() else { throw error(.truncated) }
      guard byte == word.utf8Start[offset] else { throw error(.unexpectedByte) }
      position += 1
    }
    return value
  }

  // MARK: Numbers

  private mutating func number() throws(JSONError) -> JSONDocument {
    let start = position
    if peek() == UInt8(ascii: "-") { position += 1 }
    let first = peek()
    let integerDigits = skipDigits()
    guard integerDigits > 0, first != UInt8(ascii: "0") || integerDigits == 1 else { throw badNumber(start) }
    if peek() == UInt8(ascii: ".") {
      position += 1
      guard skipDigits() > 0 else { throw badNumber(start) }
    }
    if let byte = peek(), byte | 0x20 == UInt8(ascii: "e") {
      position += 1
      if let sign = peek(), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { position += 1 }
      guard skipDigits() > 0 else { throw badNumber(start) }
    }
    guard position - start <= JSONLimits.numberBytes else {
      let error = JSONError(reason: .badNumber, offset: start)
      if damage == nil { damage = error }
      return .damaged(error)
    }
    return .number(text(from: start, to: position))
  }

  private mutating func skipDigits() -> Int {
    let start = position
    while position < bytes.count, bytes[position] &- UInt8(ascii: "0") < 10 { position += 1 }
    return position - start
  }

  private func badNumber(_ start: Int) -> JSONError {
    position == bytes.count ? error(.truncated) : JSONError(reason: .badNumber, offset: start)
  }

  // MARK: Strings

  /// Reads a string, or the error inside it; either way it is consumed.
  private mutating func string() throws(JSONError) -> Result<String, JSONError> {
    let opening = position
    position += 1
    let start = position
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\""):
        if let error = invalidUTF8(from: start, to: position) { return try damaged(start, error) }
        defer { position += 1 }
        return .success(text(from: start, to: position))
      case UInt8(ascii: "\\"):
        return try escapedString(start: start, opening: opening)
      case 0..<0x20:
        return try damaged(start, JSONError(reason: .controlCharacter, offset: opening))
      default:
        position += 1
      }
    }
    throw error(.truncated)
  }

  /// Reads a string with escapes, the rarer case, piece by piece.
  private mutating func escapedString(start: Int, opening: Int) throws(JSONError) -> Result<String, JSONError> {
    var characters = Array(bytes[start..<position])
    while position < bytes.count {
      let byte = bytes[position]
      switch byte {
      case UInt8(ascii: "\""):
        if let error = invalidUTF8(from: start, to: position) { return try damaged(start, error) }
        position += 1
        return .success(String(decoding: characters, as: UTF8.self))
      case UInt8(ascii: "\\"):
        do throws(JSONError) {
          try escape(into: &characters)
        } catch {
          return try damaged(start, error)
        }
      case 0..<0x20:
        return try damaged(start, JSONError(reason: .controlCharacter, offset: opening))
      default:
        characters.append(byte)
        position += 1
      }
    }
    throw error(.truncated)
  }

  /// Skips the string whose first byte is at `start`, and records its error.
  /// - Throws: `truncated` if it has no end.
  private mutating func damaged(_ start: Int, _ error: JSONError) throws(JSONError) -> Result<String, JSONError> {
    position = start
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\""):
        position += 1
        if damage == nil { damage = error }
        return .failure(error)
      // The next byte belongs to the escape, even a quote or another backslash.
      case UInt8(ascii: "\\"): position += 2
      default: position += 1
      }
    }
    position = bytes.count
    // Input that ends in the middle of an escape is not damaged but incomplete.
    throw error.reason == .truncated ? error : self.error(.truncated)
  }

  /// Finds invalid UTF-8 between two quotes; escapes are ASCII, so the pieces between them are checked too.
  private func invalidUTF8(from start: Int, to end: Int) -> JSONError? {
    guard hasInvalidUTF8, let offset = UTF8Check.firstInvalid(in: UnsafeBufferPointer(rebasing: bytes[start..<end]))
    else { return nil }
    return JSONError(reason: .invalidUTF8, offset: start + offset)
  }

  private mutating func escape(into characters: inout [UInt8]) throws(JSONError) {
    let start = position
    position += 1
    guard let letter = peek() else { throw error(.truncated) }
    position += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): characters.append(letter)
    case UInt8(ascii: "b"): characters.append(0x08)
    case UInt8(ascii: "f"): characters.append(0x0C)
    case UInt8(ascii: "n"): characters.append(0x0A)
    case UInt8(ascii: "r"): characters.append(0x0D)
    case UInt8(ascii: "t"): characters.append(0x09)
    case UInt8(ascii: "u"):
      let scalar = try unicodeEscape(start: start)
      UTF8.encode(scalar)?.forEach { characters.append($0) }
    default: throw JSONError(reason: .badEscape, offset: start)
    }
  }

  private mutating func unicodeEscape(start: Int) throws(JSONError) -> Unicode.Scalar {
    let unit = try fourDigits(start: start)
    if let scalar = Unicode.Scalar(unit) { return scalar }
    // The first half of a pair: the second must follow immediately.
    guard (0xD800...0xDBFF).contains(unit) else { throw JSONError(reason: .loneSurrogate, offset: start) }
    for expected in [UInt8(ascii: "\\"), UInt8(ascii: "u")] {
      guard try take(expected) else { throw JSONError(reason: .loneSurrogate, offset: start) }
    }
    let low = try fourDigits(start: start)
    guard (0xDC00...0xDFFF).contains(low), let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
    else { throw JSONError(reason: .loneSurrogate, offset: start) }
    return scalar
  }

  private mutating func fourDigits(start: Int) throws(JSONError) -> UInt32 {
    var unit: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = peek() else { throw error(.truncated) }
      guard let digit = hexadecimalDigit(byte) else { throw JSONError(reason: .badEscape, offset: start) }
      unit = unit << 4 | digit
      position += 1
    }
    return unit
  }

  private func hexadecimalDigit(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
  }

  // MARK: Bytes

  private func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

  /// Consumes the next byte if it is the given one; returns whether it was.
  private mutating func take(_ byte: UInt8) throws(JSONError) -> Bool {
    guard let next = peek() else { throw error(.truncated) }
    guard next == byte else { return false }
    position += 1
    return true
  }

  private mutating func skipSpace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x09, 0x0A, 0x0D: position += 1
      default: return
      }
    }
  }

  /// The bytes are known to be UTF-8, and the places are character boundaries.
  private func text(from start: Int, to end: Int) -> String {
    String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<end]), as: UTF8.self)
  }

  private func error(_ reason: JSONError.Reason) -> JSONError {
    JSONError(reason: reason, offset: position)
  }
}
