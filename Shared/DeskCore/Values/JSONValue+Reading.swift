extension JSONValue {
  /// Parses JSON. Numbers with a fraction or an exponent become `number`, others `integer`.
  /// - Returns: nil when the text is not JSON, or nested deeper than the desk ever writes.
  public init?(json: String) {
    var reader = JSONValueReader(Array(json.utf8))
    guard let value = reader.document() else { return nil }
    self = value
  }

  /// A member of an object; nil when it is missing or null.
  public subscript(_ name: String) -> JSONValue? {
    guard case .object(let fields) = self, let value = fields.first(where: { $0.name.hasSameBytes(as: name) })?.value,
      value != .null
    else { return nil }
    return value
  }

  /// The text, if it is one.
  public var text: String? { if case .text(let text) = self { text } else { nil } }

  /// The whole number, if it is one.
  public var integer: Int64? { if case .integer(let integer) = self { integer } else { nil } }

  /// The number, whole or not.
  public var number: Double? {
    switch self {
    case .number(let number): number
    case .integer(let integer): Double(integer)
    default: nil
    }
  }

  /// The flag, if it is one.
  public var flag: Bool? { if case .flag(let flag) = self { flag } else { nil } }

  /// The elements, if it is a list.
  public var list: [JSONValue]? { if case .list(let list) = self { list } else { nil } }

  /// The same value with the members of every object sorted by name: PostgreSQL does not keep any other order, so this form is compared.
  public var canonical: JSONValue {
    switch self {
    case .object(let fields):
      .object(fields.map { Field($0.name, $0.value.canonical) }.sorted { $0.name.precedesByBytes($1.name) })
    case .list(let values): .list(values.map(\.canonical))
    default: self
    }
  }
}

/// Parses the JSON that the desk writes: RFC 8259, at most `depthLimit` levels.
private struct JSONValueReader {
  private static let depthLimit = 64
  private let bytes: [UInt8]
  private var place = 0

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  mutating func document() -> JSONValue? {
    guard let value = value(depth: 0) else { return nil }
    skipSpace()
    return place == bytes.count ? value : nil
  }

  private var current: UInt8? { place < bytes.count ? bytes[place] : nil }

  private mutating func skipSpace() {
    while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { place += 1 }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    skipSpace()
    guard current == byte else { return false }
    place += 1
    return true
  }

  private mutating func take(word: StaticString) -> Bool {
    let text = Array("\(word)".utf8)
    guard place + text.count <= bytes.count, bytes[place..<place + text.count].elementsEqual(text) else { return false }
    place += text.count
    return true
  }

  private mutating func value(depth: Int) -> JSONValue? {
    guard depth < Self.depthLimit else { return nil }
    skipSpace()
    switch current {
    case UInt8(ascii: "{"): return object(depth: depth)
    case UInt8(ascii: "["): return list(depth: depth)
    case UInt8(ascii: "\""): return string().map { .text($0) }
    case UInt8(ascii: "t"): return take(word: "true") ? .flag(true) : nil
    case UInt8(ascii: "f"): return take(word: "false") ? .flag(false) : nil
    case UInt8(ascii: "n"): return take(word: "null") ? .null : nil
    default: return number()
    }
  }

  private mutating func object(depth: Int) -> JSONValue? {
    guard take(UInt8(ascii: "{")) else { return nil }
    if take(UInt8(ascii: "}")) { return .object([]) }
    var fields: [JSONValue.Field] = []
    repeat {
      skipSpace()
      guard let name = string(), take(UInt8(ascii: ":")), let value = value(depth: depth + 1) else { return nil }
      fields.append(.init(name, value))
    } while take(UInt8(ascii: ","))
    return take(UInt8(ascii: "}")) ? .object(fields) : nil
  }

  private mutating func list(depth: Int) -> JSONValue? {
    guard take(UInt8(ascii: "[")) else { return nil }
    if take(UInt8(ascii: "]")) { return .list([]) }
    var values: [JSONValue] = []
    repeat {
      guard let value = value(depth: depth + 1) else { return nil }
      values.append(value)
    } while take(UInt8(ascii: ","))
    return take(UInt8(ascii: "]")) ? .list(values) : nil
  }

  private mutating func number() -> JSONValue? {
    let start = place
    var isWhole = true
    while let byte = current {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): break
      case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "+"): isWhole = false
      default: return finished(start, isWhole)
      }
      place += 1
    }
    return finished(start, isWhole)
  }

  private func finished(_ start: Int, _ isWhole: Bool) -> JSONValue? {
    let text = String(decoding: bytes[start..<place], as: UTF8.self)
    if isWhole, let integer = Int64(text) { return .integer(integer) }
    return Double(text).map { .number($0) }
  }

  private mutating func string() -> String? {
    guard take(UInt8(ascii: "\"")) else { return nil }
    var text: [UInt8] = []
    while let byte = current {
      place += 1
      switch byte {
      case UInt8(ascii: "\""): return String(validating: text, as: UTF8.self)
      case UInt8(ascii: "\\"):
        guard let scalar = escaped() else { return nil }
        text += String(Character(scalar)).utf8
      case 0..<0x20: return nil
      default: text.append(byte)
      }
    }
    return nil
  }

  private mutating func escaped() -> Unicode.Scalar? {
    guard let byte = current else { return nil }
    place += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "u"):
      guard let unit = unit() else { return nil }
      guard (0xD800..<0xDC00).contains(unit) else { return Unicode.Scalar(unit) }
      guard take(word: "\\u"), let low = self.unit(), (0xDC00..<0xE000).contains(low) else { return nil }
      return Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
    default: return nil
    }
  }

  private mutating func unit() -> UInt32? {
    guard place + 4 <= bytes.count else { return nil }
    let digits = bytes[place..<place + 4]
    place += 4
    return UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
  }
}
