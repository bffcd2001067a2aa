public import PostgreSQL

/// The schema's history. A migration that has been released is never changed; what must change gets a new number.
///
/// Expand first, contract later: a migration may add what the running build does not know, and may take away only what no
/// running build uses any more, so that services and schema can be rolled one after the other.
public enum DeskMigrations {
  /// The version that this build needs.
  public static var newestVersion: Int32 { all.last?.number ?? 0 }

  /// All migrations, oldest first.
  ///
  /// The first creates the whole schema. It replaces the versions before it: a database of version 94, the last of them, gets the names
  /// of version 95 by `upgrade`, and older ones are migrated with the release of version 94 first.
  public static let all: [PostgresMigration] = [
    PostgresMigration(
      number: 95, name: "desk", sql: script(tables + functions + [PackageResources.m0095_triggers_sql]),
      upgrade: PostgresMigration.Upgrade(
        from: 94, checksum: -8_799_025_278_485_647_744,
        sql: script(
          [PackageResources.m0095_from_0094_sql] + functions + regrant))),
    PostgresMigration(
      number: 96, name: "outbox_trace", sql: script([PackageResources.m0096_outbox_trace_sql]), expands: true),
    PostgresMigration(
      number: 97, name: "outbox_order", sql: script([PackageResources.m0097_outbox_order_sql]), expands: true),
    PostgresMigration(
      number: 98, name: "conversation", sql: script([PackageResources.m0098_conversation_sql]), expands: true),
    PostgresMigration(
      number: 99, name: "outbox_woken", sql: script([PackageResources.m0099_outbox_woken_sql] + regrant), expands: true),
  ]

  private static let tables = [
    PackageResources.m0095_messages_sql, PackageResources.m0095_tickets_sql, PackageResources.m0095_operation_sql,
    PackageResources.m0095_learning_and_audit_sql,
  ]

  /// Created or replaced, so that new and upgraded databases have the same ones.
  private static let functions = [
    PackageResources.m0095_functions_sql, PackageResources.m0095_audit_functions_sql,
    PackageResources.m0095_retention_sql, PackageResources.m0095_erasure_sql, PackageResources.m0095_rights_sql,
  ]

  /// Gives roles that work as services the rights that `desk.service_rights()` and its companions list now; the end of a step that
  /// changes them.
  private static let regrant = [PackageResources.m0095_regrant_sql]

  private static func script(_ files: [[UInt8]]) -> String {
    files.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n")
  }
}
