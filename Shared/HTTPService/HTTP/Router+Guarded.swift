public import Hummingbird
public import Observability

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
    router.add(
      middleware: ProblemMiddleware(unknownPathRemedy: "The paths are described at \(OpenAPIPath.description)."))
    router.add(middleware: AddressLimitMiddleware(limits))
    router.add(middleware: BodyLimitMiddleware(maximumBytes: bodyBytes))
    router.add(middleware: BodyBudgetMiddleware(BodyBudget()))
    return router
  }
}
