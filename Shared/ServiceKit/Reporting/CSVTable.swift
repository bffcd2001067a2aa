/// A table for spreadsheets, after RFC 4180: lines end in CR and LF, the first one names the columns.
public struct CSVTable: Sendable {
  /// The whole table.
  public private(set) var text: String

  /// A table without rows yet.
  public init(columns: [String]) {
    text = Self.line(columns)
  }

  /// Adds a row, with a field for each column.
  public mutating func add(_ fields: [String]) {
    text += Self.line(fields)
  }

  private static func line(_ fields: [String]) -> String {
    fields.map(field).joined(separator: ",") + "\r\n"
  }

  /// Some words come from outside: what begins like a formula is told apart from one, so that a spreadsheet does not run it.
  private static func field(_ text: String) -> String {
    let isFormula = text.first.map { "=+-@\t\r".contains($0) } ?? false
    let safe = isFormula ? "'" + text : text
    guard safe.contains(where: { $0 == "\"" || $0 == "," || $0.isNewline }) else { return safe }
    return "\"" + safe.replacing("\"", with: "\"\"") + "\""
  }
}
