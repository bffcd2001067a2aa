import UntrustedInput

/// A plain-text table with aligned columns; Chinese characters count as two columns.
package struct TextTable: Sendable {
  package enum Alignment: Sendable { case left, right }

  let columns: [(title: String, alignment: Alignment)]
  package private(set) var rows: [[String]] = []

  package init(_ columns: [(title: String, alignment: Alignment)]) {
    self.columns = columns
  }

  /// Adds a row; missing cells stay empty, and surplus cells are dropped. Cell contents are escaped and kept on one line, so that the
  /// widths match what is displayed.
  package mutating func add(_ cells: [String]) {
    let missing = max(0, columns.count - cells.count)
    let shown = cells.prefix(columns.count).map { VisibleText.line($0) }
    rows.append(shown + Array(repeating: "", count: missing))
  }

  /// The lines, each indented by two spaces and without trailing blanks.
  package var text: String {
    let widths = columns.indices.map { column in
      max(TextWidth.of(columns[column].title), rows.map { TextWidth.of($0[column]) }.max() ?? 0)
    }
    return ([columns.map(\.title)] + rows).map { line($0, widths) }.joined(separator: "\n")
  }

  private func line(_ cells: [String], _ widths: [Int]) -> String {
    var text = " "
    for (column, cell) in cells.enumerated() {
      let padding = String(repeating: " ", count: widths[column] - TextWidth.of(cell))
      text += " " + (columns[column].alignment == .right ? padding + cell : cell + padding) + " "
    }
    while text.last == " " { text.removeLast() }
    return text
  }
}

/// The number of terminal columns of a text.
enum TextWidth {
  static func of(_ text: String) -> Int {
    text.reduce(0) { $0 + of($1) }
  }

  /// Returns 0, 1 or 2, by the widest scalar of the character: combining marks have no width.
  static func of(_ character: Character) -> Int {
    character.unicodeScalars.map(of).max() ?? 0
  }

  private static func of(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control: return 0
    default: return isWide(scalar.value) ? 2 : 1
    }
  }

  /// The blocks that Unicode's East Asian Width (UAX #11) calls wide or full width, taken whole.
  private static func isWide(_ value: UInt32) -> Bool {
    switch value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0xA4CF, 0xAC00...0xD7A3,
      0xF900...0xFAFF, 0xFE30...0xFE4F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF,
      0x1F900...0x1F9FF, 0x20000...0x3FFFD:
      true
    default: false
    }
  }
}
