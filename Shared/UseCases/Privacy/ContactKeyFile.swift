public import Logging
internal import Sealing
public import ServiceSettings

/// The file of contact keys, watched while a service runs.
public struct ContactKeyFile: Sendable {
  /// For services that store or show contact data.
  public static let key = ConfigurationKey(
    "contact-keys", .string,
    help: "file of the keys that encrypt customers' contact data; without it, contact data is not accepted")

  private let file: KeyFile<ContactKeys>

  /// - Parameter flag: how the file was named; nil for the setting's own.
  /// - Throws: `ConfigurationError` when the file cannot be read or contains no keys.
  public init(path: String, flag: String? = nil, logger: Logger? = nil) throws(ConfigurationError) {
    file = try KeyFile(path: path, setting: Self.key, flag: flag, subject: "contact keys", logger: logger) {
      text throws(KeyMistake) in try ContactKeys(text: text)
    }
  }

  /// Returns the configured file; nil if none is configured.
  public static func configured(_ configuration: ServiceConfiguration, logger: Logger) throws(ConfigurationError)
    -> ContactKeyFile?
  {
    guard let path = configuration.optionalString(key.name) else { return nil }
    return try ContactKeyFile(path: path, logger: logger)
  }

  /// Returns the current keys. A file that has become unreadable changes nothing.
  public var current: ContactKeys { file.current }

  /// Why the file cannot be used as it is now; nil if the keys are from it.
  var mistake: KeyMistake? { file.mistake }
}
