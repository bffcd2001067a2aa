/// A target for statements: a pool (any free connection), a connection, or an open transaction.
public protocol PostgresSession: Sendable {
  /// Sends a request built by the convenience methods below and waits for the answer.
  /// - Throws: `PostgresError`.
  func send(_ request: PostgresRequest) async throws -> PostgresReply
}

/// Statements, or a script, for PostgreSQL. Created by the methods of `PostgresSession`.
public struct PostgresRequest: Sendable {
  enum Work: Sendable {
    /// Prepared statements that commit together, unless a transaction is open.
    case statements([PostgresBatch.Entry])
    /// SQL text of any number of statements without parameters.
    case script(String)
  }

  var name: String
  var work: Work
  /// The time limit from submission to answer; `nil` for the configured one.
  var timeout: Duration?
  var place: PostgresPlace

  var isPrepared: Bool {
    if case .statements = work { true } else { false }
  }
}

/// The answers to a request, not yet decoded.
public struct PostgresReply: Sendable {
  let results: [PostgresResult]
}

extension PostgresSession {
  /// Executes a statement and reads its rows.
  /// - Parameters:
  ///   - timeout: from the call to the answer, including waiting; `nil` uses the configured deadline.
  /// - Throws: `PostgresError`.
  public func query<Row>(
    _ statement: PostgresStatement<Row>, _ parameters: [any PostgresEncodable] = [], timeout: Duration? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) async throws -> [Row] {
    try await run(statement, parameters, timeout, PostgresPlace(file: file, line: line)).rows(of: statement)
  }

  /// Executes a statement that returns at most one row.
  /// - Throws: `PostgresError`; of code `decoding` when there are several rows.
  public func queryFirst<Row>(
    _ statement: PostgresStatement<Row>, _ parameters: [any PostgresEncodable] = [], timeout: Duration? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) async throws -> Row? {
    let rows = try await query(statement, parameters, timeout: timeout, file: file, line: line)
    guard rows.count <= 1 else {
      throw PostgresError(.decoding, "expected one row, got \(rows.count)", statement: statement.name)
    }
    return rows.first
  }

  /// Executes a statement and returns the number of affected rows; returned rows are not read.
  /// - Throws: `PostgresError`.
  @discardableResult
  public func execute(
    _ statement: PostgresStatement<some Any>, _ parameters: [any PostgresEncodable] = [], timeout: Duration? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) async throws -> Int {
    try await run(statement, parameters, timeout, PostgresPlace(file: file, line: line)).affectedRows
  }

  /// Executes SQL text of one or more statements without parameters, such as a migration. Outside a transaction the
  /// text is one transaction by itself unless it says otherwise.
  /// - Throws: `PostgresError`.
  public func executeScript(
    _ sql: String, name: String = "script", timeout: Duration? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) async throws {
    let place = PostgresPlace(file: file, line: line)
    _ = try await send(PostgresRequest(name: name, work: .script(sql), timeout: timeout, place: place))
  }

  private func run(
    _ statement: PostgresStatement<some Any>, _ parameters: [any PostgresEncodable], _ timeout: Duration?,
    _ place: PostgresPlace
  ) async throws -> PostgresResult {
    let values = try PostgresParameters(parameters, statement: statement.name)
    let entry = PostgresBatch.Entry(statement, values)
    let request = PostgresRequest(name: statement.name, work: .statements([entry]), timeout: timeout, place: place)
    return try await send(request).results[0]
  }

  /// Sends a batch in one round trip. On a pool or connection it is one transaction, all or nothing; within a
  /// transaction it is a part of that.
  /// - Throws: `PostgresError` that names the statement that failed.
  @discardableResult
  public func transaction(
    _ batch: PostgresBatch, timeout: Duration? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) async throws -> PostgresBatchResults {
    let entries = try batch.checkedEntries()
    guard !entries.isEmpty else { return PostgresBatchResults(results: []) }
    let place = PostgresPlace(file: file, line: line)
    let request = PostgresRequest(name: batch.name, work: .statements(entries), timeout: timeout, place: place)
    return PostgresBatchResults(results: try await send(request).results)
  }
}
