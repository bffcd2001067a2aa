import PostgreSQL
import TestPostgres
import Testing

/// One connection on a database of its own.
@Suite struct PostgresConnectionTests {
  @Test func answersAStatement() async throws {
    try await withConnection { connection in
      let rows = try await connection.query(PostgresStatement<Int64>("one", "SELECT $1 + 1"), [41])
      #expect(rows == [42])
    }
  }
}

/// Opens a connection on a fresh database and closes it after `body`.
func withConnection(
  _ change: (inout PostgresConfiguration) -> Void = { _ in }, _ body: (PostgresConnection) async throws -> Void
) async throws {
  var configuration = try await PrivatePostgres.shared().createDatabase()
  change(&configuration)
  let thread = PostgresThread()
  do {
    let connection = try await PostgresConnection.connect(configuration, on: thread)
    do {
      try await body(connection)
    } catch {
      await connection.close()
      throw error
    }
    await connection.close()
  } catch {
    await thread.stop()
    throw error
  }
  await thread.stop()
}
