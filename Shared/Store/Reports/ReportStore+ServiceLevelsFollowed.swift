import DeskCore
import PostgreSQL

extension ReportStore {
  /// Returns the service levels that live tickets use, other than these, and the newest policy version by which one of them was decided.
  public func serviceLevelsFollowed(except known: [String]) async throws -> [String: Int32] {
    Dictionary(try await pool.query(ReportStore.followedLevels, [known]), uniquingKeysWith: { max($0, $1) })
  }

  private static let followedLevels = PostgresStatement(
    "service_levels_followed",
    """
    SELECT service_level, max(policy_version) FROM desk.ticket
     WHERE service_level IS NOT NULL AND service_level <> ALL($1::text[]) GROUP BY service_level
    """
  ) { row in
    try (row.next(String.self), row.next(Int32.self))
  }
}
