internal import Foundation
public import Logging
public import ServiceSettings
internal import UntrustedInput

/// Where a process has its word keys from: a file, which is watched, or a command that prints one at the start, such as the client of a
/// key-management service.
public struct WordKeySource: Sendable {
  /// The file. Every process that reads what people wrote needs it.
  public static let file = ConfigurationKey(
    "word-keys",
    help: "file of the keys that encrypt what people write; without it, words are stored as they are")

  /// The command.
  public static let command = ConfigurationKey(
    "word-keys-command", isSecret: true,
    help: "shell command that prints that file at the start, for keys in a key-management service")

  /// The settings of every service.
  public static let settings = [file, command]

  /// The cipher that the process uses.
  public let vault: WordVault
  private let watched: KeyFile<WordKeys>?

  /// A source of keys that do not change.
  public init(vault: WordVault) {
    self.init(vault: vault, watched: nil)
  }

  private init(vault: WordVault, watched: KeyFile<WordKeys>?) {
    self.vault = vault
    self.watched = watched
  }

  /// Reads the keys.
  /// - Parameters:
  ///   - flag: how the file was named; nil for the setting's own.
  ///   - pause: between two checks of the file.
  /// - Returns: nil when neither is named.
  /// - Throws: `ConfigurationError` when they cannot be read.
  public static func read(
    file path: String?, flag: String? = nil, command text: String?, pause: Duration = SealingBounds.fileCheckPause,
    logger: Logger? = nil
  ) async throws(ConfigurationError) -> WordKeySource? {
    switch (path, text) {
    case (nil, nil): return nil
    case (_?, _?):
      throw mistake("is set together with \(file.flag)", "set one of them")
    case (let path?, nil):
      let watched = try KeyFile(
        path: path, setting: file, flag: flag, subject: "word keys", pause: pause, logger: logger
      ) {
        text throws(KeyMistake) in try WordKeys(text: text)
      }
      return WordKeySource(vault: WordVault(watched.current), watched: watched)
    case (nil, let text?):
      let output: [UInt8]
      do throws(KeyCommand.Failure) {
        output = try await KeyCommand(text).output()
      } catch {
        throw mistake(
          error.description, "run it by hand as the service's user; it must print a key file and exit with 0")
      }
      do {
        return WordKeySource(vault: WordVault(try WordKeys(text: try UTF8Text.read(output))), watched: nil)
      } catch let error as KeyMistake {
        throw mistake("prints what is no key file: line \(error.line) \(error.problem)", error.remedy)
      } catch {
        throw mistake("prints what is no key file: it is not UTF-8", "let it print the lines and nothing else")
      }
    }
  }

  /// The keys of the file, if they have changed since they were adopted.
  public var changed: WordKeys? {
    guard let keys = watched?.current, keys != vault.keys else { return nil }
    return keys
  }

  /// Why the file cannot be used as it is now; nil if it can, or there is none.
  public var mistake: KeyMistake? { watched?.mistake }

  private static func mistake(_ problem: String, _ remedy: String) -> ConfigurationError {
    ConfigurationError(mistakes: [.init(place: command.flag, problem: problem, remedy: remedy)])
  }
}
