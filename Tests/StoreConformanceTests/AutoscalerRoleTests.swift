import DeskCore
import Foundation
import PostgreSQL
import Store
import TestPostgres
import Testing

/// What KEDA reads: the queries and the role of `deploy/kubernetes/keda/`, on a real database.
@Suite struct AutoscalerRoleTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "deploy/kubernetes/keda")

  private static func text(_ name: String) throws -> String {
    try String(contentsOf: folder.appending(path: name), encoding: .utf8)
  }

  /// Runs `body` as the role that the file creates, under a name of its own: roles belong to the whole server.
  private func reading(_ body: (_ pool: PostgresPool, _ desk: TestDesk) async throws -> Void) async throws {
    try await TestDesk.with { desk in
      let name = try #require(
        try await desk.store.pool.query(PostgresStatement<String>("database_name", "SELECT current_database()::text"))
          .first)
      let role = "autoscaler_of_\(name)"
      try await desk.run(
        try Self.text("autoscaler-role.sql").replacing("desk_autoscaler", with: role).replacing(
          ":'password'", with: "'of a test'"))
      var configuration = try await PrivatePostgres.shared().configuration.database(name)
      configuration["user"] = role
      let pool = PostgresPool(configuration, limits: PostgresPoolLimits(connectionsMaximum: 1))
      do {
        try await body(pool, desk)
      } catch {
        await pool.shutdown()
        throw error
      }
      await pool.shutdown()
      try await desk.run("DROP OWNED BY \(role); DROP ROLE \(role)")
    }
  }

  @Test(arguments: ["router", "classifier", "intake"])
  func theQueryReturnsTheWantedNumberAndNothingElse(of service: String) async throws {
    let query = try #require(
      try Self.text("\(service).yaml").split(separator: "\n").lazy.compactMap {
        $0.firstMatch(of: /^ *query: (.*)$/)?.1
      }
      .first)
    try await reading { pool, desk in
      try await desk.run("UPDATE desk.capacity SET wanted = 3, term = 1 WHERE service = '\(service)'")
      #expect(try await pool.query(PostgresStatement<Int32>("test_autoscaler_\(service)", String(query))) == [3])
    }
  }

  @Test func theRoleReadsNothingElseAndWritesNothing() async throws {
    try await reading { pool, _ in
      for statement in [
        "SELECT reason FROM desk.capacity", "SELECT * FROM desk.capacity", "SELECT FROM desk.ticket",
        "SELECT FROM desk.message", "SELECT FROM desk.api_key", "SELECT FROM desk.reserve_call",
        "SET TRANSACTION READ WRITE; UPDATE desk.capacity SET wanted = 9",
        "SET TRANSACTION READ WRITE; DELETE FROM desk.capacity",
        "SET TRANSACTION READ WRITE; CREATE TABLE desk.mine (x int)",
      ] {
        let error = await #expect(throws: PostgresError.self, "\(statement)") {
          try await pool.executeScript(statement)
        }
        #expect(error?.sqlState == "42501", "\(statement): \(error?.sqlState ?? "none")")
      }
    }
  }
}
