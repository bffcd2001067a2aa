internal import HTTPTypes
public import Hummingbird
internal import Logging
internal import Observability

/// Turns every error of a route, and the router's own "not found", into problem details. What is not an error for the
/// sender becomes a bare 500 and is logged; its text stays inside.
public struct ProblemMiddleware<Context: RequestContext>: RouterMiddleware {
  private let unknownPathRemedy: String?

  /// Goes outside all middleware except tracing and metrics.
  /// - Parameter unknownPathRemedy: the remedy of the problem of an unknown path, for instance where the paths are described.
  public init(unknownPathRemedy: String? = nil) {
    self.unknownPathRemedy = unknownPathRemedy
  }

  @concurrent public func handle(
    _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
  ) async throws -> Response {
    do {
      return try await next(request, context)
    } catch is CancellationError {
      throw CancellationError()
    } catch {
      var problem = Self.problem(for: error)
      if problem.status == .notFound, problem.detail == nil {
        let detail = "There is no resource at this path."
        problem.detail = detail
        problem.errors = [.init(field: "path", value: request.uri.path, detail: detail, remedy: unknownPathRemedy)]
      }
      if problem.status.code >= 500, !(error is HTTPProblem) {
        context.logger.error("request failed", error: error, metadata: ["route": "\(context.endpointPath ?? "none")"])
      }
      if problem.instance == nil, let trace = TraceContext.current {
        problem.instance = "urn:trace:\(trace.traceIDText)"
      }
      let response = try problem.response(from: request, context: context)
      // A body would be taken for the beginning of the next answer (RFC 9110, section 9.3.2).
      return request.method == .head ? response.createHeadResponse() : response
    }
  }

  static func problem(for error: any Error) -> HTTPProblem {
    switch error {
    case let problem as HTTPProblem: problem
    case let error as HTTPError:
      HTTPProblem(error.status, detail: error.body, headers: error.headers)
    case let error as any HTTPResponseError: HTTPProblem(error.status)
    default: HTTPProblem(.internalServerError, detail: "The request could not be processed. It may be sent again.")
    }
  }
}
