import DeskCore
import HTTPService
import Hummingbird
import ServiceProcess
import Store

// Keys and the audit, for those who run the desk.

extension ConsoleRoutes {
  /// Without secrets: the desk stores only their digests, and not even these are read here.
  func keys(_ call: Call) async throws -> Response {
    let keys = try await store.access.keys()
    return Self.list("keys", Array(keys.prefix(ConsoleBounds.keysPerList)), ConsoleJSON.apiKey)
  }

  /// A page of the audit. What people wrote as reasons stays where an erasure can blank it.
  func audit(_ call: Call) async throws -> Response {
    let page = try PageQuery<Int64>(call, most: ConsoleBounds.auditEntriesPerPage)
    let rows = try await store.audit.auditPage(before: page.before, limit: page.limit + 1)
    let next = rows.count > page.limit ? rows[page.limit - 1].number : nil
    return Self.json(
      .object([
        .init("entries", .list(rows.prefix(page.limit).map(ConsoleJSON.auditEntry))),
        .init("next", next.map { .text("\($0)") } ?? .null),
      ]))
  }
}

extension ConsoleJSON {
  static func apiKey(_ key: APIKey) -> JSONValue {
    .object([
      .init("key_id", .text(key.id.description)), .init("role", .text(key.role.rawValue)),
      .init("channel", key.channel.map { .text($0.rawValue) } ?? .null),
      .init("agent", key.agent.map { .text($0.rawValue) } ?? .null), .init("label", .text(key.label)),
      .init("access", .text(key.access.rawValue)), .init("created_at", time(key.createdAt)),
      .init("expires_at", time(key.expiresAt)), .init("revoked_at", time(key.revokedAt)),
      .init("replaced_by", key.replacedBy.map { .text($0.description) } ?? .null),
    ])
  }

  static func auditEntry(_ entry: AuditEntry) -> JSONValue {
    .object([
      .init("number", .integer(entry.number)), .init("at", time(entry.at)), .init("actor", .text(entry.actor)),
      .init("kind", .text(entry.kind)), .init("subject", .text(entry.subject)),
      .init("detail", JSONValue(json: entry.detail) ?? .null),
      .init("digest", .text(hexadecimal(entry.digest))),
    ])
  }

  private static func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
  }
}
