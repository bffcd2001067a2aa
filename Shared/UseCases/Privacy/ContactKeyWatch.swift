public import Logging
internal import Sealing
public import ServiceHealth

/// Reports a file of contact keys that cannot be used as it is now: the keys in memory still do, but a restart would not find them.
public struct ContactKeyWatch: PeriodicService {
  /// The service's log says why.
  struct ContactKeysUnusable: Error {}

  private enum Bound {
    static let pause: Duration = .seconds(10)
  }

  private let file: ContactKeyFile
  private let logger: Logger
  private let task = WatchedTask("contact_keys")

  public init(_ file: ContactKeyFile, logger: Logger) {
    self.file = file
    self.logger = logger
  }

  public var periodic: PeriodicTask { PeriodicTask(task, every: Bound.pause, logger: logger) }

  public func round() async throws -> PeriodicTask.Pause {
    if file.mistake != nil { throw ContactKeysUnusable() }
    return .regular
  }
}
