import PostgreSQL
import Store

extension TestDesk {
  /// Every column of every table in which a pattern is found: in its text, of bytes in hexadecimal.
  func columns(matching pattern: String) async throws -> Set<String> {
    let columns = try await store.pool.query(
      PostgresStatement<String>(
        "test_all_columns",
        """
        SELECT n.nspname || '.' || c.relname || ' ' || a.attname
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
          JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
         WHERE n.nspname IN ('desk', 'public') AND c.relkind IN ('r', 'p') AND NOT c.relispartition
        """))
    var found: Set<String> = []
    for column in columns {
      let parts = column.split(separator: " ").map(String.init)
      let hits = try await number("SELECT count(*) FROM \(parts[0]) WHERE \(parts[1])::text ~* '\(pattern)'")
      if hits > 0 { found.insert("\(parts[0].dropFirst(5)).\(parts[1])") }
    }
    return found
  }
}
