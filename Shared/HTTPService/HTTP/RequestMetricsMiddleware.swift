internal import HTTPTypes
public import Hummingbird
internal import Logging
public import Observability

extension HTTPField.Name {
  fileprivate static let frameOptions = HTTPField.Name("X-Frame-Options")
  fileprivate static let referrerPolicy = HTTPField.Name("Referrer-Policy")
}

/// Counts and times requests by method, route template and status. The time runs until the response's head is ready, not
/// until a stream has ended.
public struct RequestMetricsMiddleware<Context: RequestContext>: RouterMiddleware {
  private let registry: MetricsRegistry
  private let inFlight: GaugeMetric

  /// Goes outside `ProblemMiddleware`, so that it sees the status that is sent.
  public init(registry: MetricsRegistry) {
    self.registry = registry
    inFlight = registry.gauge("http_requests_in_flight", help: "Requests in progress.")
  }

  @concurrent public func handle(
    _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
  ) async throws -> Response {
    let start = ContinuousClock.now
    inFlight.add(1)
    defer { inFlight.add(-1) }
    do {
      let response = try await next(request, context)
      record(request, context, response.status.code, .now - start)
      return response
    } catch {
      record(request, context, (error as? any HTTPResponseError)?.status.code ?? 500, .now - start)
      throw error
    }
  }

  private func record(_ request: Request, _ context: Context, _ status: Int, _ duration: Duration) {
    let route = context.endpointPath ?? "NotFound"
    let method = RequestLabels.method(of: request)
    registry.counter(
      "http_requests_total", help: "Requests answered, by route and status.",
      labels: ["method": method, "route": route, "status": "\(status)"]
    ).increment()
    registry.histogram(
      "http_request_duration_seconds", help: "Time from a request's head to its response's head.",
      labels: ["method": method, "route": route]
    ).observe(duration)
  }
}

/// Rejects a request whose declared body size exceeds the limit before a byte of it is read. Routes must still bound
/// what they collect, because a body may come without a declared size.
public struct BodyLimitMiddleware<Context: RequestContext>: RouterMiddleware {
  private let maximumBytes: Int

  /// - Parameter maximumBytes: the largest `Content-Length`.
  public init(maximumBytes: Int) {
    self.maximumBytes = maximumBytes
  }

  @concurrent public func handle(
    _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
  ) async throws -> Response {
    try request.checkLength(most: maximumBytes)
    return try await next(request, context)
  }
}

extension Request {
  /// Refuses a body by its `Content-Length`, before any of it is awaited.
  /// - Throws: `HTTPProblem` 413.
  func checkLength(most: Int) throws(HTTPProblem) {
    guard let length = headers[.contentLength].flatMap({ Int($0) }), length > most else { return }
    throw HTTPProblem(
      .contentTooLarge, detail: "The body has \(length) bytes; at most \(most) are accepted.",
      errors: [
        .init(
          field: "Content-Length", value: "\(length)", detail: "At most \(most) bytes are accepted.",
          remedy: "Send less in one request.")
      ])
  }
}

/// Headers that keep browsers from guessing types, framing answers or leaking addresses.
public struct SecurityHeadersMiddleware<Context: RequestContext>: RouterMiddleware {
  /// Does not override what a route has set itself.
  public init() {}

  @concurrent public func handle(
    _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
  ) async throws -> Response {
    var response = try await next(request, context)
    let wanted: [(HTTPField.Name?, String)] = [
      (.xContentTypeOptions, "nosniff"), (.frameOptions, "DENY"), (.referrerPolicy, "no-referrer"),
      (.contentSecurityPolicy, "default-src 'none'; frame-ancestors 'none'"),
    ]
    for case (let name?, let value) in wanted where response.headers[name] == nil {
      response.headers[name] = value
    }
    return response
  }
}
