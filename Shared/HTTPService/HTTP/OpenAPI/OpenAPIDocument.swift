internal import DeskCore
internal import HTTPTypes
public import Hummingbird
internal import ServiceSettings

/// A route that a service serves and describes.
public protocol DescribedRoute: Sendable {
  var operation: OpenAPIOperation { get }
}

/// The description of an HTTP interface (OpenAPI 3.1). The routes that it lists are those that `Router.serve` registers, so no route is
/// served without a description.
public struct OpenAPIDocument<Route: DescribedRoute>: Sendable {
  public let routes: [Route]
  /// Every operation, including the one that returns this document.
  public let operations: [OpenAPIOperation]
  /// The document. The same routes always give the same text.
  public let json: String

  /// - Parameters:
  ///   - key: describes the bearer key of the interface.
  ///   - cookie: describes the cookie that is accepted instead of the key.
  ///   - tagOfItself: the tag of the operation that returns the document.
  ///   - schemas: what references name. `Problem` is added.
  ///   - problemMembers: the members of problems in addition to those of `HTTPProblem`.
  public init(
    title: String, summary: String, description: String, key: OpenAPIKey, cookie: OpenAPICookie? = nil,
    tags: [OpenAPITag] = [],
    tagOfItself: String? = nil, routes: [Route], schemas: [(name: String, schema: JSONSchema)],
    problemMembers: [JSONSchema.Property] = []
  ) {
    self.routes = routes
    operations = routes.map(\.operation) + [.description(tag: tagOfItself)]
    let schemas = schemas + [("Problem", HTTPProblem.schema(adding: problemMembers))]
    json =
      JSONValue.object(
        [
          .init("openapi", "3.1.0"),
          .init(
            "info",
            .object([
              .init("title", .text(title)), .init("version", .text(BuildInformation.version)),
              .init("summary", .text(summary)), .init("description", .text(description)),
            ])),
          .init("servers", .list([.object([.init("url", "/")])])),
          .init(
            "security",
            .list(([key.name] + (cookie.map { [$0.name] } ?? [])).map { .object([.init($0, .list([]))]) })),
        ] + (tags.isEmpty ? [] : [.init("tags", .list(tags.map(\.json)))]) + [
          .init("paths", .object(Self.paths(operations))),
          .init(
            "components",
            .object([
              .init(
                "securitySchemes",
                .object([.init(key.name, key.json)] + (cookie.map { [.init($0.name, $0.json)] } ?? []))),
              .init("parameters", .object(Self.parameters(operations))),
              .init("responses", .object(OpenAPIProblemResponse.allCases.map { .init($0.rawValue, $0.json) })),
              .init("schemas", .object(schemas.map { .init($0.name, $0.schema.json) })),
            ])),
        ]
      ).json
  }

  /// The operations by path, in the order of their first routes.
  private static func paths(_ operations: [OpenAPIOperation]) -> [JSONValue.Field] {
    var order: [String] = []
    // exact-keys: paths of our own source
    var byPath: [String: [JSONValue.Field]] = [:]
    for operation in operations {
      if byPath[operation.path] == nil { order.append(operation.path) }
      byPath[operation.path, default: []].append(.init(operation.method.rawValue.lowercased(), operation.json))
    }
    return order.map { .init($0, .object(byPath[$0] ?? [])) }
  }

  /// Every parameter once, in the order of first use.
  private static func parameters(_ operations: [OpenAPIOperation]) -> [JSONValue.Field] {
    // exact-keys: names of our own source
    var known: [String: OpenAPIParameter] = [:]
    return operations.flatMap(\.parameters).compactMap { parameter in
      let other = known.updateValue(parameter, forKey: parameter.component)
      precondition(other == nil || other == parameter, "two parameters are named \(parameter.component)")
      return other == nil ? .init(parameter.component, parameter.json) : nil
    }
  }
}

/// Paths that every described interface has.
enum OpenAPIPath {
  /// Where an interface returns its description.
  static let description = "/openapi.json"
}

extension OpenAPIOperation {
  /// The operation that returns the document itself.
  fileprivate static func description(tag: String?) -> OpenAPIOperation {
    OpenAPIOperation(
      "readDescription", .get, OpenAPIPath.description, summary: "This description.", tag: tag, isPublic: true,
      responses: [OpenAPIResponse(.ok, "OpenAPI 3.1.", .json(.anyObject))])
  }
}

extension Router where Context == DeskRequestContext {
  /// Serves an interface: all its routes, and its description. What a key reads has a method HEAD too (RFC 9110, section 9.3.2), except
  /// streams, which do not end. Public operations have none: the links of a sign-in act when they are opened.
  /// - Parameter answer: handles a request to a route.
  public func serve<Route>(
    _ document: OpenAPIDocument<Route>,
    answer: @escaping @Sendable (Route, Request, DeskRequestContext) async throws -> Response
  ) {
    let description = ByteBuffer(string: document.json)
    onReading(RouterPath(OpenAPIPath.description)) { _, _ in
      Response(
        status: .ok, headers: [.contentType: "application/json", .cacheControl: "no-store"],
        body: ResponseBody(byteBuffer: description))
    }
    for (route, operation) in zip(document.routes, document.operations) {
      let path = RouterPath(operation.path)
      if operation.method == .get, !operation.isStream, !operation.isPublic {
        onReading(path) { request, context in try await answer(route, request, context) }
      } else {
        on(path, method: operation.method) { request, context in try await answer(route, request, context) }
      }
    }
  }
}
