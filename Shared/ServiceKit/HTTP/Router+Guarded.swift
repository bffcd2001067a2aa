public import Hummingbird
internal import Logging
public import ServiceLifecycle
internal import Store

extension Router where Context == DeskRequestContext {
  /// Returns a router behind the standard middleware: traces, metrics, headers, problems, and the limits per address and per body.
  /// - Parameter bodyBytes: the largest body that is accepted.
  public static func guarded(
    metrics: MetricsRegistry, limits: AddressLimitMiddleware.Limits, bodyBytes: Int
  ) -> Router<DeskRequestContext> {
    let router = Router(context: DeskRequestContext.self)
    router.add(middleware: TraceMiddleware())
    router.add(middleware: RequestMetricsMiddleware(registry: metrics))
    router.add(middleware: SecurityHeadersMiddleware())
    router.add(middleware: ProblemMiddleware())
    router.add(middleware: AddressLimitMiddleware(limits))
    router.add(middleware: BodyLimitMiddleware(maximumBytes: bodyBytes))
    router.add(middleware: BodyBudgetMiddleware(BodyBudget()))
    return router
  }
}

extension ServiceRuntime {
  /// Serves HTTP: not ready before the port is bound, and then registered under it.
  public func serveHTTP(
    _ router: Router<DeskRequestContext>, at address: ListenAddress, limits: HTTPServerLimits
  ) -> any Service {
    health.declare("http", reason: "not bound yet")
    var limits = limits
    limits.readsBodiesOnDemand = true
    limits.metrics = metrics
    return limits.application(router: router, host: address.host, port: address.port, logger: logger) { port in
      let endpoint = address.bound(to: port)
      logger.info("serving HTTP", metadata: ["at": "\(endpoint)"])
      health.hold("http")
      do {
        try await fleet.announce { $0.httpEndpoint = endpoint }
      } catch {
        // If the registration was lost, the next heartbeat registers again, with this address.
        logger.warning("announcing the HTTP address failed", metadata: ["error": "\(error)"])
      }
    }
  }
}
