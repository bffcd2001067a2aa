/// A structured detail of a timeline entry: the inputs and the reasons of a decision.
///
/// It renders to JSON with keys in the given order, so that the same decision always gives the same text and can be compared bit by bit
/// when it is replayed. Two details are equal when their texts are: names and texts are compared by their bytes.
public enum JSONValue: Hashable, Sendable {
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
    var text = JSONText()
    text.write(self)
    return text.string
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
