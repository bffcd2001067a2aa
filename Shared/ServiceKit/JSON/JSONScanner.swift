/// A complete JSON reader (RFC 8259) with bounded depth and a bounded number of values.
///
/// It is ours because a message is read at every request: it bounds depth and values while it reads instead of afterwards, keeps
/// numbers as they are written, and tells where it stopped without quoting. Of equal names in an object it keeps all; readers
/// take the last.
public struct JSONScanner {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var position = 0
  private var valueCount = 0

  /// Reads one document that fills the buffer but for white space.
  public static func scan(buffer: UnsafeBufferPointer<UInt8>) throws(JSONError) -> JSONValue {
    if let offset = UTF8Check.firstInvalid(in: buffer) { throw JSONError(reason: .invalidUTF8, offset: offset) }
    var scanner = JSONScanner(bytes: buffer)
    scanner.skipSpace()
    guard scanner.position < buffer.count else { throw JSONError(reason: .empty, offset: 0) }
    let value = try scanner.value(depth: 0)
    scanner.skipSpace()
    guard scanner.position == buffer.count else { throw scanner.error(.trailingBytes) }
    return value
  }

  private init(bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
  }

  // MARK: Values

  private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
    valueCount += 1
    guard valueCount <= JSONLimits.values else { throw error(.tooManyValues) }
    guard let byte = peek() else { throw error(.truncated) }
    switch byte {
    case UInt8(ascii: "\""): return .text(try string())
    case UInt8(ascii: "{"): return .object(try members(depth: depth + 1))
    case UInt8(ascii: "["): return .list(try elements(depth: depth + 1))
    case UInt8(ascii: "t"): return try word("true", .flag(true))
    case UInt8(ascii: "f"): return try word("false", .flag(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
    default: throw error(.unexpectedByte)
    }
  }

  private mutating func members(depth: Int) throws(JSONError) -> [JSONValue.Member] {
    guard depth <= JSONLimits.depth else { throw error(.tooDeep) }
    position += 1
    var members: [JSONValue.Member] = []
    skipSpace()
    if try take(UInt8(ascii: "}")) { return members }
    members.reserveCapacity(8)
    while true {
      skipSpace()
      guard let quote = peek() else { throw error(.truncated) }
      guard quote == UInt8(ascii: "\"") else { throw error(.unexpectedByte) }
      let name = try string()
      skipSpace()
      guard try take(UInt8(ascii: ":")) else { throw error(.unexpectedByte) }
      skipSpace()
      members.append(JSONValue.Member(name: name, value: try value(depth: depth)))
      skipSpace()
      if try take(UInt8(ascii: "}")) { return members }
      guard try take(UInt8(ascii: ",")) else { throw error(.unexpectedByte) }
    }
  }

  private mutating func elements(depth: Int) throws(JSONError) -> [JSONValue] {
    guard depth <= JSONLimits.depth else { throw error(.tooDeep) }
    position += 1
    var elements: [JSONValue] = []
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

  private mutating func word(_ word: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
    for offset in 0..<word.utf8CodeUnitCount {
      guard let byte = peek() else { throw error(.truncated) }
      guard byte == word.utf8Start[offset] else { throw error(.unexpectedByte) }
      position += 1
    }
    return value
  }

  // MARK: Numbers

  private mutating func number() throws(JSONError) -> String {
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
    guard position - start <= JSONLimits.numberBytes else { throw badNumber(start) }
    return text(from: start, to: position)
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

  private mutating func string() throws(JSONError) -> String {
    let opening = position
    position += 1
    let start = position
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\""):
        defer { position += 1 }
        return text(from: start, to: position)
      case UInt8(ascii: "\\"):
        return try escapedString(start: start, opening: opening)
      case 0..<0x20:
        throw JSONError(reason: .controlCharacter, offset: opening)
      default:
        position += 1
      }
    }
    throw error(.truncated)
  }

  /// The rarer string that has escapes: copied piece by piece.
  private mutating func escapedString(start: Int, opening: Int) throws(JSONError) -> String {
    var characters = Array(bytes[start..<position])
    while position < bytes.count {
      let byte = bytes[position]
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        return String(decoding: characters, as: UTF8.self)
      case UInt8(ascii: "\\"):
        try escape(into: &characters)
      case 0..<0x20:
        throw JSONError(reason: .controlCharacter, offset: opening)
      default:
        characters.append(byte)
        position += 1
      }
    }
    throw error(.truncated)
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
    // The first half of a pair: the second must follow at once.
    guard (0xD800...0xDBFF).contains(unit) else { throw JSONError(reason: .loneSurrogate, offset: start) }
    guard position + 1 < bytes.count else { throw error(.truncated) }
    guard bytes[position] == UInt8(ascii: "\\"), bytes[position + 1] == UInt8(ascii: "u") else {
      throw JSONError(reason: .loneSurrogate, offset: start)
    }
    position += 2
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

  /// Whether the next byte is the one; it is passed if so.
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

  /// The bytes were checked to be UTF-8, and the places are borders of characters.
  private func text(from start: Int, to end: Int) -> String {
    String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<end]), as: UTF8.self)
  }

  private func error(_ reason: JSONError.Reason) -> JSONError {
    JSONError(reason: reason, offset: position)
  }
}
