/// An error in communicating with PostgreSQL.
///
/// It contains what an operator and a retry need, and never data: the server's message only if it names schema
/// and settings, not values; never its detail, hint or context.
public struct PostgresError: Error, Sendable {
  public struct Code: Hashable, Sendable, CustomStringConvertible {
    private enum Value: String {
      case server, connectionFailed, connectionLost, commitUnconfirmed, timedOut, cancelled, poolExhausted, poolTimedOut
      case shutDown, decoding, misuse, configuration, migration
    }

    private let value: Value
    public var description: String { value.rawValue }

    /// PostgreSQL reported an error; see `sqlState`.
    public static let server = Code(value: .server)
    /// No connection could be opened.
    public static let connectionFailed = Code(value: .connectionFailed)
    /// A connection was lost before or during the exchange; see `commitUnknown`.
    public static let connectionLost = Code(value: .connectionLost)
    /// The server committed, but its wait for a synchronous standby was cancelled, so that a failover may lose the commit: neither a
    /// success nor a failure. `commitUnknown` is set, as for a connection that is lost in a commit.
    public static let commitUnconfirmed = Code(value: .commitUnconfirmed)
    /// The deadline of a statement or a connection attempt has passed.
    public static let timedOut = Code(value: .timedOut)
    /// The task was cancelled.
    public static let cancelled = Code(value: .cancelled)
    /// Too many calls are waiting for a connection, or for their turn on one.
    public static let poolExhausted = Code(value: .poolExhausted)
    /// No connection became free in time.
    public static let poolTimedOut = Code(value: .poolTimedOut)
    /// The pool or connection was shut down on purpose.
    public static let shutDown = Code(value: .shutDown)
    /// A column does not have the type or format that the statement reads.
    public static let decoding = Code(value: .decoding)
    /// A caller's mistake: too many parameters, other parameter types than before, a finished transaction.
    public static let misuse = Code(value: .misuse)
    /// The configuration is invalid.
    public static let configuration = Code(value: .configuration)
    /// The migrations of the program and of the database are incompatible.
    public static let migration = Code(value: .migration)
  }

  public var code: Code
  /// Five characters, if PostgreSQL answered.
  public var sqlState: String?
  /// For operators; never contains parameters or rows.
  public var message: String
  /// The name of the statement, batch or migration in progress.
  public var statement: String?
  public var schema: String?
  public var table: String?
  public var column: String?
  public var constraint: String?
  /// Where the call was made: file and line.
  public var place: String?
  /// Whether the work may have been committed although an error is reported: the connection was lost, or abandoned,
  /// between sending and the answer, or no synchronous standby has confirmed the commit. The idempotency key or version check of the caller
  /// settles it.
  public var commitUnknown: Bool
  public var underlying: (any Error)?
  /// The statement failed only because this connection had prepared it before a change of the schema.
  var needsFreshConnection = false

  public init(
    _ code: Code, _ message: String, sqlState: String? = nil, statement: String? = nil, commitUnknown: Bool = false,
    underlying: (any Error)? = nil
  ) {
    self.code = code
    self.message = message
    self.sqlState = sqlState
    self.statement = statement
    self.commitUnknown = commitUnknown
    self.underlying = underlying
  }

  /// Whether the same call can succeed if it is retried later. If `commitUnknown` is set, the first call may
  /// have succeeded as well.
  public var isRetriable: Bool {
    switch code {
    case .connectionLost, .commitUnconfirmed, .timedOut, .poolExhausted, .poolTimedOut: true
    case .server: needsFreshConnection || (sqlState.map(Self.isTransient) ?? false)
    case .connectionFailed: sqlState.map(Self.isTransient) ?? true
    default: false
    }
  }

  /// Whether the server ended a transaction for the sake of others, without any effect: after a deadlock, or because rows changed meanwhile
  /// (`serialization_failure`, which functions also raise for that). The same may succeed when it is repeated.
  public var isConflict: Bool { sqlState == "40P01" || sqlState == "40001" }

  /// Repeats work that conflicts with other transactions, which lock the same rows or tables in another order.
  /// - Parameter attempts: 1 or more; the error of the last is thrown.
  public static func repeatingConflicts<Result>(
    attempts: Int, _ work: () async throws -> Result
  ) async throws -> Result {
    for _ in 1..<max(1, attempts) {
      do {
        return try await work()
      } catch let error as PostgresError where error.isConflict {
        continue
      }
    }
    return try await work()
  }

  /// Serialization failure, deadlock, lock not available, shutdown and start-up, lost connections, lack of resources,
  /// and the idle session or transaction that the server ended.
  private static func isTransient(_ sqlState: String) -> Bool {
    switch sqlState {
    case "40001", "40P01", "55P03", "57P01", "57P02", "57P03", "57P05", "25P03": true
    default: sqlState.hasPrefix("08") || sqlState.hasPrefix("53")
    }
  }
}

extension PostgresError: CustomStringConvertible {
  public var description: String {
    var text = "PostgreSQL \(code)"
    if let sqlState { text += " \(sqlState)" }
    text += ": \(message)"
    let details = [
      ("statement", statement), ("schema", schema), ("table", table), ("column", column), ("constraint", constraint),
      ("at", place),
    ]
    for case (let name, let value?) in details { text += ", \(name) \(value)" }
    if commitUnknown { text += ", commit unknown" }
    // Each connection prepares a name once, so a name that is taken or missing belongs to another session.
    if sqlState == "42P05" || sqlState == "26000" {
      text += "; a connection pooler is mixing sessions: use session mode (PgBouncer: pool_mode = session)"
    }
    if let underlying { text += " (\(underlying))" }
    return text
  }
}

/// Where a call was made, carried to the error.
struct PostgresPlace: Sendable, CustomStringConvertible {
  let file: StaticString
  let line: UInt

  var description: String { "\(file):\(line)" }
}
