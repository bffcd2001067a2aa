/// One thing that can be set: how it is called in flags, environment and file, what it may be, and what it means.
public struct ConfigurationKey: Sendable {
  /// What values a key takes.
  public enum Kind: Sendable, Equatable {
    /// Any text.
    case string
    /// One of these words.
    case choice([String])
    /// A whole number in this range.
    case integer(ClosedRange<Int>)
    /// `true` or `false`; a flag without a value means true.
    case boolean
    /// A whole number with `ms`, `s`, `m`, `h` or `d`, in this range.
    case duration(ClosedRange<Duration>)
    /// A whole number with `B`, `KiB`, `MiB`, `GiB` or none for bytes, in this range.
    case byteCount(ClosedRange<Int>)
  }

  /// Words in lower case, joined by dots and hyphens, from the general to the special: `database.pool-size`.
  public let name: String
  public let kind: Kind
  /// As it would be written; nil means "not set".
  public let defaultValue: String?
  /// Whether the process cannot start without it.
  public let isRequired: Bool
  /// Whether its value is kept out of help, errors and logs.
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
    }
  }
}
