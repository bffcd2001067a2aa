import ArgumentParser
import CommandLineTool
import Sealing

/// Prints a new line for a key file, of word keys or of contact keys.
struct FreshKey: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "key", abstract: "Print a line with a new key for the key file.")

  @Option(help: "The key's name, for example the month it was created in.")
  var name: String

  func validate() throws {
    guard KeyRing.mayBeNamed(name), name != WordKeys.pause else {
      throw ValidationError(
        "--name '\(name)' is not allowed in a key file; use at most 40 characters of plain ASCII without spaces, not the word \(WordKeys.pause)"
      )
    }
  }

  func run() { Terminal.say(KeyRing.freshLine(name: name)) }
}
