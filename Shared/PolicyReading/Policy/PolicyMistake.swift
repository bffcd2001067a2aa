public import DeskCore
internal import UntrustedInput

/// A mistake in a policy file, with its place and a remedy.
public struct PolicyMistake: Hashable, Sendable {
  /// The referenced file that it is in, as the policy names it; empty for the policy itself.
  public let file: String
  /// The line, from 1.
  public let line: Int
  /// The column, from 1, counted in Unicode scalars.
  public let column: Int
  /// The place in the document, such as `rules[3].when.category`; empty for the file as a whole.
  public let path: String
  /// What is wrong.
  public let problem: String
  /// What to write instead.
  public let remedy: String

  /// Creates a mistake.
  public init(file: String = "", line: Int, column: Int, path: String, problem: String, remedy: String) {
    self.file = file
    self.line = line
    self.column = column
    self.path = path
    self.problem = problem
    self.remedy = remedy
  }

  /// Creates a mistake for bytes that are not UTF-8.
  init(_ mistake: UTF8Text.Mistake, in file: String = "") {
    self.init(
      file: file, line: mistake.line, column: mistake.column, path: "", problem: UTF8Text.Mistake.problem,
      remedy: UTF8Text.Mistake.remedy)
  }

  /// The code and the values of `problem`; nil for a sentence that is not among `PolicySentence`, such as one of the YAML parser.
  public var says: JSONValue? { PolicySentence.catalogue.coded(problem) }
  /// The code and the values of `remedy`.
  public var remedySays: JSONValue? { PolicySentence.catalogue.coded(remedy) }

  /// The mistake on one line, as compilers write it: `desk.yaml:12:5: queues.orders.offer_time: problem; remedy`.
  /// - Parameter policy: the path of the policy; referenced files are named relative to the same folder.
  public func text(file policy: String) -> String {
    let place = path.isEmpty ? "" : "\(path): "
    let folder = policy.lastIndex(of: "/").map { policy[...$0] } ?? ""
    return "\(file.isEmpty ? policy : folder + file):\(line):\(column): \(place)\(problem); \(remedy)"
  }
}

extension PolicyMistake: Comparable {
  public static func < (left: Self, right: Self) -> Bool {
    (left.file, left.line, left.column, left.path, left.problem)
      < (right.file, right.line, right.column, right.path, right.problem)
  }
}

/// All mistakes of a policy file.
public struct PolicyMistakes: Error, Hashable, Sendable, CustomStringConvertible {
  /// The mistakes in the order of the file, followed by those of referenced files, at most `PolicyLimits.mistakes`.
  public let mistakes: [PolicyMistake]
  /// How many more there are.
  public let omitted: Int

  /// Creates the error.
  public init(_ mistakes: [PolicyMistake], omitted: Int = 0) {
    self.mistakes = mistakes.sorted()
    self.omitted = omitted
  }

  /// All mistakes, one per line.
  public func text(file: String = "desk.yaml") -> String {
    var lines = mistakes.map { $0.text(file: file) }
    if omitted > 0 { lines.append("\(file): and \(omitted) more") }
    return lines.joined(separator: "\n")
  }

  public var description: String { text() }
}

/// Quotes a piece of the file for a message: shortened, and without anything that could control a terminal.
package func quoted(_ text: String) -> String {
  let shown = text.unicodeScalars.prefix(60).map { scalar in
    scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format ? "\u{FFFD}" : scalar
  }
  var result = String(String.UnicodeScalarView(shown))
  if text.unicodeScalars.count > 60 { result += "…" }
  return "'\(result)'"
}

/// Returns the name among `known` that `text` was probably meant to be; nil when none is similar.
func likelyName(for text: String, among known: some Collection<String>) -> String? {
  guard text.unicodeScalars.count <= 64, known.count <= PolicyLimits.namesCompared else { return nil }
  let candidates = known.map { (distance: editDistance(text, $0), name: $0) }
  guard let best = candidates.min(by: { ($0.distance, $0.name) < ($1.distance, $1.name) }) else { return nil }
  return best.distance <= max(1, text.count / 3) ? best.name : nil
}

/// Returns the Levenshtein distance: letters to change, add or drop to turn one word into the other.
private func editDistance(_ left: String, _ right: String) -> Int {
  let target = Array(right.unicodeScalars)
  var row = Array(0...target.count)
  for (position, letter) in left.unicodeScalars.enumerated() {
    var diagonal = row[0]
    row[0] = position + 1
    for (column, other) in target.enumerated() {
      let change = diagonal + (letter == other ? 0 : 1)
      diagonal = row[column + 1]
      row[column + 1] = min(change, row[column] + 1, row[column + 1] + 1)
    }
  }
  return row[target.count]
}
