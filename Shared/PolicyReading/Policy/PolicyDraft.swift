public import DeskCore
internal import UntrustedInput

/// A policy as someone edited it on a page, where its secrets were hidden: checked, with the secrets put back. It is checked by the same
/// rules when it is typed and when it is put into force.
public struct PolicyDraft: Hashable, Sendable {
  /// The text with its secrets, as the store keeps it.
  public let text: String
  /// The policy.
  public let policy: Policy

  /// Reads and checks a text.
  ///
  /// No file is read: a text that names article files must hold their content too, as the stored text does. Secrets in the environment
  /// are taken to be where the notifier runs.
  ///
  /// - Parameters:
  ///   - shown: the text with placeholders.
  ///   - base: the stored text from which it was edited; empty for none.
  /// - Throws: every mistake, with the line and column in `shown`. None repeats a secret.
  public init(_ shown: String, editing base: String) throws(PolicyMistakes) {
    guard shown.utf8.count <= PolicyLimits.bytes else {
      // The reader says the same; finding placeholders in what is too long would only take time.
      _ = try PolicyDocument(yaml: shown, version: 0)
      throw PolicyMistakes([])
    }
    let restored = try PolicyMask.restored(shown, from: base)
    let document: PolicyDocument
    do {
      document = try PolicyDocument(yaml: restored.text, version: 0)
    } catch {
      throw PolicyMistakes(
        error.mistakes.map { PolicyDraft.concealing($0, restored.lines) }, omitted: error.omitted)
    }
    guard document.objections.isEmpty else {
      throw PolicyMistakes(document.objections.map { PolicyDraft.concealing($0, restored.lines) })
    }
    text = restored.text
    policy = document.policy
  }

  /// A mistake on a line with a hidden value is told without what it quotes.
  private static func concealing(_ mistake: PolicyMistake, _ lines: Set<Int>) -> PolicyMistake {
    guard mistake.file.isEmpty, lines.contains(mistake.line) else { return mistake }
    func concealed(_ text: String) -> String { text.replacing(/'[^']*'/) { _ in "'\(PolicyMask.mark)'" } }
    return PolicyMistake(
      file: mistake.file, line: mistake.line, column: mistake.column, path: mistake.path,
      problem: concealed(mistake.problem), remedy: concealed(mistake.remedy))
  }
}
