/// How much a transaction sees of concurrently committed ones.
public enum PostgresIsolation: String, Sendable {
  case readCommitted = "READ COMMITTED"
  case repeatableRead = "REPEATABLE READ"
  case serializable = "SERIALIZABLE"

  fileprivate var opening: PostgresStatement<Void> {
    switch self {
    case .readCommitted:
      PostgresStatement("begin_read_committed", "BEGIN ISOLATION LEVEL READ COMMITTED", planning: nil)
    case .repeatableRead:
      PostgresStatement("begin_repeatable_read", "BEGIN ISOLATION LEVEL REPEATABLE READ", planning: nil)
    case .serializable: PostgresStatement("begin_serializable", "BEGIN ISOLATION LEVEL SERIALIZABLE", planning: nil)
    }
  }
}

/// An open transaction. It ends when the closure that received it returns.
public struct PostgresTransaction: PostgresSession {
  fileprivate let connection: PostgresConnection
  fileprivate let id: UInt64

  public func send(_ request: PostgresRequest) async throws -> PostgresReply {
    try await connection.send(request, transaction: id, role: .ordinary)
  }
}

extension PostgresConnection {
  /// Runs `body` in a transaction: commits when it returns, rolls back when it throws. Other requests wait
  /// meanwhile, so keep it short and do no other work in it; if all statements are known beforehand,
  /// `transaction(_:)` with a batch takes one round trip instead of three or more.
  /// - Throws: `PostgresError`, or any error of `body`.
  public nonisolated func withTransaction<Result>(
    isolation: PostgresIsolation = .readCommitted, file: StaticString = #fileID, line: UInt = #line,
    _ body: (PostgresTransaction) async throws -> Result
  ) async throws -> Result {
    let place = PostgresPlace(file: file, line: line)
    let transaction = PostgresTransaction(connection: self, id: await makeID())
    try await control(isolation.opening, transaction.id, .opens, place: place, isShielded: false)
    let result: Result
    do {
      result = try await body(transaction)
    } catch {
      await rollBack(transaction.id, place: place)
      throw error
    }
    let tag: String
    do {
      tag = try await control(
        PostgresStatement("commit", "COMMIT", planning: nil), transaction.id, .closes, place: place, isShielded: true)
    } catch {
      await closeIfInside(transaction.id, error)
      throw error
    }
    // PostgreSQL answers the COMMIT of a failed transaction with a rollback.
    guard tag == "COMMIT" else {
      throw PostgresError(.server, "the transaction had failed and was rolled back", sqlState: "25P02")
    }
    return result
  }

  private nonisolated func rollBack(_ id: UInt64, place: PostgresPlace) async {
    do {
      try await control(
        PostgresStatement("rollback", "ROLLBACK", planning: nil), id, .closes, place: place, isShielded: true)
    } catch {
      await close(PostgresError(.connectionLost, "a rollback failed", underlying: error))
    }
  }

  @discardableResult
  private nonisolated func control(
    _ statement: PostgresStatement<Void>, _ id: UInt64, _ role: PostgresExchange.Role, place: PostgresPlace,
    isShielded: Bool
  ) async throws -> String {
    let values = try PostgresParameters([], statement: statement.name)
    let entry = PostgresBatch.Entry(statement, values)
    let timeout = isShielded && role == .closes && statement.name == "rollback" ? PostgresLimits.rollbackDeadline : nil
    let request = PostgresRequest(name: statement.name, work: .statements([entry]), timeout: timeout, place: place)
    let reply = try await send(request, transaction: id, role: role, isShielded: isShielded)
    return reply.results[0].commandTag
  }
}
