import DeskCore
import PostgreSQL

/// The encoding of a ticket's fields in the column `fields`, an object of texts by name: NULL for a ticket without any.
enum FieldsCodec {
  static func document(of fields: TicketFields) -> PostgresJSON? {
    if fields.isEmpty { return nil }
    let members = fields.names.map { JSONValue.Field($0.rawValue, .text(fields[$0] ?? "")) }
    return PostgresJSON(JSONValue.object(members).json)
  }

  /// Reads the column as text: NULL, or an object. Members that are no texts are ignored.
  static func fields(from text: String?) throws -> TicketFields {
    guard let text else { return TicketFields() }
    guard case .object(let members) = JSONValue(json: text) else { throw StoreError.unreadable("fields") }
    var values: [FieldName: String] = [:]
    for member in members { values[FieldName(member.name)] = member.value.text }
    return TicketFields(values)
  }
}
