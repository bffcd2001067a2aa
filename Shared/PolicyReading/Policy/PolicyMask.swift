import DeskCore
import Yams

/// Removes the secrets from a policy before it is shown. All code that shows a policy's text or the URL of a hook uses
/// this type.
///
/// Default deny: of a hook, and of the look-up of customers, only the fields in `shown` and the origin of its address are left. Paths are
/// hidden too, because many receivers take a token as part of the path.
public enum PolicyMask {
  /// The placeholder for hidden text.
  public static let mark = "…"

  /// The fields of a hook or a look-up that contain no secret. `secret_env` names variables only.
  static let shown: Set<String> = [
    "title", "secret_env", "kinds", "allow_private_address", "parallel_deliveries", "fields", "keep",
  ]

  /// The sections with secrets.
  private static let secretSections: Set<String> = ["hooks", "customer_lookup"]

  /// Returns the origin of a URL: scheme, host and port, without user, password, path, query and fragment.
  /// - Returns: such as `https://shop.example:8443/…`; only the placeholder for anything that is not a URL.
  public static func address(_ text: String) -> String {
    let scalars = Array(text.unicodeScalars)
    guard let colon = scalars.firstIndex(of: ":"), colon > 0,
      scalars[..<colon].allSatisfy({ isSchemePart($0) }),
      scalars[colon...].starts(with: "://".unicodeScalars)
    else { return mark }
    let rest = scalars[(colon + 3)...]
    let authority = rest.prefix { !"/?#\\".unicodeScalars.contains($0) }
    let host = authority.lastIndex(of: "@").map { authority[($0 + 1)...] } ?? authority
    let path = rest[authority.endIndex...]
    let hidden = path.isEmpty ? "" : path.elementsEqual("/".unicodeScalars) ? "/" : "/" + mark
    return Self.text(scalars[..<colon]) + "://" + Self.text(host) + hidden
  }

  /// Returns a policy's text with unchanged lines, except for the sections with secrets: they are rewritten without them and without
  /// comments. Signing secrets and addresses in comments are hidden wherever they are.
  /// - Returns: a one-line notice if the text cannot be read as a policy.
  public static func document(_ yaml: String) -> String {
    guard (try? PolicyDocument.refuseAliasChains(in: yaml)) != nil,
      let parser = try? Yams.Parser(yaml: yaml, resolver: .basic, encoding: .utf8), let root = try? parser.singleRoot()
    else { return "# the policy is not shown, because this build cannot read it\n" }
    let text = withExtendedLifetime(parser) { document(yaml, root: root) }
    return text ?? "# the policy is not shown, because this build cannot write it without its secrets\n"
  }

  private static func document(_ yaml: String, root: Node) -> String? {
    guard case .mapping(let sections) = root else { return nil }
    let lines = lines(of: yaml)
    let secret = sections.filter { isSecret($0.key) }.sorted { ($0.key.mark?.line ?? 0) < ($1.key.mark?.line ?? 0) }
    let starts = sections.compactMap { $0.key.mark?.line }.sorted()
    guard secret.isEmpty || (Set(starts).count == sections.count && sections.allSatisfy { $0.key.mark?.column == 1 })
    else {
      // Not one section under another, such as a policy in braces.
      return written(Node(sections.map { ($0.key, isSecret($0.key) ? masked($0.key, $0.value) : $0.value) }))
        .map(withoutSigningSecrets)
    }
    var text = ""
    var shownLines = 0
    for section in secret {
      guard let mark = section.key.mark, let masked = written(Node([(section.key, masked(section.key, section.value))]))
      else { return nil }
      text += lines[shownLines..<(mark.line - 1)].map(withoutSecretsInComments).joined() + masked
      shownLines = starts.first { $0 > mark.line }.map { $0 - 1 } ?? lines.count
    }
    return text + lines[shownLines...].map(withoutSecretsInComments).joined()
  }

  static func isSecret(_ key: Node) -> Bool { key.string.map { secretSections.contains($0) } ?? false }

  private static func masked(_ key: Node, _ section: Node) -> Node {
    key.string == "hooks" ? masked(hooks: section) : masked(hook: section)
  }

  private static func written(_ node: Node) -> String? {
    try? Yams.serialize(node: node, allowUnicode: true)
  }

  // MARK: Hooks

  private static func masked(hooks: Node) -> Node {
    guard case .mapping(let entries) = hooks else { return hooks.null == nil ? Node(mark) : hooks }
    return Node(entries.map { ($0.key, masked(hook: $0.value)) })
  }

  private static func masked(hook: Node) -> Node {
    guard case .mapping(let fields) = hook else { return Node(mark) }
    return Node(
      fields.map { key, value in
        guard let name = key.string else { return (Node(mark), Node(mark)) }
        if shown.contains(name) { return (key, value) }
        guard name == "url", let address = value.string else { return (key, masked(value)) }
        return (key, Node(Self.address(address)))
      })
  }

  /// A list keeps its length, so that people see how many secrets there are.
  private static func masked(_ value: Node) -> Node {
    guard case .sequence(let items) = value else { return Node(mark) }
    return Node(items.map { _ in Node(mark) })
  }

  // MARK: The rest

  private static func withoutSigningSecrets(_ text: String) -> String {
    text.replacing(/whsec_[A-Za-z0-9+\/=_\-]*…?/) { _ in "whsec_" + mark }
  }

  /// Whether a text holds a signing secret, not only the placeholder of one.
  static func holdsSigningSecret(_ text: String) -> Bool { !withoutSigningSecrets(text).hasSameBytes(as: text) }

  /// Whether a text has the placeholder of a signing secret, or what looks like it.
  static func showsSigningSecret(_ text: String) -> Bool { text.contains("whsec_" + mark) }

  /// A line without its comment.
  static func withoutComment(_ line: String) -> String {
    comment(of: line).map { String(line[..<$0]) } ?? line
  }

  private static func comment(of line: String) -> String.Index? { line.firstMatch(of: /(^|\s)#/)?.range.lowerBound }

  static func withoutSecretsInComments(_ line: String) -> String {
    let line = withoutSigningSecrets(line)
    guard let comment = comment(of: line), line[comment...].contains("://") else {
      return line
    }
    let masked = line[comment...].replacing(/[A-Za-z][A-Za-z0-9+.\-]*:\/\/[^\s"'<>]*/) { address(String($0.output)) }
    return String(line[..<comment]) + String(masked)
  }

  /// The lines with their ends, as libyaml counts them.
  static func lines(of text: String) -> [String] {
    var lines: [String] = []
    var line = String.UnicodeScalarView()
    var previous: Unicode.Scalar = " "
    for scalar in text.unicodeScalars {
      if previous == "\r", scalar != "\n" {
        lines.append(String(line))
        line = String.UnicodeScalarView()
      }
      line.append(scalar)
      if ["\n", "\u{85}", "\u{2028}", "\u{2029}"].contains(scalar) {
        lines.append(String(line))
        line = String.UnicodeScalarView()
      }
      previous = scalar
    }
    if !line.isEmpty { lines.append(String(line)) }
    return lines
  }

  private static func isSchemePart(_ scalar: Unicode.Scalar) -> Bool {
    scalar.isASCII && (scalar.properties.isAlphabetic || "+-.0123456789".unicodeScalars.contains(scalar))
  }

  private static func text(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
    String(String.UnicodeScalarView(scalars))
  }
}
