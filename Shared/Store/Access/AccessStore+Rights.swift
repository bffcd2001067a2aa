import PostgreSQL

extension AccessStore {
  /// Grants a role the privileges that services need, and revokes all others that it had in the desk's schema. Only the owner may.
  ///
  /// Must be called after each migration: new tables have no grants.
  ///
  /// - Throws: `PostgresError` with state `42704` when there is no such role.
  public func grantService(to role: String) async throws {
    try await pool.execute(AccessStore.grant, [role])
  }

  private static let grant = PostgresStatement<Void>("grant_service", "SELECT desk.grant_service($1::text::name)")
}
