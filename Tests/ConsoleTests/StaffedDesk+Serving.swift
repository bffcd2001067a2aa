import Curl
import Hummingbird
import Logging
import ServiceKit
import Testing

@testable import Console

extension StaffedDesk {
  /// Runs a body with a serving console, a client, and the console's address.
  static func serving(
    contactKeys: ContactKeyFile? = nil, adding sections: String = "",
    _ body: @escaping @Sendable (StaffedDesk, HTTPClient, String) async throws -> Void
  ) async throws {
    try await StaffedDesk.with(adding: sections) { desk in
      var routes = desk.routes
      routes.contactKeys = contactKeys
      routes.desk.inspector.keys = contactKeys
      let (ports, bound) = AsyncStream.makeStream(of: Int.self)
      var limits = HTTPServerLimits()
      limits.readsBodiesOnDemand = true
      let server = limits.application(
        router: routes.router(metrics: MetricsRegistry()), host: "127.0.0.1", port: 0,
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
      ) { bound.yield($0) }
      let running = Task { try await server.run() }
      let port = try #require(await ports.first { _ in true })
      let client = try HTTPClient()
      let outcome = await Task { try await body(desk, client, "http://127.0.0.1:\(port)") }.result
      await client.shutDown()
      running.cancel()
      _ = await running.result
      try outcome.get()
    }
  }
}
