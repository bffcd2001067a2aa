internal import DeskCore
internal import HTTPTypes

/// How problems are described, by their status.
enum OpenAPIProblemResponse: String, CaseIterable {
  case problem = "Problem"
  case retryLater = "RetryLater"

  init(_ status: HTTPResponse.Status) {
    self = [.tooManyRequests, .serviceUnavailable].contains(status) ? .retryLater : .problem
  }

  /// The component as JSON.
  var json: JSONValue {
    let content = [OpenAPIContent("application/problem+json", .reference("Problem"))].field
    return switch self {
    case .problem:
      .object([.init("description", "What is wrong and how to fix it (RFC 9457)."), content])
    case .retryLater:
      .object([
        .init(
          "description", "Too much load, or temporarily unavailable; the same request may be sent again."),
        .init(
          "headers",
          .object([
            .init(
              "Retry-After",
              .object([.init("description", "Seconds."), .init("schema", JSONSchema.integer(.atLeast(1)).json)]))
          ])),
        content,
      ])
    }
  }

  /// The responses for problems: one for each status, which names the types that it can have.
  static func fields(
    for types: Set<ProblemType>, and statuses: Set<HTTPResponse.Status>
  ) -> [JSONValue.Field] {
    let all = statuses.union(types.map(\.status))
    return all.sorted { $0.code < $1.code }.map { status in
      let uris = types.filter { $0.status == status }.map { "`\($0.uri)`" }.sorted()
      return .init(
        String(status.code),
        .object(
          [OpenAPIReference.field(to: "responses", OpenAPIProblemResponse(status).rawValue)]
            + (uris.isEmpty ? [] : [.init("description", .text(uris.joined(separator: ", ")))])))
    }
  }
}
