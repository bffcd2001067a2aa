import DeskCore
import PostgreSQL

/// The encoding of a ticket's newest call-back, in the column `call_back`: NULL while none was ever promised.
enum CallBackCodec {
  static func document(of callBack: CallBack?) -> PostgresJSON? {
    guard let callBack else { return nil }
    var fields: [JSONValue.Field] = [
      .init("number", .integer(Int64(callBack.number))), .init("origin", .text(callBack.origin.rawValue)),
      .init("promised_at_us", .integer(callBack.promisedAt.microseconds)),
      .init("due_at_us", .integer(callBack.dueAt.microseconds)),
    ]
    func add(_ name: String, _ instant: Instant?) {
      if let instant { fields.append(.init(name, .integer(instant.microseconds))) }
    }
    if let owner = callBack.owner { fields.append(.init("owner", .text(owner.rawValue))) }
    add("warn_at_us", callBack.warnAt)
    if callBack.moves != 0 { fields.append(.init("moves", .integer(Int64(callBack.moves)))) }
    add("broken_at_us", callBack.brokenAt)
    add("ended_at_us", callBack.endedAt)
    if callBack.isWithdrawn { fields.append(.init("withdrawn", .flag(true))) }
    return PostgresJSON(JSONValue.object(fields).json)
  }

  /// Reads the column as text: NULL, or a document, of which unknown keys are ignored.
  static func callBack(from text: String?) throws -> CallBack? {
    guard let text else { return nil }
    guard let document = JSONValue(json: text), let number = document["number"]?.integer,
      let origin = document["origin"]?.text.flatMap({ CallBack.Origin(rawValue: $0) }),
      let promisedAt = time("promised_at_us", of: document), let dueAt = time("due_at_us", of: document)
    else { throw StoreError.unreadable("call_back") }
    return CallBack(
      number: Int32(clamping: number), origin: origin, promisedAt: promisedAt,
      owner: document["owner"]?.text.map { AgentID($0) }, dueAt: dueAt, warnAt: time("warn_at_us", of: document),
      moves: Int32(clamping: document["moves"]?.integer ?? 0), brokenAt: time("broken_at_us", of: document),
      endedAt: time("ended_at_us", of: document), isWithdrawn: document["withdrawn"]?.flag ?? false)
  }

  private static func time(_ name: String, of document: JSONValue) -> Instant? {
    document[name]?.integer.map { Instant(microseconds: $0) }
  }
}
