public import DeskCore
import PostgreSQL

/// A person's session in the pages. Its secret is in a cookie; only the secret's digest is stored.
public struct Session: Sendable, Hashable {
  /// Its identifier.
  public let id: Identifier<APIKey>
  /// The role of the person; never `channel`.
  public let role: Role
  /// The agent that the person is; set for the roles `agent` and `lead` only.
  public let agent: AgentID?
  /// The label of the sign-in link.
  public let label: String
  /// When the person signed in.
  public let createdAt: Instant
  /// When it ends, whatever happens.
  public let expiresAt: Instant
  /// The last use, to the minute.
  public let seenAt: Instant

  /// The session as the caller of a request. Sessions have full access.
  public var caller: APIKey {
    APIKey(
      id: id, role: role, channel: nil, agent: agent, label: label, createdAt: createdAt, expiresAt: expiresAt,
      revokedAt: nil)
  }
}

/// An attempt to open a session with a sign-in link.
public struct SessionOpening: Sendable, Hashable {
  /// The SHA-256 of the link's secret.
  public let link: [UInt8]
  /// The identifier of the new session.
  public let id: Identifier<APIKey>
  /// The SHA-256 of its secret.
  public let digest: [UInt8]

  /// Describes an attempt.
  public init(link: [UInt8], id: Identifier<APIKey>, digest: [UInt8]) {
    self.link = link
    self.id = id
    self.digest = digest
  }
}

extension AccessStore {
  /// Stores a sign-in link, which opens one session.
  /// - Parameters:
  ///   - digest: the SHA-256 of its secret, which has 256 random bits.
  ///   - lifetime: after which it opens none.
  public func addSignInLink(
    digest: [UInt8], role: Role, agent: AgentID?, label: String, lifetime: Duration
  ) async throws {
    try await pool.execute(
      AccessStore.insertSignInLink, [digest, role.rawValue, agent, label, lifetime.inSeconds])
  }

  /// Opens sessions with sign-in links and uses the links up. Wrong links cost little: all attempts are one statement.
  ///
  /// - Parameters:
  ///   - openings: the attempts. Repeating a call with the same ones is harmless.
  ///   - lifetime: after which the sessions end; at most seven days.
  ///   - idle: after which they end without use; at most seven days.
  /// - Returns: the opened sessions; attempts whose link is unknown, used or expired are left out.
  public func open(
    _ openings: [SessionOpening], lifetime: Duration, idle: Duration
      // exact-keys: identifiers and digests
  ) async throws -> [SessionOpening: Session] {
    guard !openings.isEmpty else { return [:] }
    let opened = try await retryingDeadlocks {
      try await pool.query(
        AccessStore.open,
        [
          openings.map(\.link), openings.map(\.id), openings.map(\.digest), lifetime.inSeconds, idle.inSeconds,
        ])
    }
    guard !opened.isEmpty else { return [:] }
    let sessions = try await sessions(digests: opened)
    return Dictionary(
      openings.compactMap { opening in sessions[opening.digest].map { (opening, $0) } },
      uniquingKeysWith: { first, _ in first })
  }

  /// Returns the sessions that are open among some digests, by digest, and records their use, at most once a minute each.
  public func sessions(digests: [[UInt8]]) async throws -> [[UInt8]: Session] {
    let found = try await pool.query(AccessStore.sessionsByDigest, [digests])
    return Dictionary(found.map { ($0.digest, $0.session) }, uniquingKeysWith: { first, _ in first })
  }

  /// Returns the open sessions, newest first; of one agent, or all.
  public func openSessions(of agent: AgentID? = nil, limit: Int = 1_000) async throws -> [Session] {
    try await pool.query(AccessStore.listSessions, [agent, Int64(limit)])
  }

  /// Ends a session.
  /// - Parameter agent: whose session it must be; nil for anyone's.
  /// - Returns: false when there is no such open session.
  public func endSession(_ id: Identifier<APIKey>, of agent: AgentID? = nil) async throws -> Bool {
    try await !pool.query(AccessStore.end, [id, agent]).isEmpty
  }

  /// Ends the sessions of agents and leads who are not among these.
  /// - Returns: how many.
  public func endSessions(ofOthersThan agents: [AgentID]) async throws -> Int {
    try await pool.query(AccessStore.endOthers, [agents]).count
  }

  /// The condition of open sessions.
  static let isOpen = """
    ended_at IS NULL AND expires_at > statement_timestamp() AND seen_at + idle_limit > statement_timestamp()
    """

  private static let columns = "id, role, agent, label, created_at, expires_at, seen_at"

  private static let readSession: @Sendable (inout PostgresRowReader) throws -> Session = { row in
    let id = try row.next(Identifier<APIKey>.self)
    guard let role = try Role(rawValue: row.next(String.self)) else { throw StoreError.unreadable("role") }
    return try Session(
      id: id, role: role, agent: row.next(), label: row.next(), createdAt: row.next(), expiresAt: row.next(),
      seenAt: row.next())
  }

  private static let insertSignInLink = PostgresStatement<Void>(
    "insert_sign_in_link",
    """
    INSERT INTO desk.sign_in_link (digest, role, agent, label, expires_at)
    VALUES ($1, $2, $3, $4, clock_timestamp() + make_interval(secs => $5))
    """)

  /// In the order of the links, which two calls thus lock alike.
  private static let open = PostgresStatement<[UInt8]>(
    "open_sessions",
    """
    WITH asked AS MATERIALIZED (
      SELECT link, id, digest FROM unnest($1::bytea[], $2::uuid[], $3::bytea[]) AS a(link, id, digest) ORDER BY link, id),
    answered AS MATERIALIZED (
      SELECT digest, desk.open_session(link, id, digest, make_interval(secs => $4), make_interval(secs => $5)) AS is_open FROM asked)
    SELECT digest FROM answered WHERE is_open
    """, planning: .once)

  /// Sees a session and records that it was used.
  private static let sessionsByDigest = PostgresStatement(
    "sessions_by_digest",
    """
    WITH seen AS MATERIALIZED (
      SELECT digest, \(columns) FROM desk.session WHERE digest = ANY($1) AND \(isOpen)),
    used AS (
      UPDATE desk.session s SET seen_at = statement_timestamp() FROM seen
       WHERE s.id = seen.id AND seen.seen_at < statement_timestamp() - interval '1 minute')
    SELECT digest, \(columns) FROM seen
    """, planning: .once
  ) { row in (digest: try row.next([UInt8].self), session: try readSession(&row)) }

  private static let listSessions = PostgresStatement(
    "list_sessions",
    """
    SELECT \(columns) FROM desk.session WHERE \(isOpen) AND ($1::text IS NULL OR agent = $1)
     ORDER BY created_at DESC, id DESC LIMIT $2
    """, row: readSession)

  private static let end = PostgresStatement<Identifier<APIKey>>(
    "end_session",
    """
    UPDATE desk.session SET ended_at = clock_timestamp()
     WHERE id = $1 AND ended_at IS NULL AND ($2::text IS NULL OR agent = $2) RETURNING id
    """)

  private static let endOthers = PostgresStatement<Identifier<APIKey>>(
    "end_sessions_of_others",
    """
    UPDATE desk.session s SET ended_at = clock_timestamp()
      FROM (SELECT id FROM desk.session
             WHERE ended_at IS NULL AND expires_at > statement_timestamp() AND agent IS NOT NULL
               AND agent <> ALL($1::text[]) ORDER BY id FOR UPDATE) AS o
     WHERE s.id = o.id RETURNING s.id
    """, planning: .once)
}
