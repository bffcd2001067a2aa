import Foundation
import PostgreSQL
import Testing
import ZeroMQ

/// A key for every caller in the matrix, created as an operator would.
struct DoorKeys {
  /// Bearer keys; none for `noOne`.
  let bearers: [AuthorisationMatrix.Bearer: String]
  /// CURVE keys of the callers that have one.
  let callers: [AuthorisationMatrix.Caller: CurveKeyPair]
  private let database: PostgresPool

  init(_ desk: RunningDesk) async throws {
    let information = try #require(try desk.description()["postgres"] as? String)
    database = PostgresPool(try PostgresConfiguration(information), limits: PostgresPoolLimits(connectionsMaximum: 1))
    var bearers: [AuthorisationMatrix.Bearer: String] = [.unknown: "fd_" + String(repeating: "k", count: 43)]
    func make(_ bearer: AuthorisationMatrix.Bearer, _ arguments: [String]) async throws -> String {
      let output = try await desk.expect(["keys", "create"] + arguments).split(separator: "\n")
      bearers[bearer] = String(try #require(output.first { $0.hasPrefix("fd_") }))
      let line = try #require(output.first { $0.hasPrefix("key ") })
      return String(line.dropFirst(4).prefix { $0 != "," })
    }
    _ = try await make(.channel, ["--channel", "web"])
    _ = try await make(.channelThatReads, ["--channel", "web", "--read-only"])
    _ = try await make(.agent, ["--agent", "agent-001"])
    _ = try await make(.lead, ["--role", "lead", "--agent", "agent-002"])
    _ = try await make(.leadThatReads, ["--role", "lead", "--agent", "agent-003", "--read-only"])
    _ = try await make(.operator, ["--role", "operator"])
    _ = try await make(.operatorThatReads, ["--role", "operator", "--read-only"])
    _ = try await make(.auditor, ["--role", "auditor"])
    let revoked = try await make(.revoked, ["--role", "operator"])
    try await desk.expect(["keys", "revoke", revoked])
    let expired = try await make(.expired, ["--role", "operator", "--days", "1"])
    try await database.executeScript(
      "UPDATE desk.api_key SET expires_at = now() - interval '1 second' WHERE id = '\(expired)'")
    self.bearers = bearers

    var callers: [AuthorisationMatrix.Caller: CurveKeyPair] = [:]
    for caller in AuthorisationMatrix.Caller.allCases where caller != .noOne { callers[caller] = try .generate() }
    for caller in [AuthorisationMatrix.Caller.channel, .revokedChannel, .expiredChannel, .misled] {
      let key = try #require(callers[caller]).publicKey.z85
      // As one argument, because these keys may contain a dash.
      try await desk.expect(["keys", "curve-create", "--channel", "web", "--public-key=\(key)", "--days", "1"])
      if caller == .revokedChannel { try await desk.expect(["keys", "curve-revoke", "--", key]) }
    }
    let expiredKey = DoorKeys.hex(try #require(callers[.expiredChannel]))
    try await database.executeScript(
      "UPDATE desk.channel_curve_key SET expires_at = now() - interval '1 second' WHERE public_key = '\(expiredKey)'")
    self.callers = callers
  }

  /// Registers the two fictitious instances, as of now.
  func registerInstances() async throws {
    for (caller, silence) in [(AuthorisationMatrix.Caller.instance, 0), (.deadInstance, 60)] {
      let key = DoorKeys.hex(try #require(callers[caller]))
      try await database.executeScript(
        """
        DELETE FROM desk.service_instance WHERE curve_public_key = '\(key)';
        INSERT INTO desk.service_instance (id, service, build, host, process_id, state, curve_public_key, heartbeat_at)
        VALUES (gen_random_uuid(), 'caller', 'test', 'here', 1, 'ready', '\(key)', now() - interval '\(silence) seconds')
        """)
    }
  }

  /// Returns the sockets registered by the services.
  func registeredSockets() async throws -> [RegisteredSocket] {
    try await database.query(DoorKeys.sockets)
  }

  /// Closes the connection.
  func close() async {
    await database.shutdown()
  }

  private static func hex(_ pair: CurveKeyPair) -> String {
    "\\x" + pair.publicKey.bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }

  private static let sockets = PostgresStatement(
    "registered_sockets",
    """
    SELECT service, kind, endpoint, curve_public_key FROM desk.service_instance,
      LATERAL (VALUES ('link', link_endpoint), ('hint', hint_endpoint)) AS sockets(kind, endpoint)
     WHERE endpoint IS NOT NULL
    """
  ) { row in
    try RegisteredSocket(service: row.next(), kind: row.next(), endpoint: row.next(), key: row.next())
  }
}

/// A socket in the service registry.
struct RegisteredSocket: Sendable {
  let service: String
  let kind: String
  let endpoint: String
  /// The CURVE public key of the process.
  let key: [UInt8]

  /// Its port.
  var port: Int? { endpoint.split(separator: ":").last.flatMap { Int($0) } }
}
