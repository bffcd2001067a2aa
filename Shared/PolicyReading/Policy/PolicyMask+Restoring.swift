import DeskCore
import Yams

/// A masked text with the secrets of another put back.
struct RestoredPolicy: Hashable, Sendable {
  /// The text, line for line as it was shown.
  var text: String
  /// The lines, from 1, on which something was put back. Messages about them must not quote what is there.
  var lines: Set<Int>
}

extension PolicyMask {
  /// Puts the secrets of a policy back into a text that was edited with placeholders in their stead.
  ///
  /// What still shows exactly what the mask shows of the same place gets what stands there: of a hook, by its name and the field's; in
  /// a comment, by the line. What shows a placeholder anywhere else is a mistake: a placeholder never becomes the value of a secret.
  ///
  /// - Parameters:
  ///   - shown: the edited text.
  ///   - base: the text that the editor was shown, masked; empty for none.
  /// - Throws: every placeholder that stands for nothing.
  static func restored(_ shown: String, from base: String) throws(PolicyMistakes) -> RestoredPolicy {
    guard (try? PolicyDocument.refuseAliasChains(in: shown)) != nil,
      let parser = try? Yams.Parser(yaml: shown, resolver: .basic, encoding: .utf8),
      let root = try? parser.singleRoot(),
      case .mapping(let sections) = root
    else {
      // Whoever reads it finds what is wrong.
      return RestoredPolicy(text: shown, lines: [])
    }
    var restoring = Restoring(shown: shown, base: base)
    withExtendedLifetime(parser) {
      for section in sections where isSecret(section.key) { restoring.take(section.key, section.value) }
    }
    restoring.takeComments()
    guard restoring.mistakes.isEmpty else { throw PolicyMistakes(restoring.mistakes) }
    let text = restoring.text
    // Whatever YAML makes of the replaced values: what would be shown of the result is what was shown, and nothing more was taken over.
    guard restoring.edits.isEmpty || document(text).hasSameBytes(as: document(shown)) else {
      throw PolicyMistakes([
        restoring.mistake(
          at: restoring.edits.map(\.line).min() ?? 1, 1, "hidden values cannot be put back in this notation",
          remedy: "write hooks in the usual notation, one field on a line")
      ])
    }
    return RestoredPolicy(text: text, lines: Set(restoring.edits.map(\.line)))
  }
}

/// Finds what to put back where.
private struct Restoring {
  /// Replaces a scalar that begins at a place, or a whole line where the column is 0.
  struct Edit: Hashable {
    var line: Int
    var column: Int
    var value: String
  }

  private var lines: [String]
  private let baseLines: [String]
  private let baseSections: [String: Node]
  private let baseParser: Yams.Parser?
  private var secretLines: Set<Int> = []
  private(set) var edits: [Edit] = []
  private(set) var mistakes: [PolicyMistake] = []

  init(shown: String, base: String) {
    lines = PolicyMask.lines(of: shown)
    baseLines = PolicyMask.lines(of: base)
    baseParser = try? Yams.Parser(yaml: base, resolver: .basic, encoding: .utf8)
    var sections: [String: Node] = [:]
    if case .mapping(let mapping)? = try? baseParser?.singleRoot() {
      for (key, value) in mapping { if let name = key.string { sections[name] = value } }
    }
    baseSections = sections
  }

  func mistake(at line: Int, _ column: Int, _ problem: String, remedy: String) -> PolicyMistake {
    PolicyMistake(line: line, column: column, path: "", problem: problem, remedy: remedy)
  }

  private mutating func refuse(_ node: Node) {
    mistakes.append(
      mistake(
        at: max(1, node.mark?.line ?? 1), max(1, node.mark?.column ?? 1),
        "the hidden value stands for nothing that is in force at this place",
        remedy: "write the whole value, or leave the hook's name and this field as they were shown"))
  }

  // MARK: Hooks and the look-up

  mutating func take(_ key: Node, _ section: Node) {
    guard let name = key.string else { return }
    let first = key.mark?.line ?? 1
    secretLines.formUnion(first...max(first, lastLine(of: section)))
    let base = baseSections[name]
    guard name == "hooks" else { return take(hook: section, base) }
    guard case .mapping(let hooks) = section else { return takeWhole(section) }
    for (hook, fields) in hooks {
      if holdsMark(hook) { refuse(hook) }
      take(hook: fields, hook.string.flatMap { member($0, of: base) })
    }
  }

  private mutating func take(hook: Node, _ base: Node?) {
    guard case .mapping(let fields) = hook else { return takeWhole(hook) }
    for (key, value) in fields {
      if holdsMark(key) { refuse(key) }
      guard let name = key.string, !PolicyMask.shown.contains(name) else { continue }
      take(field: name, value, member(name, of: base))
    }
  }

  private mutating func take(field: String, _ value: Node, _ base: Node?) {
    switch (value, base) {
    case (.scalar(let shown), .scalar(let kept)?):
      let masked = field == "url" ? PolicyMask.address(kept.string) : PolicyMask.mark
      if shown.string.hasSameBytes(as: masked) {
        if !kept.string.hasSameBytes(as: masked) { edit(value, kept.string) }
      } else if holdsMark(value) {
        refuse(value)
      }
    case (.sequence(let shown), .sequence(let kept)?):
      let hidden = shown.filter { $0.string?.hasSameBytes(as: PolicyMask.mark) ?? false }
      let secrets = kept.compactMap(\.string)
      if hidden.count == secrets.count, secrets.count == kept.count {
        for (node, secret) in zip(hidden, secrets) { edit(node, secret) }
        for node in shown where holdsMark(node) && !(node.string?.hasSameBytes(as: PolicyMask.mark) ?? false) {
          refuse(node)
        }
      } else {
        // Which of them stayed cannot be told.
        shown.filter { holdsMark($0) }.forEach { refuse($0) }
      }
    case (.sequence(let shown), .scalar(let kept)?) where shown.count(where: holdsMark) == 1:
      // A secret was added to one that stood alone.
      for node in shown where holdsMark(node) {
        node.string?.hasSameBytes(as: PolicyMask.mark) ?? false ? edit(node, kept.string) : refuse(node)
      }
    default: takeWhole(value)
    }
  }

  /// Nothing is put back: no placeholder may be in it.
  private mutating func takeWhole(_ node: Node) {
    switch node {
    case .scalar: if holdsMark(node) { refuse(node) }
    case .sequence(let items): items.forEach { takeWhole($0) }
    case .mapping(let fields):
      for (key, value) in fields {
        takeWhole(key)
        takeWhole(value)
      }
    case .alias: break
    }
  }

  private func member(_ name: String, of node: Node?) -> Node? {
    guard case .mapping(let fields)? = node else { return nil }
    return fields.first { $0.key.string?.hasSameBytes(as: name) ?? false }?.value
  }

  /// A title or a comment may have an ellipsis; a secret has none.
  private func holdsMark(_ node: Node) -> Bool { node.string?.contains(PolicyMask.mark) ?? false }

  private mutating func edit(_ node: Node, _ value: String) {
    guard let mark = node.mark, mark.line >= 1, mark.column >= 1 else { return refuse(node) }
    edits.append(Edit(line: mark.line, column: mark.column, value: value))
  }

  private func lastLine(of node: Node) -> Int {
    switch node {
    case .scalar, .alias: node.mark?.line ?? 1
    case .sequence(let items): items.map { lastLine(of: $0) }.max() ?? node.mark?.line ?? 1
    case .mapping(let fields):
      fields.map { max(lastLine(of: $0.key), lastLine(of: $0.value)) }.max() ?? node.mark?.line ?? 1
    }
  }

  // MARK: Lines outside

  /// Puts back what the mask has hidden in comments, and wherever a signing secret stands outside of hooks.
  ///
  /// People write `whsec_…` themselves, in comments and in prose about hooks. There it is a mistake only in the stead of a secret that
  /// stood outside of hooks and that is no longer where it was shown; a comment is never one.
  mutating func takeComments() {
    // exact-keys: lines as they stand, compared by their bytes
    var hidden: [[UInt8]: [String]] = [:]
    for line in baseLines.reversed() {
      let masked = PolicyMask.withoutSecretsInComments(line)
      // One that shows a placeholder by itself keeps its turn among those that look the same.
      if !masked.hasSameBytes(as: line) || PolicyMask.showsSigningSecret(masked) {
        hidden[content(masked), default: []].append(line)
      }
    }
    var unexplained: [Int] = []
    for (index, line) in lines.enumerated() where !secretLines.contains(index + 1) {
      if let original = hidden[content(line)]?.popLast() {
        guard content(original) != content(line) else { continue }
        edits.append(Edit(line: index + 1, column: 0, value: original))
      } else if PolicyMask.showsSigningSecret(PolicyMask.withoutComment(line)) {
        unexplained.append(index)
      }
    }
    guard hidden.values.joined().contains(where: PolicyMask.holdsSigningSecret) else { return }
    for index in unexplained {
      mistakes.append(
        mistake(
          at: index + 1, 1, "the hidden secret stands for nothing that is in force on this line",
          remedy: "write it again, or leave the line as it was shown"))
    }
  }

  /// A line without its end.
  private func content(_ line: String) -> [UInt8] { Array(parts(of: line).content.utf8) }

  /// By scalars: a carriage return and a line feed are one character.
  private func parts(of line: String) -> (content: String, end: String) {
    let scalars = line.unicodeScalars
    let length = scalars.reversed().prefix { $0 == "\n" || $0 == "\r" }.count
    let place = scalars.index(scalars.endIndex, offsetBy: -length)
    return (String(scalars[..<place]), String(scalars[place...]))
  }

  // MARK: The result

  var text: String {
    var result = lines
    // From the end of each line, so that places before stay where they are.
    for edit in edits.sorted(by: { ($1.line, $1.column) < ($0.line, $0.column) }) where edit.line <= result.count {
      let line = result[edit.line - 1]
      result[edit.line - 1] = edit.column == 0 ? keepingEnd(of: line, edit.value) : replaced(line, edit)
    }
    return result.joined()
  }

  private func keepingEnd(of line: String, _ value: String) -> String {
    parts(of: value).content + parts(of: line).end
  }

  /// The line with the scalar at the place replaced by a value in double quotes.
  private func replaced(_ line: String, _ edit: Edit) -> String {
    let scalars = Array(line.unicodeScalars)
    let begin = min(edit.column - 1, scalars.count)
    var end = begin
    if begin < scalars.count, scalars[begin] == "\"" || scalars[begin] == "'" {
      end += 1
      while end < scalars.count, scalars[end] != scalars[begin] { end += 1 }
      end = min(end + 1, scalars.count)
    } else {
      while end < scalars.count, !" \t\r\n,]}".unicodeScalars.contains(scalars[end]) { end += 1 }
    }
    return String(String.UnicodeScalarView(scalars[..<begin])) + "\"" + PolicyBundle.escaped(edit.value) + "\""
      + String(String.UnicodeScalarView(scalars[end...]))
  }
}
