import PostgreSQL
import Store

/// Whether the schema of a restored database is whole, and one that this build can use.
enum RestoreSchema {
  /// A whole database that went wrong is restored again; migrating it would only hide what is missing.
  static let damageRemedy = """
    this copy is damaged: keep it as it is, do not migrate it, and restore again into another folder; `pgbackrest verify` checks the \
    repository
    """

  /// States of PostgreSQL that say that a table, a column or a function is missing.
  static let damageStates: Set<String> = ["42P01", "42703", "42883", "3F000"]

  /// - Parameter examples: the maximum number of missing tables that are named.
  static func finding(of store: DeskStore, examples: Int) async throws -> RestoreFinding {
    let status = try await PostgresMigrator(DeskMigrations.all).status(of: store.pool)
    let missing = try await store.restores.missingTables()
    // Without the table of migrations a desk looks like an empty database.
    let isEmpty = missing.count == RestoreStore.tables.count
    guard status.currentVersion > 0 || isEmpty else { return damaged("this is a desk's database", missing, examples) }
    guard status.isWorkable else {
      return .fault(
        .schema, "the schema has version \(status.currentVersion), this build needs \(status.knownVersion)",
        remedy: status.breaking.isEmpty
          ? "check with the build that wrote the backup, or run `frontdesk migrate` first"
          : "use the newer build that wrote the backup")
    }
    guard missing.isEmpty else { return damaged("the schema has version \(status.currentVersion)", missing, examples) }
    return .sound(.schema, "version \(status.currentVersion), which this build can use, with all its tables")
  }

  private static func damaged(_ state: String, _ missing: [String], _ examples: Int) -> RestoreFinding {
    let first = missing.first ?? ""
    return .fault(
      .schema,
      "\(state), but "
        + (missing.count == 1 ? "\(first) is missing" : "\(missing.count) tables are missing, first \(first)"),
      count: Int64(missing.count), examples: Array(missing.prefix(examples)), remedy: damageRemedy)
  }
}
