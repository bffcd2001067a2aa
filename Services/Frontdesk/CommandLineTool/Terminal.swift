import Foundation
import UntrustedInput

/// The single place that writes to standard output and standard error.
///
/// Reasons, categories, names and texts come from outside. All output is made safe for a terminal, regardless of its author; only our own
/// styling, as a `TerminalText`, reaches the terminal unchanged.
package enum Terminal {
  /// Writes lines to standard output, unbuffered.
  package static func say(_ text: String) { say(TerminalText(text)) }

  /// Writes styled lines to standard output.
  package static func say(_ text: TerminalText) { draw(text + TerminalText("\n")) }

  /// Writes a JSON document and a line end; escaping keeps it equivalent.
  package static func say(json document: String) { write(VisibleText.json(document) + "\n", to: .standardOutput) }

  /// Writes a document for another program, such as CSV, which ends its own lines: escaped to a terminal, elsewhere unchanged.
  package static func say(document: String) {
    write(isInteractive ? VisibleText.block(document) : document, to: .standardOutput)
  }

  /// Writes a styled text to standard output, without a line end.
  package static func draw(_ text: TerminalText) { write(text.description, to: .standardOutput) }

  /// Writes lines to standard error.
  package static func complain(_ text: String) { complain(TerminalText(text) + TerminalText("\n")) }

  /// Writes a styled text to standard error, without a line end.
  package static func complain(_ text: TerminalText) { write(text.description, to: .standardError) }

  /// Whether standard output is a terminal.
  package static var isInteractive: Bool { isatty(STDOUT_FILENO) == 1 }

  /// Whether a person can be asked: both standard input and standard output are terminals.
  package static var canAsk: Bool { isatty(STDIN_FILENO) == 1 && isInteractive }

  /// Asks a question; any answer but yes means no.
  package static func confirm(_ question: String) -> Bool {
    draw(TerminalText("\(question) [y/N] "))
    return ["y", "yes"].contains(readLine()?.lowercased() ?? "")
  }

  private static func write(_ text: String, to handle: FileHandle) {
    handle.write(Data(text.utf8))
  }
}

/// Text for a terminal: content from outside has been escaped, the remaining escape codes are our own.
package struct TerminalText: Sendable, Equatable, CustomStringConvertible {
  /// The text that is written.
  package let description: String

  /// Escapes any text, keeping line feeds and tabs.
  package init(_ text: String) {
    description = VisibleText.block(text)
  }

  /// Accepts escape codes and text with no content from outside.
  package init(ours: String) {
    description = ours
  }

  /// Returns text in an ECMA-48 colour (SGR 30 to 97).
  package static func painted(_ text: String, colour: Int) -> TerminalText {
    TerminalText(ours: "\u{1B}[\(colour)m") + TerminalText(text) + TerminalText(ours: "\u{1B}[0m")
  }

  /// Moves the cursor home and clears the screen.
  package static let clearedScreen = TerminalText(ours: "\u{1B}[H\u{1B}[2J")

  package static func + (left: TerminalText, right: TerminalText) -> TerminalText {
    TerminalText(ours: left.description + right.description)
  }
}

extension Sequence<TerminalText> {
  /// Joins texts.
  package func joined(separator: String) -> TerminalText {
    TerminalText(ours: map(\.description).joined(separator: separator))
  }
}
