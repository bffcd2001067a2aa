/// A piece of an explanation as a code with named values, so that it can be shown in any language, beside its English text.
///
/// Values are plain: numbers, names, lists of names, or phrases. The texts by code are in the pages' catalogues
/// (`text-explain.LANGUAGE.json`); those use each value whole.
public struct Phrase: Hashable, Sendable {
  /// What it says.
  public let code: PhraseCode
  /// Its values, in the order of `PhraseCode.parameters`.
  public let values: [JSONValue.Field]
  /// The English text.
  public let text: String

  /// Describes a phrase. The values have the names of the code's parameters, in their order.
  public init(_ code: PhraseCode, _ values: KeyValuePairs<String, JSONValue> = [:], text: String) {
    assert(values.map(\.key) == code.parameters, "the values of \(code.rawValue) have other names")
    self.code = code
    self.values = values.map { JSONValue.Field($0.key, $0.value) }
    self.text = text
  }

  /// Code and values, for places where the English text has its own member.
  public var coded: JSONValue {
    .object([.init("code", .text(code.rawValue)), .init("values", .object(values))])
  }

  /// Code, values and English text.
  public var detail: JSONValue {
    .object([
      .init("code", .text(code.rawValue)), .init("values", .object(values)), .init("text", .text(text)),
    ])
  }
}

extension JSONValue {
  /// A list of names.
  static func names(_ names: some Sequence<String>) -> JSONValue { .list(names.map { .text($0) }) }

  /// A whole number of any width.
  static func count(_ number: some BinaryInteger) -> JSONValue { .integer(Int64(clamping: number)) }
}
