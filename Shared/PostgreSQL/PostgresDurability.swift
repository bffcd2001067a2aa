/// What a session's settings make of a commit.
public struct PostgresDurability: Sendable, Hashable {
  /// How a commit is less than the settings of the server suggest.
  public enum Fault: Sendable, Hashable {
    /// What was acknowledged may be lost: nothing may be acknowledged.
    case unsafe(String)
    /// What was acknowledged may be lost with the primary, although there are synchronous standbys.
    case weak(String)

    /// The setting and its effect, for operators.
    public var reason: String {
      switch self {
      case .unsafe(let reason), .weak(let reason): reason
      }
    }
  }

  /// `synchronous_commit`: `off`, `local`, `remote_write`, `on` or `remote_apply`.
  let commit: String
  /// Whether the server has synchronous standbys.
  let hasSynchronousStandbys: Bool
  /// `client_min_messages`.
  let leastMessage: String

  /// The worst fault; nil if a commit is what it should be.
  public var fault: Fault? {
    if commit == "off" {
      return .unsafe("synchronous_commit is off: a commit is answered before it is on disk")
    }
    guard hasSynchronousStandbys else { return nil }
    if leastMessage == "error" {
      return .unsafe("client_min_messages is error: a commit that no standby has confirmed looks like a success")
    }
    return switch commit {
    case "local": .weak("synchronous_commit is local: commits do not wait for the synchronous standbys")
    case "remote_write": .weak("synchronous_commit is remote_write: a standby confirms before it has written to disk")
    default: nil
    }
  }

  private static let statement = PostgresStatement(
    "durability",
    """
    SELECT current_setting('synchronous_commit'), current_setting('synchronous_standby_names') <> '',
           current_setting('client_min_messages')
    """, planning: nil
  ) { row in
    try PostgresDurability(commit: row.next(), hasSynchronousStandbys: row.next(), leastMessage: row.next())
  }

  /// Reads the settings of a session, which a role or a database may have changed.
  /// - Throws: `PostgresError`.
  public static func read(_ session: some PostgresSession, timeout: Duration? = nil) async throws -> PostgresDurability?
  {
    try await session.queryFirst(statement, timeout: timeout)
  }
}
