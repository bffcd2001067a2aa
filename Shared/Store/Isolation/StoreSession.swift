import DeskCore
import PostgreSQL

/// What the stores of all subjects share: the pool and the quarantine.
protocol StoreSession: Sendable {
  /// The connection pool.
  var pool: PostgresPool { get }
  /// The quarantined rows, which batches leave out for a while.
  var setAside: SetAsideRows { get }
}

extension StoreSession {
  /// Reads a batch row by row: an unreadable ticket is quarantined, and the others are returned.
  ///
  /// - Parameter statement: its first column is a ticket's identifier.
  func readable<Row: Sendable>(
    _ statement: PostgresStatement<Row>, _ parameters: [any PostgresEncodable]
  ) async throws -> [Row] {
    try await readable(statement, parameters, keyedBy: TicketID.self) { .ticket($0) }
  }

  /// The same for rows of a table whose first column is a key that does not identify a customer.
  func readable<Row: Sendable>(
    _ statement: PostgresStatement<Row>, _ parameters: [any PostgresEncodable] = [], of table: String
  ) async throws -> [Row] {
    try await readable(statement, parameters, keyedBy: String.self) { .other(table: table, key: $0) }
  }

  /// The same for undecided messages: the first column is a message's identifier.
  func readableMessages<Row: Sendable>(
    _ statement: PostgresStatement<Row>, _ parameters: [any PostgresEncodable]
  ) async throws -> [Row] {
    try await readable(statement, parameters, keyedBy: MessageID.self) {
      .other(table: Self.undecidedTable, key: $0.description)
    }
  }

  /// The currently quarantined undecided messages.
  var messagesSetAside: [MessageID] { setAside.keys(of: Self.undecidedTable).compactMap { MessageID($0) } }

  private static var undecidedTable: String { "inbox" }

  private func readable<Row: Sendable, Key: PostgresDecodable & SendableMetatype>(
    _ statement: PostgresStatement<Row>, _ parameters: [any PostgresEncodable], keyedBy key: Key.Type,
    named name: (Key) -> RowName
  ) async throws -> [Row] {
    try readable(among: try await pool.query(statement.rowByRow(keyedBy: key), parameters), named: name)
  }

  /// Returns the readable rows; the others are quarantined.
  func readable<Row, Key>(among readings: [RowReading<Row, Key>], named name: (Key) -> RowName) throws -> [Row] {
    try readings.compactMap { reading in
      switch reading {
      case .read(let row): return row
      case .unreadable(let key?, let error):
        setAside.setAside(name(key), because: error)
        return nil
      // A row without a key is a fault of the statement, not of the row.
      case .unreadable(nil, let error): throw error
      }
    }
  }

  /// Two statements that lock the same rows in different orders can deadlock; the server aborts one of them completely.
  @discardableResult
  func retryingDeadlocks<Result>(_ work: () async throws -> Result) async throws -> Result {
    try await PostgresError.repeatingConflicts(attempts: StoreBounds.attemptsPerStatement, work)
  }
}
