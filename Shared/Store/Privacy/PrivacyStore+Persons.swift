public import DeskCore
import PostgreSQL

/// The identifier of a person.
public typealias PersonID = Identifier<Person>
/// The identifier of a join of two identities.
public typealias JoinID = Identifier<IdentityJoin>

/// One human with several identities.
public struct Person: Sendable, Hashable {
  /// One of the identities, with the standing that was set for it.
  public struct Identity: Sendable, Hashable {
    /// The channel, and its id of the customer.
    public let customer: Correspondent
    /// The tier and the dedicated agent of this identity alone.
    public let tier: CustomerTier
    public let dedicatedAgent: AgentID?
  }

  /// The identifier; it changes when persons are joined.
  public let id: PersonID
  /// The standing that counts on every channel: the highest tier, and the dedicated agent that was set last.
  public let tier: CustomerTier
  public let dedicatedAgent: AgentID?
  /// At least two, `StoreBounds.identitiesPerPerson` at most, by channel and id.
  public let identities: [Identity]
  /// The joins that make them one person, oldest first: one less than there are identities.
  public let joins: [IdentityJoin]
}

/// What makes two identities one person.
public struct IdentityJoin: Sendable, Hashable {
  public let id: JoinID
  /// The two identities, in the order of their bytes.
  public let first: Correspondent
  public let second: Correspondent
  /// The proof; nil when a person has joined them.
  public let proof: ProofKind?
  public let joinedAt: Instant
}

/// A proof by which nothing has been joined yet.
public struct NewProof: Sendable, Hashable {
  public let customer: Correspondent
  public let kind: ProofKind
}

extension PrivacyStore {
  /// Returns the person to whom a customer belongs; nil for a customer with one identity.
  public func person(of customer: Correspondent) async throws -> Person? {
    let rows = try await pool.query(PrivacyStore.readIdentities, [customer.channel, customer.customer])
    guard let first = rows.first else { return nil }
    let joins = try await pool.query(PrivacyStore.readJoins, [first.person])
    return Person(
      id: first.person, tier: first.tier, dedicatedAgent: first.agent, identities: rows.map(\.identity), joins: joins)
  }

  /// Returns the identities of a customer's person, or the customer alone.
  public func identities(of customer: Correspondent) async throws -> [Correspondent] {
    let rows = try await pool.query(PrivacyStore.readIdentities, [customer.channel, customer.customer])
    return rows.isEmpty ? [customer] : rows.map(\.identity.customer)
  }

  /// Makes two customers, with all their identities, one person, because a person says so.
  /// - Parameter detail: for the audit log: who joined them, and the `reason`, which is kept apart and erased with either of them.
  public func join(_ customer: Correspondent, with other: Correspondent, detail: JSONValue) async throws -> JoinOutcome
  {
    try await retryingDeadlocks {
      try await pool.query(
        PrivacyStore.joinCustomers,
        [
          customer.channel, customer.customer, other.channel, other.customer,
          Int32(StoreBounds.identitiesPerPerson), detail.json,
        ]
      ).first ?? .same
    }
  }

  /// Undoes a join: the two sides are persons of their own again, each with its own standing. No proof joins them again.
  /// - Returns: false when there is no such join. One that was undone before stays undone.
  public func separate(_ join: JoinID, detail: JSONValue) async throws -> Bool {
    try await retryingDeadlocks {
      try await pool.query(PrivacyStore.separateCustomers, [join, detail.json]).first ?? false
    }
  }

  /// Returns whether a join was undone, by one of its two customers.
  public func wasSeparated(_ join: JoinID, of customers: [Correspondent]) async throws -> Bool {
    try await !pool.query(
      PrivacyStore.findSeparated, [join, customers.map(\.channel), customers.map(\.customer)]
    ).isEmpty
  }

  /// Returns proofs that came in since the last join, oldest first.
  public func newProofs(limit: Int) async throws -> [NewProof] {
    try await pool.query(PrivacyStore.readNewProofs, [Int64(limit)])
  }

  /// Joins a customer with those who have the same proof from a trusted channel.
  ///
  /// - Parameter trusted: the policy's `trustedProofs`; a proof that is not among them joins nothing, whenever it was accepted.
  /// - Returns: one outcome for each other customer; none when no one else has it.
  public func join(
    by proof: NewProof, trusted: [(channel: ChannelID, kind: ProofKind)]
  ) async throws -> [JoinOutcome] {
    try await retryingDeadlocks {
      try await pool.query(
        PrivacyStore.joinByProof,
        [
          proof.customer.channel, proof.customer.customer, proof.kind, trusted.map(\.channel), trusted.map(\.kind),
          Int32(StoreBounds.identitiesPerPerson),
        ])
    }
  }
}

extension PrivacyStore {
  private struct IdentityRow {
    let person: PersonID
    let tier: CustomerTier
    let agent: AgentID?
    let identity: Person.Identity
  }

  private static let readIdentities = PostgresStatement(
    "read_identities",
    """
    SELECT c.person, c.person_tier, c.person_agent, c.channel, c.external_id, c.tier, c.dedicated_agent
      FROM desk.customer me JOIN desk.customer c ON c.person = me.person
     WHERE me.channel = $1 AND me.external_id = $2 ORDER BY c.channel COLLATE "C", c.external_id COLLATE "C"
    """
  ) { row in
    let (person, tier, agent) = try (row.next(PersonID.self), row.next(CustomerTier.self), row.next(AgentID?.self))
    let channel = try row.next(ChannelID.self)
    return try IdentityRow(
      person: person, tier: tier, agent: agent,
      identity: Person.Identity(
        customer: Correspondent(row.next(), on: channel), tier: row.next(), dedicatedAgent: row.next()))
  }

  private static let readJoins = PostgresStatement(
    "read_joins",
    """
    SELECT j.id, j.channel, j.customer, j.other_channel, j.other_customer, nullif(j.how, 'agent'), j.joined_at
      FROM desk.customer c JOIN desk.person_join j ON j.channel = c.channel AND j.customer = c.external_id
     WHERE c.person = $1 AND j.separated_at IS NULL ORDER BY j.joined_at, j.id
    """
  ) { row in
    let id = try row.next(JoinID.self)
    let (channel, customer) = try (row.next(ChannelID.self), row.next(String.self))
    let (otherChannel, otherCustomer) = try (row.next(ChannelID.self), row.next(String.self))
    return try IdentityJoin(
      id: id, first: Correspondent(customer, on: channel), second: Correspondent(otherCustomer, on: otherChannel),
      proof: row.next(), joinedAt: row.next())
  }

  private static let joinCustomers = PostgresStatement<JoinOutcome>(
    "join_customers", "SELECT desk.join_customers($1, $2, $3, $4, 'agent', $5, $6::text::jsonb)")

  private static let separateCustomers = PostgresStatement<Bool>(
    "separate_customers", "SELECT desk.separate_customers($1, $2::text::jsonb)")

  private static let findSeparated = PostgresStatement<JoinID>(
    "find_separated",
    """
    SELECT j.id FROM desk.person_join j, unnest($2::text[], $3::text[]) AS i(channel, customer)
     WHERE j.id = $1 AND j.separated_at IS NOT NULL
       AND ((j.channel, j.customer) = (i.channel, i.customer) OR (j.other_channel, j.other_customer) = (i.channel, i.customer))
    """)

  private static let readNewProofs = PostgresStatement(
    "read_new_proofs",
    "SELECT channel, customer, kind FROM desk.customer_proof WHERE is_new ORDER BY given_at, channel, customer, kind LIMIT $1"
  ) { row in
    let channel = try row.next(ChannelID.self)
    return try NewProof(customer: Correspondent(row.next(), on: channel), kind: row.next())
  }

  private static let joinByProof = PostgresStatement<JoinOutcome>(
    "join_by_proof", "SELECT unnest(desk.join_by_proof($1, $2, $3, $4, $5, $6))")
}
