public import HTTPService
public import Hummingbird
import Logging

/// An HTTP server on a free port of the loopback, with the limits of a service.
public enum LoopbackServer {
  /// Serves a router while a body runs.
  /// - Throws: what the body throws; what the server throws when it cannot listen.
  public static func with<Context: RequestContext, Result>(
    _ router: Router<Context>, limits: HTTPServerLimits = HTTPServerLimits(),
    _ body: (_ port: Int) async throws -> Result
  ) async throws -> Result where Context.Source == ApplicationRequestContextSource {
    let (ports, port) = AsyncStream.makeStream(of: Int.self)
    let application = limits.application(router: router, host: "127.0.0.1", port: 0, logger: .silent) {
      port.yield($0)
    }
    let running = Task {
      // Where it cannot listen there is no port to wait for.
      defer { port.finish() }
      try await application.run()
    }
    guard let bound = await ports.first(where: { _ in true }) else {
      try await running.value
      throw CancellationError()
    }
    func stop() async {
      running.cancel()
      _ = await running.result
    }
    do {
      let result = try await body(bound)
      await stop()
      return result
    } catch {
      await stop()
      throw error
    }
  }
}
