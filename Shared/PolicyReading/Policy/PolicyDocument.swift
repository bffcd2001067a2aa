public import DeskCore
import Foundation
public import Store
internal import UntrustedInput
import Yams

/// A policy file, read and checked: the policy in force, and the titles shown to people.
///
/// The file is YAML without anchors and aliases, UTF-8, at most `PolicyLimits.bytes`. It is checked completely: every name that a
/// document mentions is valid.
public struct PolicyDocument: Hashable, Sendable {
  /// The policy.
  public let policy: Policy
  /// Titles by section and name, such as `queues.orders`.
  public let titles: [String: PolicyTitle]
  /// Mistakes that prevent a policy from being applied, but not from being used if already in force: a newer build must be able to
  /// read what an older one accepted.
  public let objections: [PolicyMistake]
  /// Hook secrets missing from this process's environment. They prevent a policy from being applied too, unless they are known to
  /// exist where the notifier runs.
  public let unsetSecrets: [PolicyMistake]

  /// Reads a policy.
  ///
  /// - Parameters:
  ///   - yaml: the text of the file.
  ///   - version: its version in the store, 0 for one that is only checked.
  /// - Throws: every mistake of the file, in its order. (A text that is not YAML has one: where it stops being YAML.)
  public static func load(yaml: String, version: Int32) throws(PolicyMistakes) -> Policy {
    try PolicyDocument(yaml: yaml, version: version).policy
  }

  /// Reads a document from the bytes of a file; bytes that are not UTF-8 are a mistake like any other.
  /// See `init(yaml:version:environment:)`.
  public init(
    bytes: some Collection<UInt8>, version: Int32,
    environment: [String: String]? = nil
  ) throws(PolicyMistakes) {
    try self.init(yaml: PolicyDocument.text(of: bytes), version: version, environment: environment)
  }

  /// The text of a file of the policy or its examples.
  /// - Throws: one mistake, when the file is too large or not UTF-8.
  static func text(of bytes: some Collection<UInt8>) throws(PolicyMistakes) -> String {
    guard bytes.count <= PolicyLimits.bytes else { throw PolicyDocument.tooLarge }
    do {
      return try UTF8Text.read(bytes)
    } catch {
      throw PolicyMistakes([PolicyMistake(error)])
    }
  }

  /// Reads a document.
  ///
  /// - Parameters:
  ///   - yaml: the text of the file.
  ///   - version: its version in the store.
  ///   - environment: used for `secret_env` of hooks; nil for the process's own. A variable that is not set is not a
  ///     mistake here (`unsetSecrets`), because most services read the policy without delivering anything; the notifier holds
  ///     deliveries of a hook without secrets (`Hook.holdReason`).
  ///   - requiresSecrets: whether `unsetSecrets` are listed with the other mistakes when there are any, to fix them together.
  /// - Throws: every mistake of the file, in its order.
  public init(
    yaml: String, version: Int32, environment: [String: String]? = nil, requiresSecrets: Bool = false
  ) throws(PolicyMistakes) {
    var reader = PolicyReader(environment: environment ?? ProcessInfo.processInfo.environment)
    let policy = try PolicyDocument.read(yaml, with: &reader) { $0.policy($1, version: version) }
    guard let policy, reader.mistakes.isEmpty else {
      let all = reader.mistakes + reader.objections + (requiresSecrets ? reader.unsetSecrets : [])
      throw PolicyMistakes(
        Array(all.prefix(PolicyLimits.mistakes)), omitted: reader.omitted + max(0, all.count - PolicyLimits.mistakes))
    }
    self.policy = policy
    titles = reader.titles
    objections = reader.objections
    unsetSecrets = reader.unsetSecrets
  }
}

extension PolicyDocument {
  /// Composes a text of this style and hands its root to a reader.
  /// - Throws: one mistake, when the text is too large or is not YAML. Other mistakes are the reader's.
  static func read<Content>(
    _ yaml: String, with reader: inout PolicyReader, _ body: (inout PolicyReader, PolicyNode) -> Content
  ) throws(PolicyMistakes) -> Content {
    guard yaml.utf8.count <= PolicyLimits.bytes else { throw tooLarge }
    try refuseAliasChains(in: yaml)
    do {
      // Nodes refer to their anchors weakly, so the parser must stay alive while they are read.
      let parser = try Yams.Parser(yaml: yaml, resolver: .basic, encoding: .utf8)
      let root = try parser.singleRoot()
      return withExtendedLifetime(parser) {
        body(&reader, PolicyNode(root ?? Node([] as [(Node, Node)]), path: ""))
      }
    } catch {
      throw notYAML(error, in: yaml)
    }
  }

  /// Reads another file in the style of a policy, such as a scenario.
  /// - Throws: every mistake of the file, in its order.
  package static func read<Content>(
    _ bytes: some Collection<UInt8>, _ body: (inout PolicyReader, PolicyNode) -> Content?
  ) throws(PolicyMistakes) -> Content {
    var reader = PolicyReader(environment: [:])
    let content = try read(text(of: bytes), with: &reader, body)
    guard let content, reader.mistakes.isEmpty else { throw PolicyMistakes(reader.mistakes, omitted: reader.omitted) }
    return content
  }
}

/// The title shown instead of a name.
public struct PolicyTitle: Hashable, Sendable {
  /// The text by language, `zh` or `en`; `und` for one that serves all languages.
  public let byLanguage: [String: String]

  /// Creates a title.
  public init(byLanguage: [String: String]) {
    self.byLanguage = byLanguage
  }

  /// Returns the text in a language, else in any; nil when there is none.
  public func text(in language: String) -> String? {
    byLanguage[language] ?? byLanguage["und"] ?? byLanguage.min { $0.key < $1.key }?.value
  }
}

// MARK: - Files that cannot be read at all

extension PolicyDocument {
  private static var tooLarge: PolicyMistakes {
    PolicyMistakes([
      PolicyMistake(
        line: 1, column: 1, path: "", problem: "the file is larger than \(PolicyLimits.bytes) bytes",
        remedy: "declare agents with `ids: first..last` and remove what is not needed")
    ])
  }

  /// Rejects texts with enough alias-like words for an exponential chain of aliases.
  package static func refuseAliasChains(in yaml: String) throws(PolicyMistakes) {
    var count = 0
    var previous = UInt8(ascii: " ")
    for (offset, byte) in yaml.utf8.enumerated() {
      if previous == UInt8(ascii: "*"), byte > 0x20 { count += 1 }
      if count > PolicyLimits.aliasLikeWords {
        let index = yaml.utf8.index(yaml.startIndex, offsetBy: offset)
        throw unreadable(
          after: offset, of: String(yaml[..<index]), "too many words begin with '*'",
          remedy: "write values out instead of aliases")
      }
      previous = byte
    }
  }

  /// Returns a mistake after the first `offset` bytes of a text.
  private static func unreadable(
    after offset: Int, of text: String, _ problem: String, remedy: String
  ) -> PolicyMistakes {
    var line = 1
    var column = 1
    var seen = 0
    for scalar in text.unicodeScalars {
      if seen >= offset { break }
      seen += UTF8.width(scalar)
      if scalar == "\n" {
        line += 1
        column = 1
      } else {
        column += 1
      }
    }
    return PolicyMistakes([PolicyMistake(line: line, column: column, path: "", problem: problem, remedy: remedy)])
  }

  static func notYAML(_ error: any Error, in yaml: String) -> PolicyMistakes {
    let remedy = "check indentation, quotes and brackets around this place"
    func mistake(_ mark: Mark?, _ problem: String, remedy: String) -> PolicyMistakes {
      PolicyMistakes([
        PolicyMistake(
          line: max(1, mark?.line ?? 1), column: max(1, mark?.column ?? 1), path: "", problem: problem, remedy: remedy)
      ])
    }
    switch error as? YamlError {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      // The parser's own message names a function of its library here.
      if problem.hasPrefix("Maximum nesting level") {
        return mistake(mark, "the file is nested too deeply", remedy: "reduce the nesting of brackets and lists")
      }
      return mistake(mark, problem, remedy: remedy)
    case .duplicatedKeysInMapping(let names, let context):
      return mistake(
        context.mark, "declared twice in one mapping: \(names.prefix(5).map(quoted).joined(separator: ", "))",
        remedy: "keep one of them")
    case .reader(let problem, let offset, _, _):
      return unreadable(after: offset ?? 0, of: yaml, problem, remedy: "remove control characters")
    default:
      return mistake(nil, "the file cannot be read as YAML", remedy: remedy)
    }
  }
}

extension StoredPolicy {
  /// The policy in the document, with the version that the store assigned.
  /// - Throws: every mistake that this build finds in the document; another build stored it.
  public func policy() throws(PolicyMistakes) -> Policy {
    try PolicyDocument.load(yaml: document, version: version)
  }
}
