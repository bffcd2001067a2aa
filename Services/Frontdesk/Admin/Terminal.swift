import Foundation
import ServiceKit

/// What people see: the one exit to standard output and standard error.
///
/// Reasons, categories, names and texts come from outside. Whatever is said here is harmless for a terminal, whoever wrote it; only styling
/// of our own, as a `TerminalText`, reaches the terminal as it is.
enum Terminal {
  /// Writes lines to standard output, at once.
  static func say(_ text: String) { say(TerminalText(text)) }

  /// Writes styled lines to standard output.
  static func say(_ text: TerminalText) { draw(text + TerminalText("\n")) }

  /// Writes a JSON document and a line end; it stays the same document.
  static func say(json document: String) { write(VisibleText.json(document) + "\n", to: .standardOutput) }

  /// Writes a document for another program, such as CSV, which has its own end of line: to a terminal like any text, elsewhere as it is.
  static func say(document: String) {
    write(isInteractive ? VisibleText.block(document) : document, to: .standardOutput)
  }

  /// Writes a styled text to standard output, without a line end.
  static func draw(_ text: TerminalText) { write(text.description, to: .standardOutput) }

  /// Writes lines to standard error.
  static func complain(_ text: String) { complain(TerminalText(text) + TerminalText("\n")) }

  /// Writes a styled text to standard error, without a line end.
  static func complain(_ text: TerminalText) { write(text.description, to: .standardError) }

  /// Whether standard output is a terminal.
  static var isInteractive: Bool { isatty(STDOUT_FILENO) == 1 }

  /// Whether a person can be asked: both standard input and standard output are terminals.
  static var canAsk: Bool { isatty(STDIN_FILENO) == 1 && isInteractive }

  /// Asks a question; everything but yes means no.
  static func confirm(_ question: String) -> Bool {
    draw(TerminalText("\(question) [y/N] "))
    return ["y", "yes"].contains(readLine()?.lowercased() ?? "")
  }

  private static func write(_ text: String, to handle: FileHandle) {
    handle.write(Data(text.utf8))
  }
}

/// Text on its way to a terminal: what came from outside has been made harmless, what is left of escape codes is ours.
struct TerminalText: Sendable, Equatable, CustomStringConvertible {
  /// What is written.
  let description: String

  /// Takes any text; line feeds and tabs stay.
  init(_ text: String) {
    description = VisibleText.block(text)
  }

  /// Takes escape codes, and text of which nothing comes from outside.
  init(ours: String) {
    description = ours
  }

  /// A text in a colour of ECMA-48 (SGR 30 to 97).
  static func painted(_ text: String, colour: Int) -> TerminalText {
    TerminalText(ours: "\u{1B}[\(colour)m") + TerminalText(text) + TerminalText(ours: "\u{1B}[0m")
  }

  /// Goes to the first corner and clears the screen.
  static let clearedScreen = TerminalText(ours: "\u{1B}[H\u{1B}[2J")

  static func + (left: TerminalText, right: TerminalText) -> TerminalText {
    TerminalText(ours: left.description + right.description)
  }
}

extension Sequence<TerminalText> {
  /// One text of many.
  func joined(separator: String) -> TerminalText {
    TerminalText(ours: map(\.description).joined(separator: separator))
  }
}
