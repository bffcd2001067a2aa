/// Makes text harmless for a terminal: characters that would control it, or change the reading order, are shown as `\u{1B}`.
///
/// Affected are the control characters C0, DEL and C1, the bidirectional controls (Unicode's property Bidi_Control: marks, embeddings,
/// overrides, isolates) and the separators U+2028 and U+2029. Everything else is unchanged, including joiners of scripts and emoji.
public enum VisibleText {
  /// Escapes a text of several lines: line feeds and tabs stay.
  public static func block(_ text: String) -> String { shown(text, keeping: { $0 == "\n" || $0 == "\t" }) }

  /// Escapes a text that must stay on one line, such as a table cell: line feeds and tabs are escaped too.
  public static func line(_ text: String) -> String { shown(text, keeping: { _ in false }) }

  /// Returns a JSON document with the same meaning: such characters can occur only in strings, where they are written as `\u001b`.
  public static func json(_ document: String) -> String {
    guard mayHoldControls(document) else { return document }
    var result = ""
    for scalar in document.unicodeScalars {
      if isControl(scalar), scalar != "\n", scalar != "\t", scalar != "\r" {
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  private static func shown(_ text: String, keeping isKept: (Unicode.Scalar) -> Bool) -> String {
    guard mayHoldControls(text) else { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      if isControl(scalar), !isKept(scalar) {
        result += "\\u{" + String(scalar.value, radix: 16, uppercase: true) + "}"
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// A quick check of the bytes: all affected controls begin with one of these.
  private static func mayHoldControls(_ text: String) -> Bool {
    text.utf8.contains { $0 < 0x20 || $0 == 0x7F || $0 == 0xC2 || $0 == 0xD8 || $0 == 0xE2 }
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case ..<0x20, 0x7F...0x9F, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
    default: false
    }
  }
}
