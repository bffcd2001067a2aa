import DeskCore
import Yams

/// Walks the composed document and collects what it says and every mistake in it.
///
/// Each reading function reports what is wrong and gives nil (or a stand-in), so that one mistake never hides another.
struct PolicyReader {
  /// Values of environment variables that hooks take secrets from.
  let environment: [String: String]

  private(set) var mistakes: [PolicyMistake] = []
  private(set) var omitted = 0
  /// What keeps a policy from being applied, and not one that is in force already from being worked by.
  private(set) var objections: [PolicyMistake] = []
  /// The same for secrets that the environment lacks, which may be there where deliveries are made.
  private(set) var unsetSecrets: [PolicyMistake] = []

  // Names that the file declares, known before any reference is read.
  var calendarNames: Set<String> = []
  var teamNames: Set<String> = []
  var skillNames: Set<String> = []
  var queueNames: Set<String> = []
  var channelNames: Set<String> = []
  var hookNames: Set<String> = []

  // What was read so far, for checks across sections.
  var agents: [AgentID: AgentProfile] = [:]
  /// Whether all agents could be read. Where not, what they would lack is no mistake of its own.
  var areAgentsKnown = true
  var titles: [String: PolicyTitle] = [:]
  var life = LifePolicy()

  /// The file beside the policy that is being read; empty while it is the policy itself.
  var file = ""

  init(environment: [String: String]) {
    self.environment = environment
  }

  /// Notes a mistake.
  mutating func report(_ place: PolicyNode, _ problem: String, remedy: String) {
    report(line: place.line, column: place.column, path: place.path, problem, remedy: remedy)
  }

  /// Notes what keeps a policy from being applied.
  mutating func object(_ place: PolicyNode, _ problem: String, remedy: String) {
    guard objections.count < PolicyLimits.mistakes else { return }
    objections.append(
      PolicyMistake(
        file: file, line: place.line, column: place.column, path: place.path, problem: problem, remedy: remedy))
  }

  /// Notes that a variable which should hold a secret is not set here.
  mutating func reportUnset(_ place: PolicyNode, _ problem: String, remedy: String) {
    guard unsetSecrets.count < PolicyLimits.mistakes else { return }
    unsetSecrets.append(
      PolicyMistake(
        file: file, line: place.line, column: place.column, path: place.path, problem: problem, remedy: remedy))
  }

  /// Notes a mistake at a place that is no node of a document.
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
  /// A remedy that names what was probably meant. Not looked for once mistakes are only counted, so that a file of nothing but
  /// mistakes is read as fast as any other.
  func guess(for name: String, among known: some Collection<String>) -> String? {
    guard mistakes.count < PolicyLimits.mistakes else { return nil }
    return likelyName(for: name, among: known).map { "did you mean '\($0)'?" }
  }
}

extension PolicyReader {
  /// Anchors are refused: with aliases a small file unfolds into an endless one.
  private mutating func isPlain(_ place: PolicyNode) -> Bool {
    if case .alias = place.node {} else if place.node.anchor == nil { return true }
    report(place, "anchors and aliases are not allowed", remedy: "write the value out")
    return false
  }

  /// The entries of a mapping, keys as written.
  private mutating func pairs(of place: PolicyNode) -> [PolicyEntry]? {
    guard isPlain(place) else { return nil }
    guard case .mapping(let mapping) = place.node else {
      report(place, "\(place.kind) stands here", remedy: "write a mapping, `key: value`")
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

  /// The values of a mapping that knows only the keys `known`.
  mutating func fields(of place: PolicyNode, known: [String]) -> PolicyFields? {
    guard let pairs = pairs(of: place) else { return nil }
    var values: [String: PolicyNode] = [:]
    for pair in pairs {
      guard known.contains(pair.name) else {
        let guess = guess(for: pair.name, among: known)
        report(
          pair.key, "unknown key \(quoted(pair.name))",
          remedy: guess ?? "known here are \(known.joined(separator: ", "))")
        continue
      }
      if !pair.value.isNull { values[pair.name] = pair.value }
    }
    return PolicyFields(place: place, values: values)
  }

  /// The entries of a mapping whose keys are names of the operator's choice; ill-formed names are reported and left out.
  mutating func named(_ place: PolicyNode?, limit: Int = PolicyLimits.entries) -> [PolicyEntry] {
    guard let place, !place.isNull, let pairs = pairs(of: place) else { return [] }
    guard pairs.count <= limit else {
      report(place, "more than \(limit) entries", remedy: "drop those that are not needed")
      return []
    }
    return pairs.filter { isWellFormed($0.name, at: $0.key) }
  }

  /// The entries of a mapping whose keys have a form of their own, such as dates.
  mutating func entries(_ place: PolicyNode?) -> [PolicyEntry] {
    guard let place, !place.isNull, let pairs = pairs(of: place) else { return [] }
    guard pairs.count <= PolicyLimits.entries else {
      report(place, "more than \(PolicyLimits.entries) entries", remedy: "drop those that are not needed")
      return []
    }
    return pairs
  }

  /// The items of a list; nothing for a missing one.
  mutating func items(_ place: PolicyNode?, limit: Int = PolicyLimits.entries) -> [PolicyNode] {
    guard let place, !place.isNull, isPlain(place) else { return [] }
    guard case .sequence(let sequence) = place.node else {
      report(place, "\(place.kind) stands here", remedy: "write a list, `[one, two]`")
      return []
    }
    guard sequence.count <= limit else {
      report(place, "more than \(limit) entries", remedy: "drop those that are not needed")
      return []
    }
    return sequence.enumerated().map { place.child($1, path: "\(place.path)[\($0)]") }
  }

  /// The items of a list, or the one value that stands for a list of one.
  mutating func itemsOrOne(_ place: PolicyNode, limit: Int = PolicyLimits.entries) -> [PolicyNode] {
    if case .scalar = place.node, !place.isNull { return [place] }
    return items(place, limit: limit)
  }

  /// The value under a key that must be there.
  mutating func needed(_ key: String, in fields: PolicyFields) -> PolicyNode? {
    if let value = fields[key] { return value }
    report(fields.place, "'\(key)' is missing", remedy: "add `\(key):`")
    return nil
  }

  /// The text of a single value; `isPlain` tells whether it was written without quotes.
  mutating func scalar(_ place: PolicyNode) -> (text: String, isUnquoted: Bool)? {
    guard isPlain(place) else { return nil }
    guard case .scalar(let scalar) = place.node, !place.isNull else {
      report(place, "\(place.kind) stands here", remedy: "write a single value")
      return nil
    }
    return (scalar.string, scalar.style == .plain)
  }

  /// Whether a name keeps to the characters that keys may use; reports it otherwise.
  mutating func isWellFormed(_ name: String, at place: PolicyNode) -> Bool {
    if Key<Policy>(name).isWellFormed { return true }
    report(
      place, "\(quoted(name)) is no name",
      remedy: "use 1 to 64 of a-z, 0-9, '-', '_', '.'; names in other scripts belong into `title`")
    return false
  }
}
