import DeskCore
import PostgreSQL

/// The encoding of a ticket's fields in the column `fields`, an object of texts by name: NULL for a ticket without any. Sealed fields are a
/// JSON string, the sealed object.
enum FieldsCodec {
  /// The member of fields that could not be opened, beside newer ones. No field has such a name.
  private static let unopened = "\u{1}sealed"

  static func document(of fields: TicketFields) -> PostgresJSON? {
    var members = fields.names.map { JSONValue.Field($0.rawValue, .text(fields[$0] ?? "")) }
    if let sealed = fields.sealed {
      guard !members.isEmpty else { return PostgresJSON(JSONValue.text(sealed).json) }
      members.append(.init(unopened, .text(sealed)))
    }
    return members.isEmpty ? nil : PostgresJSON(JSONValue.object(members).json)
  }

  /// Reads the column as text: NULL, an object, or a sealed one. Members that are no texts are ignored.
  static func fields(from text: String?) throws -> TicketFields {
    guard let text else { return TicketFields() }
    if let sealed = WordCodec.sealedText(inJSON: text) {
      var fields = TicketFields()
      fields.sealed = sealed
      return fields
    }
    guard case .object(let members) = JSONValue(json: text) else { throw StoreError.unreadable("fields") }
    var values: [FieldName: String] = [:]
    for member in members where member.name != unopened { values[FieldName(member.name)] = member.value.text }
    var fields = TicketFields(values)
    fields.sealed = members.first { $0.name == unopened }?.value.text
    return fields
  }
}

extension Ticket: WordedRow {
  /// Fields that cannot be opened stay sealed: the ticket is worked on without them, and keeps them.
  mutating func open(by words: WordCodec) {
    while var sealed = fields.sealed {
      guard (try? words.open(&sealed, .fields(id))) != nil, let older = try? FieldsCodec.fields(from: sealed) else {
        return
      }
      // Newer values were added while the older ones could not be read.
      let newer = fields.values
      fields = TicketFields(older.values.merging(newer) { _, new in new })
      fields.sealed = older.sealed
    }
  }
}
