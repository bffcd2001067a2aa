internal import DeskCore
public import HTTPTypes

/// An operation of an HTTP interface: what it is called, takes and returns.
public struct OpenAPIOperation: Sendable {
  public let id: String
  public let method: HTTPRequest.Method
  /// Parameters are in braces.
  public let path: String
  public let summary: String
  public let description: String?
  public let tag: String?
  /// Whether it can be called without a key.
  public let isPublic: Bool
  public let parameters: [OpenAPIParameter]
  public let body: OpenAPIRequestBody?
  public let responses: [OpenAPIResponse]
  /// The types of all problems that it can return.
  public let problems: Set<ProblemType>
  /// The statuses of problems without a type.
  public let untypedProblems: Set<HTTPResponse.Status>

  /// Adds the problems of every operation that requires a key, has a body, or takes an idempotency key.
  /// - Parameters:
  ///   - problems: the types of the operation's own problems.
  ///   - untypedProblems: the statuses of the operation's own problems without a type.
  public init(
    _ id: String, _ method: HTTPRequest.Method, _ path: String, summary: String, description: String? = nil,
    tag: String? = nil, isPublic: Bool = false, parameters: [OpenAPIParameter] = [], body: OpenAPIRequestBody? = nil,
    responses: [OpenAPIResponse], problems: Set<ProblemType> = [], untypedProblems: Set<HTTPResponse.Status> = []
  ) {
    self.id = id
    self.method = method
    self.path = path
    self.summary = summary
    self.description = description
    self.tag = tag
    self.isPublic = isPublic
    self.parameters = parameters
    self.body = body
    self.responses = responses
    var types = problems
    if !isPublic { types.formUnion([.unauthorised, .forbidden]) }
    if body != nil { types.formUnion([.malformedBody, .tooLarge, .unsupportedMediaType]) }
    if parameters.contains(where: { $0.component == OpenAPIParameter.idempotencyKeyComponent }) {
      types.formUnion([.idempotencyKeyInvalid, .idempotencyKeyReused])
    }
    self.problems = types
    self.untypedProblems = isPublic ? untypedProblems : untypedProblems.union([.tooManyRequests, .serviceUnavailable])
  }

  /// Whether it answers with events until its connection ends.
  var isStream: Bool { responses.contains { $0.content.mediaType == "text/event-stream" } }

  /// The method and the path, as in a request line.
  public var route: String { "\(method.rawValue) \(path)" }

  var json: JSONValue {
    var fields: [JSONValue.Field] = [.init("operationId", .text(id))]
    if let tag { fields.append(.init("tags", .list([.text(tag)]))) }
    fields.append(.init("summary", .text(summary)))
    if let description { fields.append(.init("description", .text(description))) }
    if isPublic { fields.append(.init("security", .list([]))) }
    if !parameters.isEmpty {
      fields.append(
        .init(
          "parameters",
          .list(parameters.map { .object([OpenAPIReference.field(to: "parameters", $0.component)]) })))
    }
    if let body { fields.append(.init("requestBody", body.json)) }
    fields.append(
      .init(
        "responses",
        .object(
          responses.map { .init(String($0.status.code), $0.json) }
            + OpenAPIProblemResponse.fields(for: problems, and: untypedProblems))))
    return .object(fields)
  }
}
