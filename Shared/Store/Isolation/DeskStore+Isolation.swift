public import DeskCore
import PostgreSQL

extension DeskStore {
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
      .other(table: DeskStore.undecidedTable, key: $0.description)
    }
  }

  /// The currently quarantined undecided messages.
  var messagesSetAside: [MessageID] { setAside.keys(of: DeskStore.undecidedTable).compactMap { MessageID($0) } }

  private static let undecidedTable = "inbox"

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

  /// Returns live tickets by identifier, for batches: an unreadable one is quarantined and missing. Callers that request one, or act on
  /// a ticket's absence, use `tickets(_:)`.
  public func readableTickets(_ ids: [TicketID]) async throws -> [TicketID: Ticket] {
    guard !ids.isEmpty else { return [:] }
    let found = try await readable(DeskStore.ticketsByID, [ids])
    return Dictionary(found.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// Writes steps like `commit(_:fencedBy:)`, except that a ticket whose step the database rejects, or whose row another transaction has
  /// locked, is quarantined without affecting others.
  ///
  /// - Returns: the tickets whose step took effect.
  /// - Throws: the errors of `commit` that are not caused by a single ticket.
  public func commitApart(_ steps: [TicketStep], fencedBy fence: Fence? = nil) async throws -> Set<TicketID> {
    var committed: Set<TicketID> = []
    var splitter = BatchSplitter(steps, attempts: StoreBounds.partsPerBatch)
    var lockTimeouts = 0
    while let part = splitter.next() {
      do {
        committed.formUnion(try await commit(Array(part), fencedBy: fence))
      } catch let error as PostgresError where error.isFaultOfTheRow {
        if let step = splitter.refuse(part) { setAside.setAside(.ticket(step.ticket.id), because: error) }
      } catch let error as PostgresError where error.isLockTimeout && lockTimeouts < StoreBounds.lockTimeoutsPerBatch {
        lockTimeouts += 1
        let locked = Set(part.map(\.ticket.id)).subtracting(try await unlocked(among: part.map(\.ticket.id)))
        // Something else was locked: an agent's row, or a ticket that was released meanwhile.
        guard !locked.isEmpty else {
          if let step = splitter.refuse(part) { setAside.setAside(.ticket(step.ticket.id), because: error) }
          continue
        }
        for ticket in locked { setAside.setAside(.ticket(ticket), because: error) }
        _ = splitter.refuse(part)
        splitter.leaveOut { locked.contains($0.ticket.id) }
      }
    }
    return committed
  }

  /// Returns those of these tickets whose rows are not locked now.
  private func unlocked(among tickets: [TicketID]) async throws -> Set<TicketID> {
    Set(try await pool.query(DeskStore.unlockedTickets, [tickets]))
  }

  private static let unlockedTickets = PostgresStatement<TicketID>(
    "unlocked_tickets",
    """
    WITH ticket AS MATERIALIZED (SELECT id FROM desk.ticket WHERE id = ANY($1) FOR NO KEY UPDATE SKIP LOCKED),
    opened AS MATERIALIZED (
      SELECT ticket_id FROM desk.open_ticket WHERE ticket_id = ANY($1) AND merged_into IS NULL FOR NO KEY UPDATE SKIP LOCKED)
    SELECT id FROM ticket JOIN opened ON ticket_id = id
    """, planning: .once)
}
