import PostgreSQL

extension DeskStore {
  /// Gives a role what services' statements need, and takes away whatever else it had in the desk's schema. Only the owner may.
  ///
  /// To be called after each migration: new tables come without rights.
  ///
  /// - Throws: `PostgresError` with state `42704` when there is no such role.
  public func grantService(to role: String) async throws {
    try await pool.execute(DeskStore.grant, [role])
  }

  private static let grant = PostgresStatement<Void>("grant_service", "SELECT desk.grant_service($1::text::name)")
}
