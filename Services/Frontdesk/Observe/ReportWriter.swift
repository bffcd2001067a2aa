import Foundation

/// What a command prints for programs.
enum ReportWriter {
  /// One JSON object, keys in order, on standard output.
  static func print(_ report: some Encodable) throws { Terminal.say(json: try json(of: report)) }

  /// A value as JSON, keys in order. A number that is infinite or none at all is null: JSON has no other form for it (RFC 8259, section 6).
  /// - Parameter isLine: on one line, without white space.
  static func json(of report: some Encodable, isLine: Bool = false) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting =
      isLine ? [.sortedKeys, .withoutEscapingSlashes] : [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    // The encoder can give such numbers a word only; nobody who writes into a report knows this one beforehand.
    let word = "no number \(UUID().uuidString)"
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: word, negativeInfinity: word, nan: word)
    let text = String(decoding: try encoder.encode(report), as: UTF8.self)
    return text.replacingOccurrences(of: "\"\(word)\"", with: "null", options: .literal)
  }
}

/// A figure that may be missing, and is null in JSON then, so that a report has the same members every time.
@propertyWrapper
struct OrNull: Sendable, Equatable, Encodable {
  var wrappedValue: Double?

  init(wrappedValue: Double?) {
    self.wrappedValue = wrappedValue
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if let wrappedValue { try container.encode(wrappedValue) } else { try container.encodeNil() }
  }
}
