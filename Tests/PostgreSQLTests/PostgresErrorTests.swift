import PostgreSQL
import Testing

@Suite struct PostgresErrorTests {
  @Test(arguments: ["40001", "40P01", "55P03", "57P01", "57P02", "57P03", "08006", "53300", "25P03"])
  func transientErrorsAreRetriable(sqlState: String) {
    #expect(PostgresError(.server, "refused", sqlState: sqlState).isRetriable)
  }

  @Test(arguments: ["23505", "22P02", "42601", "57014", "28P01", "25P02"])
  func permanentErrorsAreNotRetriable(sqlState: String) {
    #expect(!PostgresError(.server, "refused", sqlState: sqlState).isRetriable)
  }

  @Test func clientErrorsStateWhetherTheyAreRetriable() {
    for code in [PostgresError.Code.connectionLost, .connectionFailed, .timedOut, .poolExhausted, .poolTimedOut] {
      #expect(PostgresError(code, "later").isRetriable)
    }
    for code in [PostgresError.Code.misuse, .decoding, .cancelled, .shutDown, .configuration, .migration, .server] {
      #expect(!PostgresError(code, "never").isRetriable)
    }
    #expect(!PostgresError(.connectionFailed, "wrong password", sqlState: "28P01").isRetriable)
  }

  @Test(arguments: ["42P05", "26000"])
  func anUnsupportedPoolerModeIsNamed(sqlState: String) {
    #expect("\(PostgresError(.server, "refused", sqlState: sqlState))".contains("pool_mode = session"))
    #expect(!"\(PostgresError(.server, "refused", sqlState: "42601"))".contains("pool_mode"))
  }
}
