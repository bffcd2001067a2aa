import Foundation
import Yams

/// A policy together with the files that stand beside it, as one text that needs none of them.
///
/// `article_files:` of a policy names Markdown files, patterns (`articles/*.md`) or folders. Where the policy is applied their text is
/// written behind the policy's own, under `article_texts:`; the store keeps that, and services never look at a file. Everything before
/// stays where it is, so that mistakes are found in the lines of the policy that people have.
public struct PolicyBundle: Hashable, Sendable {
  /// What the store keeps.
  public let text: String
  /// What it says.
  public let document: PolicyDocument

  /// Reads and checks a policy and what stands beside it.
  ///
  /// - Parameters:
  ///   - bytes: the policy's file.
  ///   - version: the version under which the store keeps it, 0 for one that is only checked.
  ///   - environment: see `PolicyDocument`.
  ///   - folder: where the policy's file lies.
  /// - Throws: every mistake of the policy and of each file, with its place, and whatever keeps it from being applied.
  public init(
    bytes: some Collection<UInt8>, version: Int32, environment: [String: String]? = nil, folder: String
  ) throws(PolicyMistakes) {
    let own = String(decoding: bytes, as: UTF8.self)
    let found = PolicyBundle.articles(of: own, in: PolicyFolder(path: folder))
    guard let (files, mistakes) = found else {
      document = try PolicyDocument(bytes: bytes, version: version, environment: environment)
      text = own
      if !document.objections.isEmpty { throw PolicyMistakes(document.objections) }
      return
    }
    text = own + (own.hasSuffix("\n") ? "" : "\n") + PolicyBundle.appendix(files)
    do {
      document = try PolicyDocument(yaml: text, version: version, environment: environment)
    } catch {
      throw PolicyMistakes(error.mistakes + mistakes, omitted: error.omitted)
    }
    let refused = document.objections + mistakes
    if !refused.isEmpty { throw PolicyMistakes(refused) }
  }

  /// The files that a policy names, nil when it names none or holds their text already. Whatever else is wrong with the policy is found
  /// when it is read as a whole.
  private static func articles(of yaml: String, in folder: PolicyFolder) -> ([ArticleFile], [PolicyMistake])? {
    guard yaml.utf8.count <= PolicyLimits.bytes, (try? PolicyDocument.refuseAliasChains(in: yaml)) != nil,
      let parser = try? Yams.Parser(yaml: yaml, resolver: .basic, encoding: .utf8),
      let root = try? parser.singleRoot()
    else { return nil }
    return withExtendedLifetime(parser) {
      guard case .mapping(let mapping) = root, let named = mapping["article_files"], mapping["article_texts"] == nil
      else { return nil }
      var reader = PolicyReader(environment: [:])
      var files: [String: ArticleFile] = [:]
      let place = PolicyNode(named, path: "article_files")
      for item in reader.itemsOrOne(place, limit: PolicyLimits.articleFiles) {
        guard let pattern = reader.text(item) else { continue }
        let (found, mistakes) = folder.articles(pattern)
        for file in found { files[file.path] = file }
        for mistake in mistakes {
          if mistake.file.isEmpty {
            reader.report(item, mistake.problem, remedy: mistake.remedy)
          } else {
            reader.file = mistake.file
            reader.report(
              line: mistake.line, column: mistake.column, path: "", mistake.problem, remedy: mistake.remedy)
            reader.file = ""
          }
        }
      }
      if files.count > PolicyLimits.articleFiles {
        reader.report(
          place, "there are more than \(PolicyLimits.articleFiles) files", remedy: "drop those that are not needed")
        files = [:]
      }
      return (files.values.sorted { $0.path < $1.path }, reader.mistakes)
    }
  }

  /// The files as a section of the policy. Their lines stay lines, for people who read the policy in the console.
  private static func appendix(_ files: [ArticleFile]) -> String {
    var text = "\n# The articles as their files had them when this was applied.\narticle_texts:\n"
    if files.isEmpty { text += "  {}\n" }
    for file in files {
      text += "  \"\(escaped(file.path))\": \"\\\n"
      for line in file.text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
        // Spaces at the beginning of a continued line would be dropped.
        text += "    " + (line.first == " " ? "\\" : "") + escaped(line) + "\\n\\\n"
      }
      text += "    \"\n"
    }
    return text
  }

  /// A text between double quotes. Stars are escaped too: many of them outside quotes would be a chain of aliases.
  private static func escaped(_ text: some StringProtocol) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\t": result += "\\t"
      case "*": result += "\\x2A"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

/// The folder in which a policy lies.
struct PolicyFolder {
  let path: String

  /// The files that a pattern names, each read, and what is wrong with it or them.
  func articles(_ pattern: String) -> ([ArticleFile], [PolicyMistake]) {
    func mistake(_ problem: String, remedy: String) -> ([ArticleFile], [PolicyMistake]) {
      ([], [PolicyMistake(line: 1, column: 1, path: "", problem: problem, remedy: remedy)])
    }
    guard !pattern.hasPrefix("/"), !pattern.split(separator: "/").contains("..") else {
      return mistake(
        "\(quoted(pattern)) leads out of the policy's folder", remedy: "name files in the folder of the policy")
    }
    var wanted = pattern
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: "\(path)/\(pattern)", isDirectory: &isFolder), isFolder.boolValue {
      wanted += pattern.hasSuffix("/") ? "*.md" : "/*.md"
    }
    let names = names(matching: wanted)
    guard !names.isEmpty else {
      return mistake("there is no file \(quoted(wanted))", remedy: "name files such as articles/*.md")
    }
    var files: [ArticleFile] = []
    var mistakes: [PolicyMistake] = []
    for name in names.prefix(PolicyLimits.articleFiles + 1) {
      do { files.append(try read(name)) } catch { mistakes.append(error) }
    }
    return (files, mistakes)
  }

  /// The files of a pattern with `*` in its last part, or the one file, in the order of their names.
  private func names(matching pattern: String) -> [String] {
    let cut = pattern.lastIndex(of: "/").map { pattern.index(after: $0) } ?? pattern.startIndex
    let (folder, last) = (String(pattern[..<cut]), pattern[cut...])
    guard last.contains("*") else {
      return FileManager.default.fileExists(atPath: "\(path)/\(pattern)") ? [pattern] : []
    }
    let parts = last.split(separator: "*", omittingEmptySubsequences: false)
    let all = (try? FileManager.default.contentsOfDirectory(atPath: "\(path)/\(folder)")) ?? []
    return all.filter { !$0.hasPrefix(".") && matches($0, parts) }.sorted().map { folder + $0 }
  }

  private func matches(_ name: String, _ parts: [Substring]) -> Bool {
    var rest = name[...]
    guard let first = parts.first, rest.hasPrefix(first) else { return false }
    rest = rest.dropFirst(first.count)
    for part in parts.dropFirst().dropLast() where !part.isEmpty {
      guard let found = rest.range(of: part) else { return false }
      rest = rest[found.upperBound...]
    }
    return rest.hasSuffix(parts.last ?? "")
  }

  /// Reads one file: UTF-8, lines that end in any way, no characters that nobody sees.
  private func read(_ name: String) throws(PolicyMistake) -> ArticleFile {
    func mistake(_ problem: String, remedy: String, at place: (line: Int, column: Int) = (1, 1)) -> PolicyMistake {
      PolicyMistake(
        file: name, line: place.line, column: place.column, path: "", problem: problem, remedy: remedy)
    }
    guard let bytes = FileManager.default.contents(atPath: "\(path)/\(name)") else {
      throw mistake("the file cannot be read", remedy: "let whoever applies the policy read it")
    }
    guard bytes.count <= PolicyLimits.articleFileBytes else {
      throw mistake("the file is larger than \(PolicyLimits.articleFileBytes) bytes", remedy: "make two articles of it")
    }
    guard var text = String(validating: bytes, as: UTF8.self) else {
      throw mistake("the file is not UTF-8", remedy: "save it as UTF-8")
    }
    if text.hasPrefix("\u{FEFF}") { text.unicodeScalars.removeFirst() }
    text = text.replacingOccurrences(of: "\r\n", with: "\n")
    var (line, column) = (1, 1)
    for scalar in text.unicodeScalars {
      if scalar == "\n" {
        (line, column) = (line + 1, 1)
        continue
      }
      if scalar != "\t", isInvisible(scalar) {
        throw mistake("a character that nobody sees stands here", remedy: "leave it out", at: (line, column))
      }
      column += 1
    }
    return ArticleFile(path: name, text: text.hasSuffix("\n") ? text : text + "\n")
  }

  /// Control characters, other ways of ending a line, a mark of byte order, and what is no character at all.
  private func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.generalCategory == .control || scalar.properties.isNoncharacterCodePoint
      || ["\u{2028}", "\u{2029}", "\u{FEFF}"].contains(scalar)
  }
}

extension PolicyMistake: Error {}
