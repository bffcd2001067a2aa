import Curl
import HTTPService
import Observability
import TestService
import Testing
import UseCases

@testable import Console

extension StaffedDesk {
  /// Runs a body with a serving console, a client, and the console's address.
  static func serving(
    contactKeys: ContactKeyFile? = nil,
    _ body: @escaping @Sendable (StaffedDesk, HTTPClient, String) async throws -> Void
  ) async throws {
    try await StaffedDesk.with { desk in
      var routes = desk.routes
      routes.contactKeys = contactKeys
      var limits = HTTPServerLimits()
      limits.readsBodiesOnDemand = true
      try await LoopbackServer.with(routes.router(metrics: MetricsRegistry()), limits: limits) { port in
        let client = try HTTPClient()
        do {
          try await body(desk, client, "http://127.0.0.1:\(port)")
        } catch {
          await client.shutDown()
          throw error
        }
        await client.shutDown()
      }
    }
  }
}
