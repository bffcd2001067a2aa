import DeskCore
import Foundation
internal import UntrustedInput
import Yams

/// A policy and the files that it references, as one self-contained text.
///
/// `article_files:` of a policy names Markdown files, patterns (`articles/*.md`) or folders. When the policy is applied, their text is
/// appended to the policy under `article_texts:`; the store keeps the result, and services never read a file. Everything before
/// stays in place, so that mistakes refer to the lines of the original policy file.
public struct PolicyBundle: Hashable, Sendable {
  /// The text that the store keeps.
  public let text: String
  /// The parsed document.
  public let document: PolicyDocument

  /// Reads and checks a policy and its files.
  ///
  /// - Parameters:
  ///   - bytes: the policy's file.
  ///   - version: its version in the store, 0 for one that is only checked.
  ///   - environment: see `PolicyDocument`.
  ///   - folder: the folder of the policy's file.
  ///   - secretsElsewhere: whether secrets missing from this process's environment are known to exist where the notifier runs.
  /// - Throws: every mistake of the policy and of each file, with its place, and everything that prevents it from being applied.
  public init(
    bytes: some Collection<UInt8>, version: Int32, environment: [String: String]? = nil, folder: String,
    secretsElsewhere: Bool = false
  ) throws(PolicyMistakes) {
    let own = try PolicyDocument.text(of: bytes)
    let found = PolicyBundle.articles(of: own, in: PolicyFolder(path: folder))
    guard let (files, mistakes) = found else {
      document = try PolicyDocument(
        yaml: own, version: version, environment: environment, requiresSecrets: !secretsElsewhere)
      text = own
      let refused = document.objections + (secretsElsewhere ? [] : document.unsetSecrets)
      if !refused.isEmpty { throw PolicyMistakes(refused) }
      return
    }
    text = own + (own.utf8.last == UInt8(ascii: "\n") ? "" : "\n") + PolicyBundle.appendix(files)
    do {
      document = try PolicyDocument(
        yaml: text, version: version, environment: environment, requiresSecrets: !secretsElsewhere)
    } catch {
      throw PolicyMistakes(error.mistakes + mistakes, omitted: error.omitted)
    }
    let refused = document.objections + mistakes + (secretsElsewhere ? [] : document.unsetSecrets)
    if !refused.isEmpty { throw PolicyMistakes(refused) }
  }

  /// Returns the files that a policy names, nil when it names none or already contains their text. Other mistakes of the policy are found
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
      // By bytes, like the file system compares names.
      var files: [ExactString: ArticleFile] = [:]
      let place = PolicyNode(named, path: "article_files")
      for item in reader.itemsOrOne(place, limit: PolicyLimits.articleFiles) {
        guard let pattern = reader.text(item) else { continue }
        let (found, mistakes) = folder.articles(pattern)
        for file in found { files[ExactString(file.path)] = file }
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
      // They become keys of one mapping below, which are compared as text.
      if Set(files.values.map(\.path)).count < files.count {
        reader.report(
          place, "two files have the same name in different Unicode normal forms", remedy: "rename one of them")
        files = [:]
      }
      if files.count > PolicyLimits.articleFiles {
        reader.report(
          place, "there are more than \(PolicyLimits.articleFiles) files", remedy: "remove those that are not needed")
        files = [:]
      }
      return (files.values.sorted { $0.path < $1.path }, reader.mistakes)
    }
  }

  /// Renders the files as a section of the policy. Their lines stay lines, for reading the policy in the console.
  private static func appendix(_ files: [ArticleFile]) -> String {
    var text = "\n# The articles as read from their files when this was applied.\narticle_texts:\n"
    if files.isEmpty { text += "  {}\n" }
    for file in files {
      text += "  \"\(escaped(file.path))\": \"\\\n"
      for line in file.text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
        // Spaces at the beginning of a continued line would be dropped.
        text += "    " + (line.unicodeScalars.first == " " ? "\\" : "") + escaped(line) + "\\n\\\n"
      }
      text += "    \"\n"
    }
    return text
  }

  /// Escapes a text for double quotes (YAML 1.2.2, section 5.7). Stars are escaped too: many of them outside quotes would be a chain of
  /// aliases.
  static func escaped(_ text: some StringProtocol) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\t": result += "\\t"
      case "*": result += "\\x2A"
      case _ where isUnprintable(scalar):
        let digits = String(scalar.value, radix: 16)
        result += "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// Control characters, other line separators, byte order marks, and noncharacters.
  static func isUnprintable(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.generalCategory == .control || scalar.properties.isNoncharacterCodePoint
      || ["\u{2028}", "\u{2029}", "\u{FEFF}"].contains(scalar)
  }
}

/// The folder of a policy.
struct PolicyFolder {
  let path: String

  /// Reads the files that a pattern matches, and collects their mistakes.
  func articles(_ pattern: String) -> ([ArticleFile], [PolicyMistake]) {
    func mistake(_ problem: String, remedy: String) -> ([ArticleFile], [PolicyMistake]) {
      ([], [PolicyMistake(line: 1, column: 1, path: "", problem: problem, remedy: remedy)])
    }
    let parts = pattern.utf8.split(separator: UInt8(ascii: "/"))
    guard pattern.utf8.first != UInt8(ascii: "/"), !parts.contains(where: { $0.elementsEqual("..".utf8) }) else {
      return mistake(
        "\(quoted(pattern)) leads out of the policy's folder", remedy: "use files in the folder of the policy")
    }
    var wanted = pattern
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: "\(path)/\(pattern)", isDirectory: &isFolder), isFolder.boolValue {
      wanted += pattern.utf8.last == UInt8(ascii: "/") ? "*.md" : "/*.md"
    }
    let names = names(matching: wanted)
    guard !names.isEmpty else {
      return mistake("there is no file \(quoted(wanted))", remedy: "use existing files, such as articles/*.md")
    }
    var files: [ArticleFile] = []
    var mistakes: [PolicyMistake] = []
    for name in names.prefix(PolicyLimits.articleFiles + 1) {
      do { files.append(try read(name)) } catch { mistakes.append(error) }
    }
    return (files, mistakes)
  }

  /// Returns the files matching a pattern with `*` in its last part, or the one file, sorted by name. Names are bytes to the file system,
  /// so they are compared as bytes.
  private func names(matching pattern: String) -> [String] {
    let utf8 = pattern.utf8
    let cut = utf8.lastIndex(of: UInt8(ascii: "/")).map { utf8.index(after: $0) } ?? utf8.startIndex
    let (folder, last) = (String(pattern[..<cut]), Array(utf8[cut...]))
    guard last.contains(UInt8(ascii: "*")) else {
      return FileManager.default.fileExists(atPath: "\(path)/\(pattern)") ? [pattern] : []
    }
    let parts = last.split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false)
    let all = (try? FileManager.default.contentsOfDirectory(atPath: "\(path)/\(folder)")) ?? []
    return all.filter { $0.utf8.first != UInt8(ascii: ".") && matches(Array($0.utf8), parts) }.sorted()
      .map { folder + $0 }
  }

  private func matches(_ name: [UInt8], _ parts: [ArraySlice<UInt8>]) -> Bool {
    guard let first = parts.first, let last = parts.last, name.starts(with: first) else { return false }
    var rest = name.dropFirst(first.count)
    for part in parts.dropFirst().dropLast() where !part.isEmpty {
      guard let found = rest.firstRange(of: part) else { return false }
      rest = rest[found.upperBound...]
    }
    return rest.suffix(last.count).elementsEqual(last)
  }

  /// Reads one file: UTF-8, any line endings, no invisible characters.
  private func read(_ name: String) throws(PolicyMistake) -> ArticleFile {
    func mistake(_ problem: String, remedy: String, at place: (line: Int, column: Int) = (1, 1)) -> PolicyMistake {
      PolicyMistake(
        file: name, line: place.line, column: place.column, path: "", problem: problem, remedy: remedy)
    }
    guard let bytes = FileManager.default.contents(atPath: "\(path)/\(name)") else {
      throw mistake("the file cannot be read", remedy: "make it readable for the user who applies the policy")
    }
    guard bytes.count <= PolicyLimits.articleFileBytes else {
      throw mistake(
        "the file is larger than \(PolicyLimits.articleFileBytes) bytes", remedy: "split it into two articles")
    }
    var text: String
    do {
      text = try UTF8Text.read(bytes)
    } catch {
      throw PolicyMistake(error, in: name)
    }
    if text.unicodeScalars.first == "\u{FEFF}" { text.unicodeScalars.removeFirst() }
    text = text.replacingOccurrences(of: "\r\n", with: "\n")
    var (line, column) = (1, 1)
    for scalar in text.unicodeScalars {
      if scalar == "\n" {
        (line, column) = (line + 1, 1)
        continue
      }
      if scalar != "\t", PolicyBundle.isUnprintable(scalar) {
        throw mistake("an invisible character is not allowed here", remedy: "remove it", at: (line, column))
      }
      column += 1
    }
    return ArticleFile(path: name, text: text.utf8.last == UInt8(ascii: "\n") ? text : text + "\n")
  }
}

extension PolicyMistake: Error {}
