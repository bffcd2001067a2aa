import DeskCore
import Yams

/// Walks the composed document and collects its content and every mistake in it. Other files in the same style, such as scenarios of the
/// simulator, are read with its shapes and values.
///
/// Each reading function reports mistakes and returns nil (or a placeholder), so that one mistake never hides another.
package struct PolicyReader {
  /// The environment variables that hook secrets are read from.
  let environment: [String: String]

  package private(set) var mistakes: [PolicyMistake] = []
  private(set) var omitted = 0
  /// Mistakes that prevent a policy from being applied, but not one already in force from being used.
  private(set) var objections: [PolicyMistake] = []
  /// The same for secrets missing from the environment, which may exist where the notifier runs.
  private(set) var unsetSecrets: [PolicyMistake] = []

  // Names that the file declares, known before any reference is read.
  var calendarNames: Set<String> = []
  var teamNames: Set<String> = []
  var skillNames: Set<String> = []
  var queueNames: Set<String> = []
  var channelNames: Set<String> = []
  var hookNames: Set<String> = []
  /// The fields that questions fill, which rules may test.
  var ticketFields: [FieldName: FieldDefinition] = [:]

  // Content read so far, for checks across sections.
  var agents: [AgentID: AgentProfile] = [:]
  /// Since when agents work here, where the file says so.
  var agentsSince: [AgentID: Instant] = [:]
  /// Whether all agents could be read. If not, skills they appear to lack are not reported.
  var areAgentsKnown = true
  var titles: [String: PolicyTitle] = [:]
  var life = LifePolicy()

  /// The referenced file that is being read; empty while it is the policy itself.
  var file = ""

  init(environment: [String: String]) {
    self.environment = environment
  }

  /// Reports a mistake.
  package mutating func report(_ place: PolicyNode, _ problem: String, remedy: String) {
    report(line: place.line, column: place.column, path: place.path, problem, remedy: remedy)
  }

  /// Reports a mistake that prevents a policy from being applied.
  mutating func object(_ place: PolicyNode, _ problem: String, remedy: String) {
    guard objections.count < PolicyLimits.mistakes else { return }
    objections.append(
      PolicyMistake(
        file: file, line: place.line, column: place.column, path: place.path, problem: problem, remedy: remedy))
  }

  /// Reports that a variable which should contain a secret is not set here.
  mutating func reportUnset(_ place: PolicyNode, _ problem: String, remedy: String) {
    guard unsetSecrets.count < PolicyLimits.mistakes else { return }
    unsetSecrets.append(
      PolicyMistake(
        file: file, line: place.line, column: place.column, path: place.path, problem: problem, remedy: remedy))
  }

  /// Reports a mistake at a place that is not a node of a document.
  mutating func report(line: Int, column: Int, path: String, _ problem: String, remedy: String) {
    guard mistakes.count < PolicyLimits.mistakes else {
      omitted += 1
      return
    }
    mistakes.append(
      PolicyMistake(file: file, line: line, column: column, path: path, problem: problem, remedy: remedy))
  }
}

// MARK: - Shapes

extension PolicyReader {
  /// Returns a remedy that suggests the intended name. Skipped once mistakes are only counted, so that a file of nothing but
  /// mistakes is read as fast as any other.
  package func guess(for name: String, among known: some Collection<String>) -> String? {
    guard mistakes.count < PolicyLimits.mistakes else { return nil }
    return likelyName(for: name, among: known).map { "did you mean '\($0)'?" }
  }
}

extension PolicyReader {
  /// Rejects anchors: with aliases a small file can expand without bound.
  private mutating func isPlain(_ place: PolicyNode) -> Bool {
    if case .alias = place.node {} else if place.node.anchor == nil { return true }
    report(place, "anchors and aliases are not allowed", remedy: "write the value out in full")
    return false
  }

  /// Returns the entries of a mapping, keys as written.
  private mutating func pairs(of place: PolicyNode) -> [PolicyEntry]? {
    guard isPlain(place) else { return nil }
    guard case .mapping(let mapping) = place.node else {
      report(place, "\(place.kind) is not allowed here", remedy: "write a mapping, `key: value`")
      return nil
    }
    return mapping.compactMap { key, value in
      let keyPlace = place.child(key, path: place.path)
      guard isPlain(keyPlace) else { return nil }
      guard case .scalar(let scalar) = key else {
        report(keyPlace, "the key is \(keyPlace.kind)", remedy: "write a single word")
        return nil
      }
      let path = place.path.isEmpty ? shown(scalar.string) : "\(place.path).\(shown(scalar.string))"
      return PolicyEntry(
        name: scalar.string, key: PolicyNode(key, path: path, line: place.line, column: place.column),
        value: keyPlace.child(value, path: path))
    }
  }

  private func shown(_ key: String) -> String {
    let isName = key.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } && key.utf8.count <= 64
    return isName ? key : quoted(key)
  }

  /// Returns the values of a mapping that allows only the keys `known`.
  package mutating func fields(of place: PolicyNode, known: [String]) -> PolicyFields? {
    guard let pairs = pairs(of: place) else { return nil }
    var values: [String: PolicyNode] = [:]
    for pair in pairs {
      guard known.contains(pair.name) else {
        let guess = guess(for: pair.name, among: known)
        report(
          pair.key, "unknown key \(quoted(pair.name))",
          remedy: guess ?? "allowed keys are \(known.joined(separator: ", "))")
        continue
      }
      if !pair.value.isNull { values[pair.name] = pair.value }
    }
    return PolicyFields(place: place, values: values)
  }

  /// Returns the entries of a mapping whose keys are names chosen by the operator; ill-formed names are reported and omitted.
  package mutating func named(_ place: PolicyNode?, limit: Int = PolicyLimits.entries) -> [PolicyEntry] {
    guard let place, !place.isNull, let pairs = pairs(of: place) else { return [] }
    guard pairs.count <= limit else {
      report(place, "more than \(limit) entries", remedy: "remove those that are not needed")
      return []
    }
    return pairs.filter { isWellFormed($0.name, at: $0.key) }
  }

  /// Returns the entries of a mapping whose keys have a special format, such as dates.
  package mutating func entries(_ place: PolicyNode?) -> [PolicyEntry] {
    guard let place, !place.isNull, let pairs = pairs(of: place) else { return [] }
    guard pairs.count <= PolicyLimits.entries else {
      report(place, "more than \(PolicyLimits.entries) entries", remedy: "remove those that are not needed")
      return []
    }
    return pairs
  }

  /// Returns the items of a list; empty for a missing one.
  package mutating func items(_ place: PolicyNode?, limit: Int = PolicyLimits.entries) -> [PolicyNode] {
    guard let place, !place.isNull, isPlain(place) else { return [] }
    guard case .sequence(let sequence) = place.node else {
      report(place, "\(place.kind) is not allowed here", remedy: "write a list, `[one, two]`")
      return []
    }
    guard sequence.count <= limit else {
      report(place, "more than \(limit) entries", remedy: "remove those that are not needed")
      return []
    }
    return sequence.enumerated().map { place.child($1, path: "\(place.path)[\($0)]") }
  }

  /// Returns the items of a list, or a single value as a list of one.
  package mutating func itemsOrOne(_ place: PolicyNode, limit: Int = PolicyLimits.entries) -> [PolicyNode] {
    if case .scalar = place.node, !place.isNull { return [place] }
    return items(place, limit: limit)
  }

  /// Returns the value of a required key.
  package mutating func needed(_ key: String, in fields: PolicyFields) -> PolicyNode? {
    if let value = fields[key] { return value }
    report(fields.place, "'\(key)' is missing", remedy: "add `\(key):`")
    return nil
  }

  /// Returns the text of a single value; `isPlain` is whether it was written without quotes.
  package mutating func scalar(_ place: PolicyNode) -> (text: String, isUnquoted: Bool)? {
    guard isPlain(place) else { return nil }
    guard case .scalar(let scalar) = place.node, !place.isNull else {
      report(place, "\(place.kind) is not allowed here", remedy: "write a single value")
      return nil
    }
    return (scalar.string, scalar.style == .plain)
  }

  /// Returns whether a name has only the characters that keys may use; reports it otherwise.
  mutating func isWellFormed(_ name: String, at place: PolicyNode) -> Bool {
    if Key<Policy>(name).isWellFormed { return true }
    report(
      place, "\(quoted(name)) is not a valid name",
      remedy: "use 1 to 64 of a-z, 0-9, '-', '_', '.'; put names in other scripts into `title`")
    return false
  }
}
