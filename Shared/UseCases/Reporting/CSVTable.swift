/// A CSV table for spreadsheets (RFC 4180): lines end in CR LF, the first one names the columns. It begins with a byte-order mark,
/// without which spreadsheets take UTF-8 for their regional encoding.
///
/// Works on Unicode scalars, not characters: in a cell of `,` and U+0301 the comma still separates.
public struct CSVTable: Sendable {
  /// The whole table, starting with the byte-order mark.
  public private(set) var text: String

  /// A table without rows yet.
  public init(columns: [String]) {
    text = "\u{FEFF}" + Self.line(columns)
  }

  /// Adds a row, with a field for each column.
  public mutating func add(_ fields: [String]) {
    text += Self.line(fields)
  }

  /// Adds a row, with a field for each column.
  /// - Parameter numbers: the positions of fields that are numbers of ours, which may be negative and are not guarded as formulas.
  mutating func add(_ fields: [String], numbers: Set<Int>) {
    text += fields.enumerated().map { numbers.contains($0) ? $1 : Self.field($1) }.joined(separator: ",") + "\r\n"
  }

  private static func line(_ fields: [String]) -> String {
    fields.map(field).joined(separator: ",") + "\r\n"
  }

  /// Some texts come from outside: those that a spreadsheet would run as a formula are prefixed with an apostrophe.
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

  /// Skips characters that spreadsheets drop or do not show. Full-width forms begin a formula with Chinese or Japanese input methods; a
  /// leading tab or line break does in some programs.
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

  /// The separators and line breaks of RFC 4180, and those by which programs guess other dialects.
  private static func needsQuotes(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "\"", ",", ";", "\t", "\n", "\r", "\u{B}", "\u{C}", "\u{85}", "\u{2028}", "\u{2029}": true
    default: false
    }
  }
}
