/// Statements that are sent together and committed together: one round trip, all or nothing.
///
/// ```swift
/// var batch = PostgresBatch("accept")
/// let inserted = batch.add(insertMessages, [ids, texts])
/// batch.add(insertOutbox, [outboxIDs])
/// let results = try await pool.transaction(batch)
/// let rows = try results.rows(inserted)
/// ```
///
/// It uses the pipeline's implicit transaction: what is sent before one Sync commits at that Sync, so that no BEGIN and
/// COMMIT need to be parsed and answered. Its isolation is the connection's default.
public struct PostgresBatch: Sendable {
  /// Identifies the results of one statement of a batch.
  public struct Position<Row>: Sendable {
    let index: Int
    let statement: PostgresStatement<Row>
  }

  struct Entry: Sendable {
    let name: String
    let sql: String
    let planning: PostgresPlanning?
    let values: PostgresParameters

    init(_ statement: PostgresStatement<some Any>, _ values: PostgresParameters) {
      name = statement.name
      sql = statement.sql
      planning = statement.planning
      self.values = values
    }
  }

  let name: String
  private(set) var entries: [Entry] = []
  private var encodingError: PostgresError?

  /// - Parameter name: shown in errors, in addition to the name of the statement that failed.
  public init(_ name: String) {
    self.name = name
  }

  public var isEmpty: Bool { entries.isEmpty }

  /// Adds a statement. A mistake in its parameters is thrown when the batch is executed.
  @discardableResult
  public mutating func add<Row>(
    _ statement: PostgresStatement<Row>, _ parameters: [any PostgresEncodable] = []
  ) -> Position<Row> {
    let position = Position(index: entries.count, statement: statement)
    do throws(PostgresError) {
      let values = try PostgresParameters(parameters, statement: statement.name)
      entries.append(Entry(statement, values))
    } catch {
      encodingError = encodingError ?? error
    }
    return position
  }

  func checkedEntries() throws(PostgresError) -> [Entry] {
    if let encodingError { throw encodingError }
    guard entries.count <= PostgresLimits.statementsPerBatch else {
      throw PostgresError(.misuse, "\(entries.count) statements are too many for a batch", statement: name)
    }
    return entries
  }
}

/// The results of a batch's statements.
public struct PostgresBatchResults: Sendable {
  let results: [PostgresResult]

  public func rows<Row>(_ position: PostgresBatch.Position<Row>) throws -> [Row] {
    try results[position.index].rows(of: position.statement)
  }

  public func affectedRows(_ position: PostgresBatch.Position<some Any>) -> Int {
    results[position.index].affectedRows
  }
}
