import CConsolePages
import CommandLineTool
import DeskCore

/// The texts of phrases in one language: the catalogue of the pages, so that a command and a page say the same.
struct PhraseCatalogue: Sendable {
  private let language: ReportLanguage
  private let texts: JSONValue

  /// Reads `text-explain.LANGUAGE.json`, which is embedded; a catalogue without texts if it cannot be read, which a test excludes.
  init(_ language: ReportLanguage) {
    self.language = language
    let name = "text-explain.\(language.rawValue).json"
    let file = (0..<console_page_asset_count()).lazy.compactMap { console_page_asset_at($0)?.pointee }
      .first { asset in asset.name.map { String(cString: $0) == name } ?? false }
    let bytes = file.map { UnsafeRawBufferPointer(start: $0.bytes, count: Int($0.size)) }
    texts = bytes.flatMap { String(validating: $0, as: UTF8.self) }.flatMap { JSONValue(json: $0) } ?? .object([])
  }

  /// The text of a phrase; the English one where the catalogue has none.
  func text(_ phrase: Phrase) -> String { text(phrase.code.rawValue, phrase.values) ?? phrase.text }

  /// The text of a code that is not a phrase's, such as a heading; the code itself where the catalogue has none.
  func label(_ code: String, _ values: [JSONValue.Field] = []) -> String { text(code, values) ?? code }

  /// The name of something that is counted by a fixed word.
  func word(_ group: String, _ word: String) -> String { texts["\(group).\(word)"]?.text ?? word }

  private func text(_ code: String, _ values: [JSONValue.Field]) -> String? {
    guard let entry = texts[code] else { return nil }
    let given = JSONValue.object(values)
    // Texts that depend on a number, which only languages with a singular have.
    let isOne = (given["count"] ?? given["times"])?.integer == 1
    guard let pattern = entry.text ?? (isOne ? entry["one"]?.text : nil) ?? entry["other"]?.text else { return nil }
    var text = ""
    var rest = pattern[...]
    while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
      let parts = rest[rest.index(after: open)..<close].split(separator: "|", maxSplits: 1)
      text += rest[..<open]
      if let name = parts.first, let value = given[String(name)] {
        text += show(value, as: parts.count > 1 ? String(parts[1]) : nil, given)
      } else {
        text += rest[open...close]
      }
      rest = rest[rest.index(after: close)...]
    }
    return text + rest
  }

  /// A value as its format says, as `phrase.js` does it.
  private func show(_ value: JSONValue, as format: String?, _ given: JSONValue) -> String {
    if let list = value.list {
      let joins = format == "list" || format == "clauses"
      let parts = list.map { show($0, as: joins || format == "or" ? nil : format, given) }
      return joins
        ? parts.joined(separator: between(isClauses: format == "clauses")) : joined(parts, isChoice: format != nil)
    }
    if case .object(let members) = value {
      return text(value["code"]?.text ?? "", value["values"].flatMap(\.members) ?? members) ?? value["text"]?.text ?? ""
    }
    switch format {
    case "percent": return value.number.map { Self.percent($0) } ?? "–"
    case "time": return value.text.flatMap { RFC3339.instant($0) }.map { Moment.text($0) } ?? Self.plain(value)
    case "length": return value.integer.map { Age.text(seconds: Double($0)) } ?? Self.plain(value)
    case "quoted": return "“\(Self.plain(value))”"
    case "among": return word(given["field"]?.text ?? "", Self.plain(value))
    case let group?: return word(group, Self.plain(value))
    case nil: return Self.plain(value)
    }
  }

  /// What stands between requirements, or between clauses that hold together.
  private func between(isClauses: Bool) -> String {
    switch language {
    case .chinese: isClauses ? "，且" : "、"
    case .english: isClauses ? ", and " : ", "
    }
  }

  private func joined(_ parts: [String], isChoice: Bool) -> String {
    switch language {
    case .chinese:
      parts.count < 2
        ? parts.joined() : parts.dropLast().joined(separator: "、") + (isChoice ? "或" : "和") + parts[parts.count - 1]
    case .english: parts.listed(with: isChoice ? "or" : "and", limit: .max)
    }
  }

  private static func percent(_ share: Double) -> String {
    let tenths = (share * 1000).rounded() / 10
    return tenths == tenths.rounded() ? "\(Int(tenths))%" : "\(tenths)%"
  }

  private static func plain(_ value: JSONValue) -> String {
    switch value {
    case .text(let text): text
    case .integer(let number): String(number)
    case .number(let number): String(number)
    case .null: "–"
    default: value.json
    }
  }
}

extension JSONValue {
  fileprivate var members: [Field]? {
    if case .object(let members) = self { members } else { nil }
  }
}
