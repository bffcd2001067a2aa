/// JSON in the making, without white space: values are appended as bytes, so that what is written often needs no `JSONValue`.
struct JSONText {
  private var bytes: [UInt8] = []

  init() { bytes.reserveCapacity(512) }

  /// The text so far.
  var string: String { String(decoding: bytes, as: UTF8.self) }

  /// Appends a value.
  mutating func write(_ value: JSONValue) {
    switch value {
    case .text(let text): write(text)
    case .integer(let integer): write(integer)
    case .number(let number): write(number)
    case .flag(let flag): write(flag)
    case .null: writeNull()
    case .list(let values): write(list: values) { $0.write($1) }
    case .object(let fields):
      begin("{")
      for field in fields {
        name(field.name)
        write(field.value)
      }
      end("}")
    }
  }

  /// Appends a quoted text.
  ///
  /// Bytes from 0x20 on, except quote and backslash, need no escape: nearly all do not, so they are copied without inspecting the
  /// characters.
  mutating func write(_ text: String) {
    var text = text
    bytes.append(UInt8(ascii: "\""))
    text.withUTF8 { utf8 in
      var begin = 0
      for position in utf8.indices where utf8[position] < 0x20 || utf8[position] == 0x22 || utf8[position] == 0x5C {
        bytes.append(contentsOf: utf8[begin..<position])
        bytes += JSONText.escape(of: utf8[position]).utf8
        begin = position + 1
      }
      bytes.append(contentsOf: utf8[begin...])
    }
    bytes.append(UInt8(ascii: "\""))
  }

  mutating func write(_ integer: Int64) { bytes += String(integer).utf8 }

  /// Appends a number; what JSON cannot express is null.
  mutating func write(_ number: Double) { bytes += (number.isFinite ? String(number) : "null").utf8 }

  mutating func write(_ flag: Bool) { bytes += (flag ? "true" : "false").utf8 }

  mutating func writeNull() { bytes += "null".utf8 }

  /// Appends a list.
  mutating func write<Element>(list: [Element], _ element: (inout JSONText, Element) -> Void) {
    begin("[")
    for value in list {
      separate()
      element(&self, value)
    }
    end("]")
  }

  // MARK: Parts

  /// Begins an object or a list.
  mutating func begin(_ bracket: Unicode.Scalar) { bytes.append(UInt8(ascii: bracket)) }

  /// Ends it.
  mutating func end(_ bracket: Unicode.Scalar) { bytes.append(UInt8(ascii: bracket)) }

  /// Appends the name of an object's next member.
  mutating func name(_ name: String) {
    separate()
    write(name)
    bytes.append(UInt8(ascii: ":"))
  }

  /// Separates from the value before. No value ends with an opening bracket.
  private mutating func separate() {
    switch bytes.last {
    case UInt8(ascii: "{"), UInt8(ascii: "["): break
    default: bytes.append(UInt8(ascii: ","))
    }
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
