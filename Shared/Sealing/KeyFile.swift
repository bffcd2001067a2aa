internal import Foundation
public import Logging
public import ServiceSettings
internal import SystemPrimitives
internal import UntrustedInput

/// A file of keys, watched while a service runs: a new key takes effect without a restart.
public final class KeyFile<Keys: Sendable>: Sendable {
  private struct State {
    var keys: Keys
    var stamp: Stamp
    var lookAgain: ContinuousClock.Instant
  }

  /// Identifies a version of the file.
  private struct Stamp: Equatable {
    var modified: Date?
    var bytes: Int?
  }

  private let path: String
  private let subject: String
  private let pause: Duration
  private let logger: Logger?
  private let read: @Sendable (String) throws(KeyMistake) -> Keys
  private let state: PthreadMutex<State>

  /// - Parameters:
  ///   - setting: names the file in errors.
  ///   - subject: names the keys in the log, such as `contact keys`.
  ///   - pause: between two checks of the file.
  ///   - read: reads the text of the file.
  /// - Throws: `ConfigurationError` when the file cannot be read or contains no keys.
  public init(
    path: String, setting: ConfigurationKey, subject: String, pause: Duration = SealingBounds.fileCheckPause,
    logger: Logger?,
    read: @escaping @Sendable (String) throws(KeyMistake) -> Keys
  ) throws(ConfigurationError) {
    self.path = path
    self.subject = subject
    self.pause = pause
    self.logger = logger
    self.read = read
    let stamp = Self.stamp(path)
    guard let bytes = FileManager.default.contents(atPath: path) else {
      throw Self.mistake(path, setting, "cannot be read", "specify a file that this user can read")
    }
    let keys: Keys
    do throws(KeyMistake) {
      keys = try Self.keys(bytes, read)
    } catch {
      throw Self.mistake(path, setting, "line \(error.line) \(error.problem)", error.remedy)
    }
    state = PthreadMutex(State(keys: keys, stamp: stamp, lookAgain: .now + pause))
  }

  /// Returns the current keys. A file that has become unreadable changes nothing, so that an editing mistake does not stop the desk.
  public var current: Keys {
    state.withLock { state in
      guard ContinuousClock.now >= state.lookAgain else { return state.keys }
      state.lookAgain = .now + pause
      let stamp = Self.stamp(path)
      guard stamp != state.stamp else { return state.keys }
      state.stamp = stamp
      do {
        guard let bytes = FileManager.default.contents(atPath: path) else {
          throw KeyMistake(line: 1, problem: "cannot be read", remedy: "let this user read it")
        }
        state.keys = try Self.keys(bytes, read)
        logger?.info("\(subject) reloaded")
      } catch {
        logger?.error("the new \(subject) cannot be used; keeping the previous ones", metadata: ["error": "\(error)"])
      }
      return state.keys
    }
  }

  private static func keys(
    _ bytes: Data, _ read: @Sendable (String) throws(KeyMistake) -> Keys
  ) throws(KeyMistake) -> Keys {
    let text: String
    do {
      text = try UTF8Text.read(bytes)
    } catch {
      throw KeyMistake(line: error.line, problem: "is not UTF-8", remedy: UTF8Text.Mistake.remedy)
    }
    return try read(text)
  }

  private static func stamp(_ path: String) -> Stamp {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    return Stamp(modified: attributes?[.modificationDate] as? Date, bytes: attributes?[.size] as? Int)
  }

  private static func mistake(
    _ path: String, _ setting: ConfigurationKey, _ problem: String, _ remedy: String
  ) -> ConfigurationError {
    ConfigurationError(mistakes: [.init(place: setting.flag, value: path, problem: problem, remedy: remedy)])
  }
}
