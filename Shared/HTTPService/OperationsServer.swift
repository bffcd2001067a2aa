internal import Foundation
internal import HTTPTypes
internal import Hummingbird
public import Logging
internal import NIOPosix
public import Observability
public import ServiceHealth
public import ServiceLifecycle

/// Serves `/livez`, `/healthz`, `/readyz` and `/metrics` on its own port and thread, so that operators and probes get through when
/// customers do not. List it first in the service group: it stops last and reports "draining" until the end.
public struct OperationsServer: Service {
  /// The only routes, open to every client that can reach the port.
  public static let paths = ["/livez", "/healthz", "/readyz", "/metrics"]

  private let host: String
  private let port: Int
  private let health: HealthState
  private let metrics: MetricsRegistry
  private let liveness: Liveness
  private let logger: Logger
  private let onBound: @Sendable (_ port: Int) async -> Void

  /// - Parameters:
  ///   - port: 0 selects a free one.
  ///   - onBound: receives the port once connections are accepted.
  public init(
    host: String = "127.0.0.1", port: Int = 0, health: HealthState, metrics: MetricsRegistry,
    liveness: Liveness = Liveness(), logger: Logger,
    onBound: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
  ) {
    self.host = host
    self.port = port
    self.health = health
    self.metrics = metrics
    self.liveness = liveness
    self.logger = logger
    self.onBound = onBound
  }

  public func run() async throws {
    let limits = HTTPServerLimits(idleTimeout: .seconds(30), maximumHeaderBytes: 8 << 10, maximumConnections: 128)
    // A flood of connections occupies the shared threads for seconds; a supervisor would take the process for a hanging one.
    try await MultiThreadedEventLoopGroup.withEventLoopGroup(numberOfThreads: 1) { loops in
      try await limits.application(
        router: router(), host: host, port: port, on: .shared(loops), logger: logger, onBound: onBound
      ).run()
    }
  }

  func router() -> Router<BasicRequestContext> {
    let router = Router()
    router.add(middleware: SecurityHeadersMiddleware())
    router.add(
      middleware: ProblemMiddleware(unknownPathRemedy: "Known paths are \(Self.paths.joined(separator: ", ")).")
    )
    router.add(middleware: BodyLimitMiddleware(maximumBytes: 1024))
    for path: RouterPath in ["/livez", "/healthz"] {
      // Conditions are not checked: these routes only report that all threads and tasks make progress.
      router.onReading(path) { [liveness] _, _ in
        let stuck = await liveness.stuckThreads()
        let text = stuck.isEmpty ? "ok\n" : "stuck: \(stuck.joined(separator: ", "))\n"
        return Self.text(
          text, type: "text/plain; charset=utf-8", status: stuck.isEmpty ? .ok : .serviceUnavailable)
      }
    }
    router.onReading("/readyz") { [health] _, _ in
      let report = health.report
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
      let json = String(decoding: try encoder.encode(report), as: UTF8.self) + "\n"
      return Self.text(json, type: "application/json", status: report.ready ? .ok : .serviceUnavailable)
    }
    router.onReading("/metrics") { [metrics] _, _ in
      Self.text(metrics.render(), type: "text/plain; version=0.0.4; charset=utf-8")
    }
    return router
  }

  private static func text(_ text: String, type: String, status: HTTPResponse.Status = .ok) -> Response {
    Response(
      status: status, headers: [.contentType: type, .cacheControl: "no-store"],
      body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
  }
}
