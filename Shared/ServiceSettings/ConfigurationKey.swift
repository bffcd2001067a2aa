/// A configuration setting: its names in flags, environment and file, its allowed values, and its meaning.
public struct ConfigurationKey: Sendable {
  /// The kind of value that a key accepts.
  public enum Kind: Sendable, Equatable {
    /// Any text.
    case string
    /// One of these values.
    case choice([String])
    /// A whole number in this range.
    case integer(ClosedRange<Int>)
    /// `true` or `false`; a flag without a value means true.
    case boolean
    /// A whole number with `ms`, `s`, `m`, `h` or `d`, in this range.
    case duration(ClosedRange<Duration>)
    /// A whole number with `B`, `KiB`, `MiB`, `GiB` or none for bytes, in this range.
    case byteCount(ClosedRange<Int>)
    /// A decimal number from 0 to 1.
    case share
  }

  /// Lower-case words, joined by dots and hyphens, from general to specific: `database.pool-size`.
  public let name: String
  public let kind: Kind
  /// The default as it would be written; nil means "not set".
  public let defaultValue: String?
  /// Whether the process cannot start without a value.
  public let isRequired: Bool
  /// Whether its value is hidden in help, errors and logs.
  public let isSecret: Bool
  /// One sentence, without a full stop.
  public let help: String

  /// Declares a key. One with a default needs no `isRequired`.
  public init(
    _ name: String, _ kind: Kind = .string, default defaultValue: String? = nil, isRequired: Bool = false,
    isSecret: Bool = false, help: String
  ) {
    self.name = name
    self.kind = kind
    self.defaultValue = defaultValue
    self.isRequired = isRequired
    self.isSecret = isSecret
    self.help = help
  }

  /// `--database-pool-size`
  public var flag: String { "--" + name.replacing(".", with: "-") }

  /// `FRONTDESK_DATABASE_POOL_SIZE`
  public var environmentName: String {
    "FRONTDESK_" + name.replacing(".", with: "_").replacing("-", with: "_").uppercased()
  }

  var format: String {
    switch kind {
    case .string: "TEXT"
    case .choice(let words): words.joined(separator: "|")
    case .integer: "NUMBER"
    case .boolean: "true|false"
    case .duration: "DURATION"
    case .byteCount: "BYTES"
    case .share: "SHARE"
    }
  }
}
