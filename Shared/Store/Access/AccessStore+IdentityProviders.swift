import DeskCore
import PostgreSQL

// Identity providers, and the sessions that they open.

extension AccessStore {
  /// Allows people to sign in by a provider, or changes the one with the same name. If it then names people differently, the sessions
  /// that it opened end. Only the owner may.
  /// - Returns: whether the name is new.
  /// - Throws: `PostgresError` with the state of a unique violation when another name has the same issuer and client.
  public func allow(_ provider: IdentityProvider) async throws -> Bool {
    try await pool.query(
      AccessStore.upsertProvider,
      [
        provider.id, provider.name, provider.issuer, provider.client, provider.clientSecret, provider.sealingKey,
        provider.scopes, provider.agentClaim, provider.agentDomain, provider.roleClaim, provider.roles.map(\.value),
        provider.roles.map(\.role.rawValue),
      ]
    ).first ?? false
  }

  /// Returns all identity providers with their secrets, by name.
  public func identityProviders() async throws -> [IdentityProvider] {
    try await pool.query(AccessStore.listProviders)
  }

  /// Removes a provider and ends the sessions that it opened. Only the owner may.
  /// - Returns: false when there is none of that name.
  public func removeIdentityProvider(named name: String) async throws -> Bool {
    try await !pool.query(AccessStore.removeProvider, [name]).isEmpty
  }

  /// Opens a session for a person whom a provider named. Repeating a call with the same attempt is harmless.
  ///
  /// - Parameters:
  ///   - lifetime: after which the session ends; at most seven days.
  ///   - idle: after which it ends without use; at most seven days.
  /// - Returns: nil when the answer has already opened a session, or the provider is no longer allowed or does not give that role.
  public func open(
    _ opening: ProviderSessionOpening, lifetime: Duration, idle: Duration
  ) async throws -> Session? {
    let isOpen = try await retryingDeadlocks {
      try await pool.query(
        AccessStore.openByProvider,
        [
          opening.provider, opening.answer, opening.id, opening.digest, opening.role.rawValue, opening.agent,
          opening.label, lifetime.inSeconds, idle.inSeconds,
        ]
      ).first ?? false
    }
    return isOpen ? try await sessions(digests: [opening.digest])[opening.digest] : nil
  }

  private static let upsertProvider = PostgresStatement<Bool>(
    "upsert_identity_provider",
    """
    INSERT INTO desk.identity_provider AS p (id, name, issuer, client, client_secret, sealing_key, scopes, agent_claim, agent_domain,
      role_claim, role_values, role_names)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
    ON CONFLICT (name) DO UPDATE SET issuer = excluded.issuer, client = excluded.client, client_secret = excluded.client_secret,
      sealing_key = excluded.sealing_key, scopes = excluded.scopes, agent_claim = excluded.agent_claim,
      agent_domain = excluded.agent_domain, role_claim = excluded.role_claim, role_values = excluded.role_values,
      role_names = excluded.role_names
    RETURNING p.id = $1
    """)

  private static let listProviders = PostgresStatement<IdentityProvider>(
    "identity_providers",
    """
    SELECT id, name, issuer, client, client_secret, sealing_key, scopes, agent_claim, agent_domain, role_claim, role_values, role_names
      FROM desk.identity_provider ORDER BY name COLLATE "C" LIMIT \(StoreBounds.identityProviders)
    """
  ) { row in
    let (id, name, issuer) = (
      try row.next(Identifier<IdentityProvider>.self), try row.next(String.self), try row.next(String.self)
    )
    let (client, secret, key) = (
      try row.next(String.self), try row.next(String?.self), try row.next([UInt8].self)
    )
    let (scopes, agentClaim, agentDomain, roleClaim) = (
      try row.next([String].self), try row.next(String.self), try row.next(String?.self), try row.next(String?.self)
    )
    let (values, names) = (try row.next([String].self), try row.next([String].self))
    let roles = try zip(values, names).map { value, name in
      guard let role = Role(rawValue: name) else { throw StoreError.unreadable("role") }
      return IdentityProvider.RoleRule(value: value, role: role)
    }
    return IdentityProvider(
      id: id, name: name, issuer: issuer, client: client, clientSecret: secret, sealingKey: key, scopes: scopes,
      agentClaim: agentClaim, agentDomain: agentDomain, roleClaim: roleClaim, roles: roles)
  }

  private static let removeProvider = PostgresStatement<Identifier<IdentityProvider>>(
    "remove_identity_provider", "DELETE FROM desk.identity_provider WHERE name = $1 RETURNING id")

  private static let openByProvider = PostgresStatement<Bool>(
    "open_provider_session",
    """
    SELECT desk.open_provider_session($1, $2, $3, $4, $5, $6, $7, make_interval(secs => $8), make_interval(secs => $9))
    """)
}
