internal import Foundation
public import Logging
public import ServiceSettings
internal import SystemPrimitives
internal import UntrustedInput

/// The file of contact keys, watched while a service runs: a new key takes effect without a restart.
public final class ContactKeyFile: Sendable {
  private struct State {
    var keys: ContactKeys
    var stamp: Stamp
    var lookAgain: ContinuousClock.Instant
  }

  /// Identifies a version of the file.
  private struct Stamp: Equatable {
    var modified: Date?
    var bytes: Int?
  }

  /// For services that store or show contact data.
  public static let key = ConfigurationKey(
    "contact-keys", .string,
    help: "file of the keys that encrypt customers' contact data; without it, contact data is not accepted")

  /// The interval between two checks of the file.
  private static let pause: Duration = .seconds(1)

  private let path: String
  private let logger: Logger?
  private let state: PthreadMutex<State>

  /// - Throws: `ConfigurationError` when the file cannot be read or contains no keys.
  public init(path: String, logger: Logger? = nil) throws(ConfigurationError) {
    self.path = path
    self.logger = logger
    let stamp = Self.stamp(path)
    guard let bytes = FileManager.default.contents(atPath: path) else {
      throw Self.mistake(path, "cannot be read", "specify a file that this user can read")
    }
    let keys: ContactKeys
    do throws(ContactKeyMistake) {
      keys = try Self.keys(bytes)
    } catch {
      throw Self.mistake(path, "line \(error.line) \(error.problem)", error.remedy)
    }
    state = PthreadMutex(State(keys: keys, stamp: stamp, lookAgain: .now + Self.pause))
  }

  /// Returns the configured file; nil if none is configured.
  public static func configured(_ configuration: ServiceConfiguration, logger: Logger) throws(ConfigurationError)
    -> ContactKeyFile?
  {
    guard let path = configuration.optionalString(key.name) else { return nil }
    return try ContactKeyFile(path: path, logger: logger)
  }

  /// Returns the current keys. A file that has become unreadable changes nothing, so that an editing mistake does not stop the desk.
  public var current: ContactKeys {
    state.withLock { state in
      guard ContinuousClock.now >= state.lookAgain else { return state.keys }
      state.lookAgain = .now + Self.pause
      let stamp = Self.stamp(path)
      guard stamp != state.stamp else { return state.keys }
      state.stamp = stamp
      do {
        guard let bytes = FileManager.default.contents(atPath: path) else {
          throw ContactKeyMistake(line: 1, problem: "cannot be read", remedy: "let this user read it")
        }
        state.keys = try Self.keys(bytes)
        logger?.info("contact keys reloaded", metadata: ["sealing": "\(state.keys.sealing)"])
      } catch {
        logger?.error("the new contact keys cannot be used; keeping the previous ones", metadata: ["error": "\(error)"])
      }
      return state.keys
    }
  }

  private static func keys(_ bytes: Data) throws(ContactKeyMistake) -> ContactKeys {
    let text: String
    do {
      text = try UTF8Text.read(bytes)
    } catch {
      throw ContactKeyMistake(line: error.line, problem: "is not UTF-8", remedy: UTF8Text.Mistake.remedy)
    }
    return try ContactKeys(text: text)
  }

  private static func stamp(_ path: String) -> Stamp {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    return Stamp(modified: attributes?[.modificationDate] as? Date, bytes: attributes?[.size] as? Int)
  }

  private static func mistake(_ path: String, _ problem: String, _ remedy: String) -> ConfigurationError {
    ConfigurationError(mistakes: [.init(place: key.flag, value: path, problem: problem, remedy: remedy)])
  }
}
