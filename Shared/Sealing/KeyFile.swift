internal import Foundation
internal import Glibc
public import Logging
public import ServiceSettings
internal import SystemPrimitives
internal import UntrustedInput

/// A file of keys, watched while a service runs: a new key takes effect without a restart.
public final class KeyFile<Keys: Sendable>: Sendable {
  private struct State {
    var keys: Keys
    /// Of the version that the keys are from.
    var stamp: Stamp?
    /// Why the present version cannot be used.
    var mistake: KeyMistake?
    var lookAgain: ContinuousClock.Instant
  }

  /// Identifies a version of the file that a path leads to, also behind symbolic links, as secrets are mounted.
  private struct Stamp: Equatable {
    let device: UInt
    let inode: UInt
    let bytes: Int
    /// When contents, owner or permissions changed last.
    let seconds: Int
    let nanoseconds: Int
  }

  private let path: String
  private let subject: String
  private let pause: Duration
  private let logger: Logger?
  private let read: @Sendable (String) throws(KeyMistake) -> Keys
  private let state: PthreadMutex<State>

  /// - Parameters:
  ///   - setting: names the file in errors.
  ///   - flag: how it was named; nil for the setting's own.
  ///   - subject: names the keys in the log, such as `contact keys`.
  ///   - pause: between two checks of the file.
  ///   - read: reads the text of the file.
  /// - Throws: `ConfigurationError` when the file cannot be read or contains no keys.
  public init(
    path: String, setting: ConfigurationKey, flag: String? = nil, subject: String,
    pause: Duration = SealingBounds.fileCheckPause,
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
      throw Self.mistake(path, flag ?? setting.flag, "cannot be read", "specify a file that this user can read")
    }
    let keys: Keys
    do throws(KeyMistake) {
      keys = try Self.keys(bytes, read)
    } catch {
      throw Self.mistake(path, flag ?? setting.flag, "line \(error.line) \(error.problem)", error.remedy)
    }
    state = PthreadMutex(State(keys: keys, stamp: stamp, lookAgain: .now + pause))
  }

  /// Returns the current keys. A file that has become unreadable changes nothing, so that an editing mistake does not stop the desk; it is
  /// read again until it is mended, be it by new permissions alone.
  public var current: Keys { look { $0.keys } }

  /// Why the file cannot be used as it is now; nil if the keys are from it.
  public var mistake: KeyMistake? { look { $0.mistake } }

  private func look<Value>(_ read: (State) -> Value) -> Value {
    state.withLock { state in
      if ContinuousClock.now >= state.lookAgain {
        state.lookAgain = .now + pause
        refresh(&state)
      }
      return read(state)
    }
  }

  private func refresh(_ state: inout State) {
    let stamp = Self.stamp(path)
    guard stamp != state.stamp || state.mistake != nil else { return }
    do throws(KeyMistake) {
      guard let bytes = FileManager.default.contents(atPath: path) else {
        throw KeyMistake(line: 1, problem: "cannot be read", remedy: "let this user read it")
      }
      state.keys = try Self.keys(bytes, read)
      state.stamp = stamp
      state.mistake = nil
      logger?.info("\(subject) reloaded")
    } catch {
      if error != state.mistake {
        logger?.error("the new \(subject) cannot be used; keeping the previous ones", metadata: ["error": "\(error)"])
      }
      state.mistake = error
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

  private static func stamp(_ path: String) -> Stamp? {
    var status = Glibc.stat()
    guard stat(path, &status) == 0 else { return nil }
    return Stamp(
      device: UInt(status.st_dev), inode: UInt(status.st_ino), bytes: Int(status.st_size),
      seconds: status.st_ctim.tv_sec, nanoseconds: status.st_ctim.tv_nsec)
  }

  private static func mistake(
    _ path: String, _ flag: String, _ problem: String, _ remedy: String
  ) -> ConfigurationError {
    ConfigurationError(mistakes: [.init(place: flag, value: path, problem: problem, remedy: remedy)])
  }
}
