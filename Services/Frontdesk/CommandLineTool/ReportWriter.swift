import Foundation

/// Machine-readable output of commands.
package enum ReportWriter {
  /// Prints one JSON object, keys in order, on standard output.
  package static func print(_ report: some Encodable) throws { Terminal.say(json: try json(of: report)) }

  /// Returns a value as JSON, keys in order. Infinite and NaN numbers are null: JSON has no other form for them (RFC 8259, section 6).
  /// - Parameter isLine: whether to write one line without white space.
  package static func json(of report: some Encodable, isLine: Bool = false) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting =
      isLine ? [.sortedKeys, .withoutEscapingSlashes] : [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    // The encoder can only replace such numbers by a string; this one is unpredictable, so no report text can contain it.
    let word = "no number \(UUID().uuidString)"
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: word, negativeInfinity: word, nan: word)
    let text = String(decoding: try encoder.encode(report), as: UTF8.self)
    return text.replacingOccurrences(of: "\"\(word)\"", with: "null", options: .literal)
  }
}

/// An optional figure that is null in JSON when missing, so that a report always has the same members.
@propertyWrapper
package struct OrNull: Sendable, Equatable, Encodable {
  package var wrappedValue: Double?

  package init(wrappedValue: Double?) {
    self.wrappedValue = wrappedValue
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if let wrappedValue { try container.encode(wrappedValue) } else { try container.encodeNil() }
  }
}
