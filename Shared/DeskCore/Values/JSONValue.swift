/// A structured detail of a timeline entry: the inputs and the reasons of a decision.
///
/// It renders to JSON with keys in the given order, so that the same decision always gives the same text and can be compared bit by bit
/// when it is replayed. Two details are equal when their texts are: names and texts are compared by their bytes.
public indirect enum JSONValue: Hashable, Sendable {
  case text(String)
  case integer(Int64)
  case number(Double)
  case flag(Bool)
  case list([JSONValue])
  case object([Field])
  case null

  /// One named value of an object.
  public struct Field: Sendable {
    /// The JSON name.
    public let name: String
    /// The value under that name.
    public let value: JSONValue

    /// Creates a named value.
    public init(_ name: String, _ value: JSONValue) {
      self.name = name
      self.value = value
    }
  }

  /// The JSON text, without white space.
  public var json: String {
    var text: [UInt8] = []
    text.reserveCapacity(512)
    write(to: &text)
    return String(decoding: text, as: UTF8.self)
  }

  private func write(to text: inout [UInt8]) {
    switch self {
    case .text(let value): JSONValue.quote(value, to: &text)
    case .integer(let value): text += String(value).utf8
    case .number(let value): text += (value.isFinite ? String(value) : "null").utf8
    case .flag(let value): text += (value ? "true" : "false").utf8
    case .null: text += "null".utf8
    case .list(let values):
      text.append(UInt8(ascii: "["))
      for (position, value) in values.enumerated() {
        if position > 0 { text.append(UInt8(ascii: ",")) }
        value.write(to: &text)
      }
      text.append(UInt8(ascii: "]"))
    case .object(let fields):
      text.append(UInt8(ascii: "{"))
      for (position, field) in fields.enumerated() {
        if position > 0 { text.append(UInt8(ascii: ",")) }
        JSONValue.quote(field.name, to: &text)
        text.append(UInt8(ascii: ":"))
        field.value.write(to: &text)
      }
      text.append(UInt8(ascii: "}"))
    }
  }

  /// Bytes from 0x20 on, except quote and backslash, need no escape: nearly all do not, so they are copied without inspecting the
  /// characters.
  private static func quote(_ value: String, to text: inout [UInt8]) {
    var value = value
    text.append(UInt8(ascii: "\""))
    value.withUTF8 { bytes in
      var begin = 0
      for position in bytes.indices where bytes[position] < 0x20 || bytes[position] == 0x22 || bytes[position] == 0x5C {
        text.append(contentsOf: bytes[begin..<position])
        text += escape(of: bytes[position]).utf8
        begin = position + 1
      }
      text.append(contentsOf: bytes[begin...])
    }
    text.append(UInt8(ascii: "\""))
  }

  private static func escape(of byte: UInt8) -> String {
    switch byte {
    case UInt8(ascii: "\""): return "\\\""
    case UInt8(ascii: "\\"): return "\\\\"
    case UInt8(ascii: "\n"): return "\\n"
    case UInt8(ascii: "\r"): return "\\r"
    case UInt8(ascii: "\t"): return "\\t"
    // PostgreSQL's jsonb has no NUL; the replacement character keeps the text storable.
    case 0: return "\u{FFFD}"
    default:
      let digits = String(byte, radix: 16)
      return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
  }
}

extension JSONValue {
  public static func == (left: Self, right: Self) -> Bool {
    switch (left, right) {
    case (.text(let one), .text(let other)): one.hasSameBytes(as: other)
    case (.integer(let one), .integer(let other)): one == other
    case (.number(let one), .number(let other)): one == other
    case (.flag(let one), .flag(let other)): one == other
    case (.list(let one), .list(let other)): one == other
    case (.object(let one), .object(let other)): one == other
    case (.null, .null): true
    default: false
    }
  }

  public func hash(into hasher: inout Hasher) {
    switch self {
    case .text(let value): value.hashBytes(into: &hasher)
    case .integer(let value): hasher.combine(value)
    case .number(let value): hasher.combine(value)
    case .flag(let value): hasher.combine(value)
    case .list(let values): hasher.combine(values)
    case .object(let fields): hasher.combine(fields)
    case .null: break
    }
  }
}

extension JSONValue.Field: Hashable {
  public static func == (left: Self, right: Self) -> Bool {
    left.name.hasSameBytes(as: right.name) && left.value == right.value
  }

  public func hash(into hasher: inout Hasher) {
    name.hashBytes(into: &hasher)
    hasher.combine(value)
  }
}

extension JSONValue: ExpressibleByStringLiteral {
  public init(stringLiteral value: String) {
    self = .text(value)
  }
}

extension JSONValue: Encodable {
  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .object(let fields):
      var container = encoder.container(keyedBy: MemberName.self)
      for field in fields { try container.encode(field.value, forKey: MemberName(stringValue: field.name)) }
    case .list(let values):
      var container = encoder.unkeyedContainer()
      for value in values { try container.encode(value) }
    default:
      var container = encoder.singleValueContainer()
      switch self {
      case .text(let value): try container.encode(value)
      case .integer(let value): try container.encode(value)
      case .number(let value): try container.encode(value)
      case .flag(let value): try container.encode(value)
      default: try container.encodeNil()
      }
    }
  }

  /// The name of an object's member, for encoders.
  private struct MemberName: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { return nil }
  }
}
