import Foundation
package import Sealing
import ServiceSettings
import Store

/// Where a command has the word keys from.
package enum WordKeyPlace: Sendable {
  /// A file, and the option that named it, if one did.
  case file(String, flag: String?)
  /// FRONTDESK_WORD_KEYS or FRONTDESK_WORD_KEYS_COMMAND, if one is set.
  case environment

  /// The keys; nil if there are none.
  /// - Throws: `CommandFailure` if they cannot be read.
  package func vault() async throws -> WordVault? {
    do throws(ConfigurationError) {
      switch self {
      case .file(let path, let flag):
        return try await WordKeySource.read(file: path, flag: flag, command: nil)?.vault
      case .environment:
        return try await WordKeySource.read(
          file: Self.setting(WordKeySource.file), command: Self.setting(WordKeySource.command))?.vault
      }
    } catch {
      throw CommandFailure("\(error)", status: .wrongCall)
    }
  }

  /// The same for a command that may need no words: where they cannot be read, the first text that needs them is the error.
  func cipher() async -> (any WordCipher)? {
    do {
      return try await vault()
    } catch {
      return UnusableWordKeys(problem: "\(error)")
    }
  }

  private static func setting(_ key: ConfigurationKey) -> String? {
    ProcessInfo.processInfo.environment[key.environmentName].flatMap { $0.isEmpty ? nil : $0 }
  }
}

/// Word keys that cannot be read: they encrypt and decrypt nothing, and nothing is stored as it is instead.
struct UnusableWordKeys: WordCipher {
  let problem: String

  var sealingKey: String? { "unusable" }

  func seal(_: String, at _: String) throws(WordSealError) -> (key: String, box: String)? {
    throw .unusableKeys(problem)
  }

  func open(_: String, under _: String, at _: String) throws(WordSealError) -> String {
    throw .unusableKeys(problem)
  }
}
