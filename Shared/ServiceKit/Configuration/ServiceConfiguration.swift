internal import Foundation

/// The configuration of one process: flags before environment before file before defaults, every value checked when the
/// process starts and none of it changed afterwards.
public struct ServiceConfiguration: Sendable {
  /// What a command line asks for.
  public enum Outcome: Sendable {
    case configuration(ServiceConfiguration)
    /// Text to print to standard output before ending with 0.
    case answer(String)
  }

  private let values: [String: ConfigurationValue]
  private let keys: [String: ConfigurationKey]

  /// Reads and checks everything. Throws all mistakes at once.
  /// - Parameters:
  ///   - program: as the user calls it.
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
              remedy: "give \(key.flag), \(key.environmentName) or \(key.name) in the file"))
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

  /// For `@main`: reads this process' flags and environment, answers `--help` and `--version`, and ends the process with
  /// status 2 where something is wrong.
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

  /// Text, or nil where nothing is set and there is no default. Reading a key that was not declared, or as another
  /// kind, is a mistake of the program and stops it; so for all that follow.
  public func optionalString(_ name: String) -> String? {
    switch value(name) {
    case nil: nil
    case .text(let text)?: text
    case _?: wrongKind(name)
    }
  }

  /// Text, or the chosen word, of a key that has a default or is required.
  public func string(_ name: String) -> String { optionalString(name) ?? missing(name) }

  /// A whole number within the key's range.
  public func integer(_ name: String) -> Int {
    guard case .integer(let number) = value(name) ?? missing(name) else { wrongKind(name) }
    return number
  }

  /// A number of bytes within the key's range.
  public func byteCount(_ name: String) -> Int { integer(name) }

  /// A duration within the key's range.
  public func duration(_ name: String) -> Duration {
    guard case .duration(let duration) = value(name) ?? missing(name) else { wrongKind(name) }
    return duration
  }

  /// False where nothing is set.
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
