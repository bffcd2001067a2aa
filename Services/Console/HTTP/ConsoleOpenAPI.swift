import DeskCore
import HTTPTypes
import ServiceKit
import Store

/// The description of the HTTP interface that `/openapi.json` serves (OpenAPI 3.1): generated from the table of endpoints, so that it
/// always matches what is served.
enum ConsoleOpenAPI {
  static let json = document.json

  private static let document = JSONValue.object([
    .init("openapi", "3.1.0"),
    .init(
      "info",
      .object([
        .init("title", "Frontdesk console"), .init("version", .text(BuildInformation.version)),
        .init("summary", "Interface for agents and operators."),
        .init(
          "description",
          "Errors are problem details (RFC 9457). A 409 names the conflicting ticket and its current state, also when it is closed; read the ticket again before retrying."
        ),
      ])),
    .init("servers", .list([.object([.init("url", "/")])])),
    .init("security", .list([.object([.init("key", .list([]))])])),
    .init("paths", .object(paths)),
    .init(
      "components",
      .object([
        .init(
          "securitySchemes",
          .object([.init("key", .object([.init("type", "http"), .init("scheme", "bearer")]))])),
        .init(
          "parameters",
          .object([.init("ID", id), .init("IdempotencyKey", idempotencyKey)] + reportParameters + otherParameters)),
        .init("responses", .object([.init("Problem", problem)])),
        .init("schemas", .object(OpenAPISchemas.all)),
      ])),
  ])

  private static var paths: [JSONValue.Field] {
    var order: [String] = []
    var byPath: [String: [JSONValue.Field]] = [:]
    for endpoint in ConsoleEndpoint.table {
      if byPath[endpoint.path] == nil { order.append(endpoint.path) }
      byPath[endpoint.path, default: []].append(.init(endpoint.method.rawValue.lowercased(), operation(endpoint)))
    }
    return order.map { .init($0, .object(byPath[$0] ?? [])) } + [
      .init("/openapi.json", .object([.init("get", itself)]))
    ]
  }

  private static let itself = JSONValue.object([
    .init("operationId", "readDescription"), .init("summary", "This description."), .init("security", .list([])),
    .init(
      "responses",
      .object([
        .init(
          "200",
          .object([
            .init("description", "OpenAPI 3.1."),
            .init("content", content("application/json", .object([.init("type", "object")]))),
          ]))
      ])),
  ])

  private static func operation(_ endpoint: ConsoleEndpoint) -> JSONValue {
    var parameters: [JSONValue] = []
    if endpoint.path.contains("{id}") { parameters.append(reference("parameters/ID")) }
    if endpoint.path.contains("{channel}") { parameters.append(reference("parameters/Channel")) }
    if endpoint.path.contains("{customer}") { parameters.append(reference("parameters/Customer")) }
    if endpoint.path.contains("{by}") { parameters.append(reference("parameters/By")) }
    parameters += endpoint.query.map { reference("parameters/\($0)") }
    if [.reply, .addNote].contains(endpoint.name) { parameters.append(reference("parameters/IdempotencyKey")) }
    var fields: [JSONValue.Field] = [
      .init("operationId", .text(endpoint.name.rawValue)), .init("summary", .text(endpoint.summary)),
      .init(
        "description", .text("Roles: \(endpoint.roles.map(\.rawValue).sorted().joined(separator: ", ")).")),
    ]
    if !parameters.isEmpty { fields.append(.init("parameters", .list(parameters))) }
    if let body = endpoint.body {
      fields.append(
        .init(
          "requestBody",
          .object([
            .init("required", .flag(!endpoint.bodyIsOptional)),
            .init("content", content("application/json", schema(body))),
          ])))
    }
    fields.append(.init("responses", .object(responses(of: endpoint))))
    return .object(fields)
  }

  private static func responses(of endpoint: ConsoleEndpoint) -> [JSONValue.Field] {
    let done =
      endpoint.answer.map { content("application/json", schema($0)) }
      ?? content(endpoint.answerType, .object([.init("type", "string")]))
    var fields: [JSONValue.Field] = [
      .init("200", .object([.init("description", .text(endpoint.summary)), .init("content", done)]))
    ]
    if endpoint.answer == "Written" {
      fields.append(.init("201", .object([.init("description", "The message was written."), .init("content", done)])))
    }
    var problems = ["401", "403", "429", "503"]
    if endpoint.path.contains("{") { problems += ["400", "404"] }
    if endpoint.method == .post { problems.append("409") }
    if endpoint.body != nil { problems += ["400", "413", "415", "422"] }
    if !endpoint.query.isEmpty || endpoint.path.contains("{customer}") { problems.append("422") }
    return fields + Set(problems).sorted().map { .init($0, reference("responses/Problem")) }
  }

  private static let id = JSONValue.object([
    .init("name", "id"), .init("in", "path"), .init("required", .flag(true)),
    .init("description", "The identifier of the ticket or offer, or the agent's name."),
    .init("schema", .object([.init("type", "string")])),
  ])

  private static var reportParameters: [JSONValue.Field] {
    let groupings = ReportGrouping.allCases.map { JSONValue.text($0.rawValue) }
    let languages = ReportLanguage.allCases.map { JSONValue.text($0.rawValue) }
    return [
      parameter("By", "by", "path", "What the rows are grouped by.", [.init("enum", .list(groupings))]),
      parameter(
        "From", "from", "query", "The first day on which tickets were opened; default: six days before the last.",
        [.init("format", "date")]),
      parameter("To", "to", "query", "The last day; default: today.", [.init("format", "date")]),
      parameter(
        "Zone", "zone", "query",
        "The time zone of the days, any name in the tz database of the console's host; default: UTC.", []),
      parameter("Language", "language", "query", "Of the chart; default: en.", [.init("enum", .list(languages))]),
    ]
  }

  private static var otherParameters: [JSONValue.Field] {
    [
      parameter(
        "Channel", "channel", "path", "A channel of the policy.", [.init("pattern", "^[a-z0-9._-]{1,64}$")]),
      parameter(
        "Customer", "customer", "path", "The channel's id of the customer, percent-encoded UTF-8.",
        [.init("minLength", .integer(1)), .init("maxLength", .integer(Int64(InputBounds.customerCharacters)))]),
      parameter(
        "Before", "before", "query", "The value of `next` in the following page; default: the newest page.", []),
      .init(
        "Limit",
        .object([
          .init("name", "limit"), .init("in", "query"), .init("required", .flag(false)),
          .init("description", "The maximum number of elements; default: the page size."),
          .init("schema", .object([.init("type", "integer"), .init("minimum", .integer(1))])),
        ])),
      parameter(
        "Done", "done", "query",
        "Whether to list completed follow-ups instead of open ones; default: false.",
        [.init("enum", .list(["true", "false"]))]),
    ]
  }

  private static func parameter(
    _ key: String, _ name: String, _ place: String, _ description: String, _ schema: [JSONValue.Field]
  ) -> JSONValue.Field {
    .init(
      key,
      .object([
        .init("name", .text(name)), .init("in", .text(place)), .init("required", .flag(place == "path")),
        .init("description", .text(description)), .init("schema", .object([.init("type", "string")] + schema)),
      ]))
  }

  private static let idempotencyKey = JSONValue.object([
    .init("name", "Idempotency-Key"), .init("in", "header"),
    .init("description", "The same key, ticket and body return the reply that was written the first time, with 200."),
    .init(
      "schema",
      .object([
        .init("type", "string"), .init("minLength", .integer(1)),
        .init("maxLength", .integer(Int64(InputBounds.requestKeyCharacters))),
      ])),
  ])

  private static let problem = JSONValue.object([
    .init("description", "Why the request failed."),
    .init("content", content("application/problem+json", schema("Problem"))),
  ])

  private static func content(_ type: String, _ schema: JSONValue) -> JSONValue {
    .object([.init(type, .object([.init("schema", schema)]))])
  }

  private static func schema(_ name: String) -> JSONValue { reference("schemas/\(name)") }

  private static func reference(_ path: String) -> JSONValue {
    .object([.init("$ref", .text("#/components/\(path)"))])
  }
}
