internal import Foundation
internal import Observability
internal import UntrustedInput

/// The configuration of one process: flags override environment, file and defaults, in this order; values are validated when
/// the process starts and do not change afterwards.
public struct ServiceConfiguration: Sendable {
  /// What the command line requests.
  public enum Outcome: Sendable {
    case configuration(ServiceConfiguration)
    /// Text to print to standard output before exiting with 0.
    case answer(String)
  }

  private let values: [String: ConfigurationValue]
  private let keys: [String: ConfigurationKey]

  /// Reads and validates everything. Throws all errors together.
  /// - Parameters:
  ///   - program: the program's name as the user invokes it.
  ///   - summary: one sentence for `--help`.
  ///   - arguments: without the program's name.
  public static func load(
    program: String, summary: String, version: String, keys: [ConfigurationKey], arguments: [String],
    environment: [String: String]
  ) throws(ConfigurationError) -> Outcome {
    let flags = ConfigurationFlags(arguments, keys: keys)
    if flags.wantsHelp { return .answer(ConfigurationHelp.text(program: program, summary: summary, keys: keys)) }
    if flags.wantsVersion { return .answer("\(program) \(version)\n") }
    var mistakes = flags.mistakes
    var file: [String: WrittenValue] = [:]
    if let path = flags.file ?? environment["FRONTDESK_CONFIG"] {
      let read = ConfigurationFile(path: path, keys: keys)
      file = read.values
      mistakes += read.mistakes
    }
    var values: [String: ConfigurationValue] = [:]
    for key in keys {
      let fromEnvironment = environment[key.environmentName].map {
        WrittenValue(text: $0, place: key.environmentName)
      }
      let fromDefault = key.defaultValue.map { WrittenValue(text: $0, place: "the default of \(key.name)") }
      guard let written = flags.values[key.name] ?? fromEnvironment ?? file[key.name] ?? fromDefault else {
        if key.isRequired {
          mistakes.append(
            .init(
              place: key.name, problem: "is not set",
              remedy: "set \(key.flag), \(key.environmentName) or \(key.name) in the file"))
        }
        continue
      }
      do {
        values[key.name] = try ConfigurationValue.read(written.text, as: key.kind)
      } catch {
        let shown =
          key.isSecret ? Redacted(written.text).description : String(written.text.unicodeScalars.prefix(100))
        mistakes.append(.init(place: written.place, value: shown, problem: error.problem, remedy: error.remedy))
      }
    }
    guard mistakes.isEmpty else { throw ConfigurationError(mistakes: mistakes) }
    return .configuration(
      ServiceConfiguration(
        values: values, keys: Dictionary(keys.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })))
  }

  /// For `@main`: reads this process' flags and environment, handles `--help` and `--version`, and exits with
  /// status 2 for an invalid configuration.
  public static func loadOrExit(
    program: String, summary: String, version: String, keys: [ConfigurationKey],
    arguments: [String] = Array(CommandLine.arguments.dropFirst())
  ) -> ServiceConfiguration {
    do {
      switch try load(
        program: program, summary: summary, version: version, keys: keys, arguments: arguments,
        environment: ProcessInfo.processInfo.environment)
      {
      case .configuration(let configuration):
        return configuration
      case .answer(let text):
        FileHandle.standardOutput.write(Data(text.utf8))
        exit(0)
      }
    } catch {
      FileHandle.standardError.write(Data(VisibleText.block("\(error)\n").utf8))
      exit(ConfigurationError.exitStatus)
    }
  }

  // MARK: - Reading

  /// Returns text, or nil if nothing is set and there is no default. Reading a key that was not declared, or as another
  /// kind, is a programming error and traps; this holds for all accessors below.
  public func optionalString(_ name: String) -> String? {
    switch value(name) {
    case nil: nil
    case .text(let text)?: text
    case _?: wrongKind(name)
    }
  }

  /// Returns the text or chosen value of a key that has a default or is required.
  public func string(_ name: String) -> String { optionalString(name) ?? missing(name) }

  /// Returns a whole number within the key's range.
  public func integer(_ name: String) -> Int {
    guard case .integer(let number) = value(name) ?? missing(name) else { wrongKind(name) }
    return number
  }

  /// Returns a number of bytes within the key's range.
  public func byteCount(_ name: String) -> Int { integer(name) }

  /// Returns a duration within the key's range.
  public func duration(_ name: String) -> Duration {
    guard case .duration(let duration) = value(name) ?? missing(name) else { wrongKind(name) }
    return duration
  }

  /// Returns a share from 0 to 1.
  public func share(_ name: String) -> Double {
    guard case .share(let share) = value(name) ?? missing(name) else { wrongKind(name) }
    return share
  }

  /// Returns a flag; false if nothing is set.
  public func bool(_ name: String) -> Bool {
    guard case .boolean(let flag) = value(name) ?? .boolean(false) else { wrongKind(name) }
    return flag
  }

  private func value(_ name: String) -> ConfigurationValue? {
    precondition(keys[name] != nil, "the key \(name) is not declared")
    return values[name]
  }

  private func missing<Value>(_ name: String) -> Value {
    preconditionFailure("the key \(name) has neither default nor value: read it as optional or make it required")
  }

  private func wrongKind(_ name: String) -> Never {
    preconditionFailure("the key \(name) is of another kind")
  }
}
