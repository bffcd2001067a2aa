/// A structured remark in the timeline: what a decision looked at and why it came out so.
///
/// It renders to JSON with keys in the order given, so that the same decision always gives the same text and can be
/// compared bit by bit when it is replayed.
public indirect enum Detail: Hashable, Sendable {
  case text(String)
  case integer(Int64)
  case number(Double)
  case flag(Bool)
  case list([Detail])
  case object([Field])
  case null

  /// One named value of an object.
  public struct Field: Hashable, Sendable {
    /// The JSON name.
    public let name: String
    /// The value under that name.
    public let value: Detail

    /// Names a value.
    public init(_ name: String, _ value: Detail) {
      self.name = name
      self.value = value
    }
  }

  /// The JSON text, without white space.
  public var json: String {
    var text = ""
    write(to: &text)
    return text
  }

  private func write(to text: inout String) {
    switch self {
    case .text(let value): Detail.quote(value, to: &text)
    case .integer(let value): text += String(value)
    case .number(let value): text += value.isFinite ? String(value) : "null"
    case .flag(let value): text += value ? "true" : "false"
    case .null: text += "null"
    case .list(let values):
      text += "["
      for (position, value) in values.enumerated() {
        if position > 0 { text += "," }
        value.write(to: &text)
      }
      text += "]"
    case .object(let fields):
      text += "{"
      for (position, field) in fields.enumerated() {
        if position > 0 { text += "," }
        Detail.quote(field.name, to: &text)
        text += ":"
        field.value.write(to: &text)
      }
      text += "}"
    }
  }

  private static func quote(_ value: String, to text: inout String) {
    text += "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\0":
        // PostgreSQL's jsonb has no NUL; the replacement character keeps the text storable.
        text += "\u{FFFD}"
      case let control where control.value < 0x20:
        let digits = String(control.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}

extension Detail: ExpressibleByStringLiteral {
  public init(stringLiteral value: String) {
    self = .text(value)
  }
}
