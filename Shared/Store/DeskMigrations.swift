public import PostgreSQL

/// The schema's history. A migration that has been released is never changed; what must change gets a new number.
///
/// Expand first, contract later: a migration may add what the running build does not know, and may take away only what no
/// running build uses any more, so that services and schema can be rolled one after the other.
public enum DeskMigrations {
  /// The version that this build needs.
  public static var newestVersion: Int32 { all.last?.number ?? 0 }

  /// All migrations, oldest first.
  public static let all: [PostgresMigration] = [
    PostgresMigration(number: 1, name: "desk", sql: String(decoding: PackageResources.m0001_desk_sql, as: UTF8.self)),
    PostgresMigration(number: 2, name: "suspects", sql: suspects),
  ]

  /// The few messages that have failed before are found without reading past the many that have not.
  private static let suspects = "CREATE INDEX inbox_suspect ON desk.inbox (message_id) WHERE attempts >= 2"
}
