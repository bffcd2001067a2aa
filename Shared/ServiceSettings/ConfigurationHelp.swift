internal import Observability

/// The text of `--help`: every key with its meaning, its default and its name in the environment.
enum ConfigurationHelp {
  static func text(program: String, summary: String, keys: [ConfigurationKey]) -> String {
    var text = """
      \(summary)

      Usage: \(program) [--KEY VALUE]...

      Precedence: the flag, then the environment, then the file, then the default.
      DURATION is a whole number with ms, s, m, h or d; BYTES is a whole number with B, KiB, MiB or GiB.


      """
    for key in keys {
      text += "  \(key.flag) \(key.format)\n      \(key.help)\(range(key))\n"
      text += "      \(key.environmentName), \(origin(key))\n"
    }
    text += """
        --config PATH
            YAML file with these keys, nested at the dots
            FRONTDESK_CONFIG, default none
        --help
            Print this help
        --version
            Print the version

      """
    return text
  }

  private static func origin(_ key: ConfigurationKey) -> String {
    if key.isRequired, key.defaultValue == nil { return "required" }
    guard let defaultValue = key.defaultValue else { return "default none" }
    return "default \(key.isSecret ? Redacted(defaultValue).description : defaultValue)"
  }

  private static func range(_ key: ConfigurationKey) -> String {
    switch key.kind {
    case .integer(let range): " (\(range.lowerBound) to \(range.upperBound))"
    case .duration(let range): " (\(range.lowerBound) to \(range.upperBound))"
    case .byteCount(let range): " (\(range.lowerBound) to \(range.upperBound) bytes)"
    case .share: " (0 to 1)"
    case .string, .choice, .boolean: ""
    }
  }
}
