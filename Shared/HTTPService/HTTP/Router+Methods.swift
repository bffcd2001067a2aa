internal import HTTPTypes
public import Hummingbird

extension Router {
  /// The methods of RFC 9110 and PATCH (RFC 5789). A request with another one finds nothing.
  private static var standardMethods: [HTTPRequest.Method] {
    [.get, .head, .post, .put, .patch, .delete, .options, .trace, .connect]
  }

  /// Adds a route for reading: GET, and HEAD with the same headers and without a body.
  public func onReading(
    _ path: RouterPath, use answer: @escaping @Sendable (Request, Context) async throws -> Response
  ) {
    on(path, method: .get) { request, context in try await answer(request, context) }
    on(path, method: .head) { request, context in try await answer(request, context).createHeadResponse() }
  }

  /// Lets every path answer the methods that it does not have with 405 and those that it has (RFC 9110, section 15.5.6). Routes that are
  /// added later do not take part.
  func refuseOtherMethods() {
    let detail = "The resource at this path does not have this method."
    // exact-keys: paths of our own source
    for (_, own) in Dictionary(grouping: routes, by: \.path.description) {
      let methods = Set(own.map(\.method))
      let names = Self.standardMethods.filter(methods.contains).map(\.rawValue).joined(separator: ", ")
      for method in Self.standardMethods where !methods.contains(method) {
        on(own[0].path, method: method) { _, _ -> Response in
          throw HTTPProblem(
            .methodNotAllowed, detail: detail,
            errors: [
              .init(field: "method", value: method.rawValue, detail: detail, remedy: "Its methods are \(names).")
            ], headers: [.allow: names])
        }
      }
    }
  }
}
