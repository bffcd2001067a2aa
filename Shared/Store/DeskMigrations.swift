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
    PostgresMigration(
      number: 100, name: "replies", sql: script([PackageResources.m0100_replies_sql] + regrant), expands: true),
    PostgresMigration(
      number: 101, name: "inspection", sql: script([PackageResources.m0101_inspection_sql] + regrant), expands: true),
    PostgresMigration(
      number: 102, name: "notices_and_call_backs",
      sql: script([PackageResources.m0102_call_backs_sql, PackageResources.m0102_notices_sql] + regrant), expands: true),
    PostgresMigration(
      number: 103, name: "crisis", sql: script([PackageResources.m0103_crisis_sql] + regrant), expands: true),
    PostgresMigration(
      number: 104, name: "persons", sql: script([PackageResources.m0104_persons_sql] + regrant), expands: true),
    PostgresMigration(
      number: 105, name: "progress", sql: script([PackageResources.m0105_progress_sql] + regrant), expands: true),
    PostgresMigration(
      number: 106, name: "reporting", sql: script([PackageResources.m0106_reporting_sql] + regrant), expands: true),
    PostgresMigration(
      number: 107, name: "ticket_fields", sql: script([PackageResources.m0107_ticket_fields_sql] + regrant),
      expands: true),
    PostgresMigration(
      number: 108, name: "sessions", sql: script([PackageResources.m0108_sessions_sql] + regrant), expands: true),
    PostgresMigration(
      number: 109, name: "consults", sql: script([PackageResources.m0109_consults_sql] + regrant), expands: true),
    PostgresMigration(
      number: 110, name: "drafts", sql: script(amend + [PackageResources.m0110_drafts_sql] + regrant), expands: true),
    PostgresMigration(
      number: 111, name: "intents", sql: script([PackageResources.m0111_intents_sql] + regrant), expands: true),
    PostgresMigration(
      number: 112, name: "identity_providers",
      sql: script(amend + [PackageResources.m0112_identity_providers_sql] + regrant),
      expands: true),
    PostgresMigration(
      number: 113, name: "search", sql: script(amend + [PackageResources.m0113_search_sql] + regrant), expands: true),
    PostgresMigration(
      number: 114, name: "viewers", sql: script([PackageResources.m0114_viewers_sql] + regrant), expands: true),
    PostgresMigration(
      number: 115, name: "capacity", sql: script(amend + [PackageResources.m0115_capacity_sql] + regrant), expands: true
    ),
    PostgresMigration(
      number: 116, name: "reserve", sql: script(amend + [PackageResources.m0116_reserve_sql] + regrant), expands: true),
    PostgresMigration(
      number: 117, name: "unchecked_tickets", sql: script([PackageResources.m0117_unchecked_tickets_sql] + regrant),
      expands: true),
    PostgresMigration(
      number: 118, name: "background", sql: script([PackageResources.m0118_background_sql]), expands: true),
    PostgresMigration(
      number: 122, name: "words", sql: script(amend + [PackageResources.m0122_words_sql] + regrant), expands: true),
    PostgresMigration(
      number: 123, name: "older_messages", sql: script(amend + [PackageResources.m0123_older_messages_sql] + regrant),
      expands: true),
    PostgresMigration(
      number: 124, name: "call_back_list", sql: script(amend + [PackageResources.m0124_call_back_list_sql]),
      expands: true),
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

  /// A function by which the steps since 110 change others, and which each of them drops at its end.
  private static let amend = [PackageResources.m0110_amend_sql]

  private static func script(_ files: [[UInt8]]) -> String {
    files.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n")
  }
}
