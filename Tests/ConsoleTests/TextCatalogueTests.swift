import DeskCore
import Foundation
import HTTPService
import NIOCore
import PolicyReading
import TestKit
import Testing

@testable import Console

/// The texts of what the program says by codes, in both languages: `text-NAME.LANGUAGE.json`.
@Suite struct TextCatalogueTests {
  private static let project = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
    .standardizedFileURL

  /// A catalogue as it is embedded: by key, the forms of the text.
  private static func catalogue(_ name: String) throws -> [String: [String]] {
    let asset = try #require(PageAssets.embedded.asset("text-\(name).json"))
    let json = try #require(JSONValue(json: String(decoding: asset.body.readableBytesView, as: UTF8.self)))
    guard case .object(let members) = json else { return [:] }
    var texts: [String: [String]] = [:]
    for member in members {
      #expect(texts[member.name] == nil, "\(member.name) is there twice")
      texts[member.name] = member.value.text.map { [$0] } ?? ["one", "other"].compactMap { member.value[$0]?.text }
    }
    return texts
  }

  /// The names of the values that a text uses.
  private static func parameters(_ text: String) -> Set<String> {
    // A value that is one of a field's is shown by the name of its field.
    Set(
      text.matches(of: /\{(\w+)(?:\|([\w-]+))?\}/).flatMap { gap in
        [String(gap.1)] + (gap.2 == "among" ? ["field"] : [])
      })
  }

  @Test(arguments: ["en", "zh"]) func everyPhraseOfAnExplanationHasATextWithItsValues(language: String) throws {
    let texts = try Self.catalogue("explain.\(language)")
    for code in PhraseCode.allCases {
      let forms = try #require(texts[code.rawValue], "\(code.rawValue)")
      // A form for one thing need not say the number.
      #expect(forms.last.map(Self.parameters) == Set(code.parameters), "\(code.rawValue)")
      for form in forms { #expect(!form.isEmpty && Self.parameters(form).isSubset(of: code.parameters)) }
    }
    let words =
      Condition.Field.allCases.map { "field.\($0.rawValue)" } + Priority.allCases.map { "priority.\($0.name)" }
      + Urgency.allCases.map { "urgency.\($0.name)" } + CustomerTier.allCases.map { "tier.\($0.rawValue)" }
      + Sentiment.allCases.map { "sentiment.\($0.name)" } + QueueRank.Band.allCases.map { "band.\($0.code)" }
      + ["decided", "failed", "later", "uncertain"].map { "outcome.\($0)" }
      + ["queued", "triaged", "answered", "labelled", "offered", "rerouted", "move_suggested", "confirmed", "asked"].map
    {
      "kind.\($0)"
    }
    for word in words { #expect(texts[word]?.isEmpty == false, "\(word)") }
  }

  @Test func bothLanguagesHaveTheSameTextsWithTheSameValues() throws {
    for name in ["explain", "audit"] {
      let (english, chinese) = (try Self.catalogue("\(name).en"), try Self.catalogue("\(name).zh"))
      #expect(Set(english.keys) == Set(chinese.keys), "\(name)")
      for (key, forms) in english {
        #expect(
          forms.last.map(Self.parameters) == chinese[key]?.last.map(Self.parameters), "\(name): \(key)")
      }
    }
  }

  /// The English text of a problem and of a mistake is the server's; the Chinese one is found by its code.
  @Test func everySentenceOfProblemsAndMistakesHasAChineseText() throws {
    func check<Code: SentenceCode>(_: Code.Type, _ name: String, others: Set<String>) throws {
      let texts = try Self.catalogue("\(name).zh")
      for code in Code.allCases {
        let text = try #require(texts[code.code]?.first, "\(name): \(code.code)")
        #expect(Self.parameters(text) == Set(code.pattern.parameters), "\(name): \(code.code)")
        // A text made from the pattern is recognised as it, and not as one with the same words.
        var made = code.rawValue
        for parameter in code.pattern.parameters { made = made.replacing("{\(parameter)}", with: "x7") }
        #expect(SentenceCatalogue<Code>().recognise(made)?.code == code, "\(name): \(made)")
      }
      let known = Set(Code.allCases.map(\.code)).union(others)
      #expect(texts.keys.filter { !known.contains($0) && !$0.hasPrefix("value.") } == [], "texts without a sentence")
    }
    let types = Set(ProblemType.allCases.map { "type.\($0.rawValue)" })
    try check(ProblemSentence.self, "problem", others: types)
    try check(PolicySentence.self, "policy", others: [])
    let texts = try Self.catalogue("problem.zh")
    #expect(types.filter { texts[$0] == nil } == [])
  }

  /// Every kind of entry that a function, a trigger or a service appends to the audit.
  @Test func everyKindOfAuditEntryHasAText() throws {
    let texts = try Self.catalogue("audit.en")
    var kinds: Set<String> = []
    for folder in ["Shared/Store/Migrations", "Services/Console", "Services/Frontdesk", "Shared/Store"] {
      let files = try #require(
        FileManager.default.enumerator(at: Self.project.appending(path: folder), includingPropertiesForKeys: nil))
      for case let file as URL in files where ["sql", "swift"].contains(file.pathExtension) {
        let text = try String(contentsOf: file, encoding: .utf8)
        let calls = text.matches(of: /audit_(?:append|note|write)\(\s*'([a-z_]+\.[a-z_]*)'/).map { String($0.1) }
        let cases = text.matches(of: /audit_append\(\s*CASE[^;]*?;/).flatMap { call in
          call.0.matches(of: /'([a-z_]+\.[a-z_]+)'/).map { String($0.1) }
        }
        let notes = text.matches(of: /audit\.note\(\s*"([a-z_.]+)"/).map { String($0.1) }
        kinds.formUnion(calls + cases + notes)
      }
    }
    // Kinds that are put together from a word and a state.
    let composed = ["key.", "curve_key.", "consult.", "intent."]
    #expect(kinds.count > 20 && kinds.filter { !composed.contains($0) && texts[$0] == nil } == [])
    for kind in composed { #expect(texts.keys.contains { $0.hasPrefix(kind) }) }
    for state in Consult.State.allCases where state != .open {
      #expect(texts["consult.\(state.rawValue)"] != nil, "\(state)")
    }
  }

  /// A sentence that is written in a source has a case, so that it has a Chinese text.
  @Test func everySentenceInTheSourcesIsKnown() throws {
    let sentences = SentenceCatalogue<ProblemSentence>()
    let problems = try unknown(
      ["Shared/HTTPService", "Shared/UntrustedInput", "Shared/UseCases/Tickets", "Services/Console"],
      except: [
        "OpenAPI", "Schema", "Endpoint", "ResultText", "Page.swift", "ProblemSentence", "HTTPListening", "Command",
      ]
    ) { literal in
      guard literal.text.first?.isUppercase == true, literal.text.hasSuffix("."), literal.text.contains(" "),
        !literal.before.contains("help:"), !literal.before.contains("described(")
      else { return true }
      return sentences.recognise(literal.text) != nil
    }
    // Its types depend on the route.
    #expect(problems.filter { $0 != "Send x7." } == [])
    let mistakes = try unknown(
      ["Shared/PolicyReading/Policy"], except: ["PolicySentence", "PolicyMask", "PolicyBundle"]
    ) {
      literal in
      // What is reported: `report(place, "problem", remedy: "remedy")`.
      guard literal.before.contains("remedy: ") || literal.before.contains("report(") else { return true }
      return !literal.text.contains(" ") || PolicySentence.catalogue.recognise(literal.text) != nil
    }
    #expect(mistakes == [])
  }

  private func unknown(_ folders: [String], except left: [String], isKnown: (SourceLiteral) -> Bool) throws -> [String]
  {
    var found: [String] = []
    for folder in folders {
      let files = try #require(
        FileManager.default.enumerator(at: Self.project.appending(path: folder), includingPropertiesForKeys: nil))
      for case let file as URL in files where file.pathExtension == "swift" {
        guard !left.contains(where: { file.lastPathComponent.contains($0) }) else { continue }
        let text = try String(contentsOf: file, encoding: .utf8)
        found += SourceLiteral.all(in: text).filter { !isKnown($0) }.map(\.text)
      }
    }
    return found
  }
}

/// A string literal of a Swift source, on one line, with `x7` for what is put into it.
private struct SourceLiteral {
  var text: String
  /// The code before it on its line, and the line before.
  var before: String

  static func all(in source: String) -> [SourceLiteral] {
    var found: [SourceLiteral] = []
    var previous = ""
    for line in source.split(separator: "\n", omittingEmptySubsequences: false) {
      defer { previous = String(line) }
      var rest = Substring(line)
      guard !rest.drop(while: { $0 == " " }).hasPrefix("//") else { continue }
      var before = previous
      while let quote = rest.firstIndex(of: "\"") {
        before += rest[..<quote]
        rest = rest[rest.index(after: quote)...]
        guard let text = literal(&rest) else { break }
        found.append(SourceLiteral(text: text, before: before))
      }
    }
    return found
  }

  /// Reads a literal up to its closing quote; nil where the line ends before.
  private static func literal(_ rest: inout Substring) -> String? {
    var text = ""
    while let character = rest.popFirst() {
      switch character {
      case "\"": return text
      case "\\":
        guard let escaped = rest.popFirst() else { return nil }
        guard escaped == "(" else {
          text.append(escaped == "n" ? "\n" : escaped)
          continue
        }
        var depth = 1
        var isQuoted = false
        // What the policy's reader quotes stands in quotes.
        let put = rest.hasPrefix("quoted(") ? "'x7'" : "x7"
        while depth > 0 {
          guard let inner = rest.popFirst() else { return nil }
          if inner == "\"" { isQuoted.toggle() }
          if !isQuoted, inner == "(" { depth += 1 }
          if !isQuoted, inner == ")" { depth -= 1 }
        }
        text += put
      default: text.append(character)
      }
    }
    return nil
  }
}
