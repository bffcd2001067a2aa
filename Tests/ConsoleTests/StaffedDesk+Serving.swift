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
    contactKeys: ContactKeyFile? = nil, adding sections: String = "",
    _ body: @escaping @Sendable (StaffedDesk, HTTPClient, String) async throws -> Void
  ) async throws {
    try await StaffedDesk.with(adding: sections) { try await $0.serve(contactKeys: contactKeys, body) }
  }

  /// Runs a body with a console on this desk.
  func serve(
    contactKeys: ContactKeyFile? = nil,
    _ body: @escaping @Sendable (StaffedDesk, HTTPClient, String) async throws -> Void
  ) async throws {
    var routes = routes
    routes.contactKeys = contactKeys
    routes.desk.inspector.keys = contactKeys
    try await StaffedDesk.serving(routes) { client, url in try await body(self, client, url) }
  }

  /// Runs a body with a server of these routes, a client, and the server's address.
  static func serving(
    _ routes: ConsoleRoutes, _ body: @escaping @Sendable (HTTPClient, String) async throws -> Void
  ) async throws {
    var limits = HTTPServerLimits()
    limits.readsBodiesOnDemand = true
    try await LoopbackServer.with(routes.router(metrics: MetricsRegistry()), limits: limits) { port in
      let client = try HTTPClient()
      do {
        try await body(client, "http://127.0.0.1:\(port)")
      } catch {
        await client.shutDown()
        throw error
      }
      await client.shutDown()
    }
  }
}
