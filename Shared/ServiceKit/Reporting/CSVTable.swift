/// A table for spreadsheets, after RFC 4180: lines end in CR and LF, the first one names the columns. It begins with a byte-order mark,
/// without which spreadsheets take UTF-8 for the encoding of their country.
///
/// All is decided by Unicode scalars, not by characters: in a cell of `,` and U+0301 the comma separates all the same.
public struct CSVTable: Sendable {
  /// The whole table, the mark at its head.
  public private(set) var text: String

  /// A table without rows yet.
  public init(columns: [String]) {
    text = "\u{FEFF}" + Self.line(columns)
  }

  /// Adds a row, with a field for each column.
  public mutating func add(_ fields: [String]) {
    text += Self.line(fields)
  }

  private static func line(_ fields: [String]) -> String {
    fields.map(field).joined(separator: ",") + "\r\n"
  }

  /// Some words come from outside: what a spreadsheet would run as a formula gets an apostrophe in front.
  private static func field(_ text: String) -> String {
    let safe = isFormula(text) ? "'" + text : text
    guard safe.unicodeScalars.contains(where: needsQuotes) else { return safe }
    var quoted = "\""
    for scalar in safe.unicodeScalars {
      if scalar == "\"" { quoted += "\"" }
      quoted.unicodeScalars.append(scalar)
    }
    return quoted + "\""
  }

  /// Looks behind what spreadsheets drop or do not show. The wide forms begin a formula where the input method is Chinese or Japanese; a
  /// tab or a line end in front does in some.
  private static func isFormula(_ text: String) -> Bool {
    for scalar in text.unicodeScalars {
      switch scalar {
      case "=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n": return true
      default: if !isPassedOver(scalar) { return false }
      }
    }
    return false
  }

  private static func isPassedOver(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isWhitespace || scalar.properties.isDefaultIgnorableCodePoint
      || [.control, .format].contains(scalar.properties.generalCategory)
  }

  /// The separators and line ends of RFC 4180, and those by which programs guess at other dialects.
  private static func needsQuotes(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "\"", ",", ";", "\t", "\n", "\r", "\u{B}", "\u{C}", "\u{85}", "\u{2028}", "\u{2029}": true
    default: false
    }
  }
}
