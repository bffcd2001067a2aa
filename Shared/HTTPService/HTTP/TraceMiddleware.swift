internal import HTTPTypes
public import Hummingbird
internal import Observability
internal import Tracing

/// Gives each request a span: a child of the sender's `traceparent`, or the first of a new trace. Routes find its context in
/// `TraceContext.current`, log records in `trace`, the sender in the response's `traceparent`.
///
/// Hummingbird's own `TracingMiddleware` is not used because it records the path, the query, the user agent and the peer's address, which
/// identify customers and their tickets. A span has the method, the route's template and the status, and ends when the response's head is
/// ready, like the request's duration in the metrics.
public struct TraceMiddleware<Context: RequestContext>: RouterMiddleware {
  /// Goes outermost.
  public init() {}

  @concurrent public func handle(
    _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
  ) async throws -> Response {
    let tracer = FrontdeskTracer.current
    var incoming = ServiceContext.topLevel
    tracer.extract(request.headers, into: &incoming, using: ServerHeaders())
    let span = tracer.startSpan("HTTP", context: incoming, ofKind: .server)
    defer { span.end() }
    do {
      // `isolation: nil` is needed: without it Swift 6.3.1 calls the closure, which captures the non-escaping `next`, through
      // a null pointer.
      var response = try await ServiceContext.$current.withValue(
        span.context, operation: { try await next(request, context) }, isolation: nil)
      describe(span, request, context, status: response.status.code)
      tracer.inject(span.context, into: &response.headers, using: ServerHeaders())
      return response
    } catch {
      describe(span, request, context, status: (error as? any HTTPResponseError)?.status.code ?? 500)
      span.recordError(error)
      throw error
    }
  }

  private func describe(_ span: TraceSpan, _ request: Request, _ context: Context, status: Int) {
    guard span.isRecording else { return }
    let method = RequestLabels.method(of: request)
    // Hummingbird names requests without a route "NotFound"; routes begin with a slash.
    let route = context.endpointPath.flatMap { $0.hasPrefix("/") ? $0 : nil }
    span.operationName = route.map { "\(method) \($0)" } ?? "HTTP \(method)"
    span.updateAttributes { attributes in
      attributes["http.request.method"] = method
      attributes["http.route"] = route
      attributes["http.response.status_code"] = status
    }
    if status >= 500 { span.setStatus(SpanStatus(code: .error)) }
  }
}

/// How requests are named in metrics and spans.
enum RequestLabels {
  private static let known: Set<HTTPRequest.Method> = [.get, .head, .post, .put, .patch, .delete, .options]

  /// The method; `other` for any that is not common, because it is the sender's text.
  static func method(of request: Request) -> String {
    known.contains(request.method) ? request.method.rawValue : "other"
  }
}
