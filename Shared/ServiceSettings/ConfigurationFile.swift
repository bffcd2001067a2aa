internal import Foundation
internal import PolicyReading
internal import UntrustedInput
internal import Yams

/// A value as written, and its source.
struct WrittenValue {
  var text: String
  var place: String
}

/// The flags of a command line.
struct ConfigurationFlags {
  var values: [String: WrittenValue] = [:]
  var file: String?
  var wantsHelp = false
  var wantsVersion = false
  var mistakes: [ConfigurationError.Mistake] = []

  init(_ arguments: [String], keys: [ConfigurationKey]) {
    let byFlag = Dictionary(keys.map { ($0.flag, $0) }, uniquingKeysWith: { first, _ in first })
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      let parts = argument.unicodeScalars.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        .map { String($0) }
      let flag = parts[0]
      switch flag {
      case "--help", "-h":
        wantsHelp = true
      case "--version":
        wantsVersion = true
      case "--config":
        file = takeValue(of: flag, parts, &rest)
      default:
        guard let key = byFlag[flag] else {
          mistakes.append(Self.unknown(flag, among: keys))
          // What follows an unknown flag is probably its value.
          if flag.hasPrefix("--"), parts.count == 1, rest.first?.hasPrefix("-") == false { rest.removeFirst() }
          continue
        }
        if key.kind == .boolean, parts.count == 1 {
          let isWritten = rest.first == "true" || rest.first == "false"
          values[key.name] = WrittenValue(text: isWritten ? rest.removeFirst() : "true", place: flag)
        } else if let value = takeValue(of: flag, parts, &rest) {
          values[key.name] = WrittenValue(text: value, place: flag)
        }
      }
    }
  }

  private mutating func takeValue(of flag: String, _ parts: [String], _ rest: inout ArraySlice<String>) -> String? {
    if parts.count == 2 { return parts[1] }
    if let next = rest.first, !next.hasPrefix("--") { return rest.removeFirst() }
    mistakes.append(.init(place: flag, problem: "has no value", remedy: "write \(flag) VALUE or \(flag)=VALUE"))
    return nil
  }

  private static func unknown(_ flag: String, among keys: [ConfigurationKey]) -> ConfigurationError.Mistake {
    let near = keys.map(\.flag).filter { $0.hasPrefix(flag) || (flag.hasPrefix($0) && flag.count > 2) }
    return .init(
      place: flag, problem: "is unknown",
      remedy: near.isEmpty ? "see --help" : "did you mean \(near.sorted().joined(separator: " or "))?")
  }
}

/// A YAML configuration file; keys are nested at the dots or written with dots.
struct ConfigurationFile {
  /// The maximum file size, in bytes.
  static let maximumBytes = 1 << 20

  var values: [String: WrittenValue] = [:]
  var mistakes: [ConfigurationError.Mistake] = []

  init(path: String, keys: [ConfigurationKey]) {
    guard let data = FileManager.default.contents(atPath: path) else {
      mistakes = [
        .init(place: "--config", value: path, problem: "cannot be read", remedy: "specify a readable YAML file")
      ]
      return
    }
    guard data.count <= Self.maximumBytes else {
      mistakes = [
        .init(place: path, problem: "is larger than \(Self.maximumBytes) bytes", remedy: "specify the right file")
      ]
      return
    }
    let text: String
    do {
      text = try UTF8Text.read(data)
    } catch {
      mistakes = [
        .init(
          place: "\(path) line \(error.line) column \(error.column)", problem: "is not UTF-8",
          remedy: UTF8Text.Mistake.remedy)
      ]
      return
    }
    do {
      try PolicyDocument.refuseAliasChains(in: text)
    } catch {
      mistakes = error.mistakes.map {
        .init(place: "\(path) line \($0.line)", problem: "holds \($0.problem)", remedy: $0.remedy)
      }
      return
    }
    do {
      guard let root = try Yams.compose(yaml: text) else { return }
      read(root, prefix: "", path: path, known: Set(keys.map(\.name)))
    } catch let error as YamlError {
      // The parser's own message quotes the line, which may contain a secret.
      mistakes = [.init(place: path, problem: "is not valid YAML\(Self.line(of: error))", remedy: "correct the syntax")]
    } catch {
      mistakes = [.init(place: path, problem: "is not valid YAML", remedy: "correct the syntax")]
    }
  }

  private mutating func read(_ node: Node, prefix: String, path: String, known: Set<String>) {
    guard case .mapping(let mapping) = node else {
      mistakes.append(
        .init(place: "\(path)\(Self.line(of: node))", problem: "is not a mapping", remedy: "write keys and values"))
      return
    }
    for (keyNode, value) in mapping {
      let name = prefix + (keyNode.string ?? "")
      let place = "\(path)\(Self.line(of: keyNode)): \(name)"
      if known.contains(name) {
        guard case .scalar(let scalar) = value else {
          mistakes.append(.init(place: place, problem: "is not a single value", remedy: "write one value"))
          continue
        }
        values[name] = WrittenValue(text: scalar.string, place: place)
      } else if known.contains(where: { $0.hasPrefix(name + ".") }) {
        read(value, prefix: name + ".", path: path, known: known)
      } else {
        mistakes.append(.init(place: place, problem: "is unknown", remedy: "see --help for the keys"))
      }
    }
  }

  private static func line(of node: Node) -> String { node.mark.map { " line \($0.line)" } ?? "" }

  private static func line(of error: YamlError) -> String {
    switch error {
    case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _): " in line \(mark.line)"
    default: ""
    }
  }
}
