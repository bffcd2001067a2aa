import DeskCore
import HTTPService
import HTTPTypes
import Hummingbird
import Observability
import TestKit
import TestService
import Testing

@Suite struct OpenAPIDocumentTests {
  private enum Endpoint: CaseIterable, DescribedRoute {
    case list, follow, begin, add, addOther

    var operation: OpenAPIOperation {
      switch self {
      case .list:
        OpenAPIOperation(
          "list", .get, "/v1/things", summary: "Things.", parameters: [.before, .limit],
          responses: [OpenAPIResponse(.ok, "Things.", .json("Things"))], problems: [.invalidRequest])
      case .follow:
        OpenAPIOperation(
          "follow", .get, "/v1/things/stream", summary: "Events.",
          responses: [OpenAPIResponse(.ok, "Events.", OpenAPIContent("text/event-stream", .string))])
      case .begin:
        OpenAPIOperation(
          "begin", .get, "/v1/begin", summary: "Begins.", isPublic: true,
          responses: [OpenAPIResponse(.ok, "Begun.", .json("Thing"))])
      case .add: Self.adding("add", "/v1/things")
      case .addOther: Self.adding("addOther", "/v1/things/{id}")
      }
    }

    private static func adding(_ id: String, _ path: String) -> OpenAPIOperation {
      OpenAPIOperation(
        id, .post, path, summary: "Adds a thing.", parameters: [.idempotencyKey("Adds it once.")],
        body: OpenAPIRequestBody([.json("Thing")]), responses: [OpenAPIResponse(.created, "Added.", .json("Thing"))],
        problems: [.ticketState, .concurrentChanges], untypedProblems: [.notFound])
    }
  }

  private static let document = OpenAPIDocument(
    title: "Things", summary: "Things.", description: "All things.", key: OpenAPIKey("key", description: "A key."),
    routes: Endpoint.allCases,
    schemas: [
      ("Thing", .closedObject([.required("name", .string(.within(1...8))), .optional("size", .integer.orNull)])),
      ("Things", .object([.required("things", .array(of: .reference("Thing")))])),
    ])

  private static func check() throws -> OpenAPICheck { try #require(OpenAPICheck(document.json)) }

  private func operation(_ method: String, _ path: String) throws -> JSONValue {
    try #require(JSONValue(json: Self.document.json)?["paths"]?[path]?[method])
  }

  private func statuses(_ method: String, _ path: String) throws -> [String] {
    guard case .object(let fields)? = try operation(method, path)["responses"] else { return [] }
    return fields.map(\.name)
  }

  @Test func aRouterServesExactlyWhatIsDescribed() throws {
    let router = Router.guarded(metrics: MetricsRegistry(), limits: .init(), bodyBytes: 1)
    router.serve(Self.document) { _, _, _ in Response(status: .ok) }
    let served = router.described
    #expect(served == Set(Self.document.operations.map(\.route)))
    #expect(
      try served == Self.check().operations
        && served == [
          "GET /v1/things", "GET /v1/things/stream", "GET /v1/begin", "POST /v1/things", "POST /v1/things/{id}",
          "GET /openapi.json",
        ])
  }

  @Test func onlyWhatAKeyReadsAndEndsHasHead() {
    let router = Router.guarded(metrics: MetricsRegistry(), limits: .init(), bodyBytes: 1)
    router.serve(Self.document) { _, _, _ in Response(status: .ok) }
    #expect(
      Set(router.routes.filter { $0.method == .head }.map(\.path.description)) == ["/v1/things", "/openapi.json"])
  }

  @Test func everyReferenceResolvesAndEveryComponentIsUsed() throws {
    #expect(try Self.check().danglingReferences == [])
    #expect(try Self.check().unusedComponents == [])
  }

  @Test func problemsAreThoseOfTheTypesAndOfWhatTheOperationTakes() throws {
    #expect(try statuses("get", "/v1/things") == ["200", "401", "403", "422", "429", "503"])
    #expect(
      try statuses("post", "/v1/things")
        == ["201", "400", "401", "403", "404", "409", "413", "415", "422", "429", "503"])
    #expect(try statuses("get", "/openapi.json") == ["200"])
    let responses = try #require(try operation("post", "/v1/things")["responses"])
    #expect(responses["409"]?["$ref"]?.text == "#/components/responses/Problem")
    #expect(
      responses["409"]?["description"]?.text
        == "`urn:frontdesk:problem:concurrent-changes`, `urn:frontdesk:problem:ticket-state`")
    #expect(responses["422"]?["description"]?.text == "`urn:frontdesk:problem:idempotency-key-reused`")
    #expect(responses["404"]?["description"] == nil)
    #expect(responses["503"]?["$ref"]?.text == "#/components/responses/RetryLater")
  }

  @Test func onlyPublicOperationsNeedNoKey() throws {
    #expect(try operation("get", "/openapi.json")["security"]?.list == [])
    #expect(try operation("get", "/v1/things")["security"] == nil)
  }

  @Test func aProblemHasTheDocumentedSchema() throws {
    var check = try Self.check()
    let problem = HTTPProblem(
      .unprocessableContent, type: .invalidRequest, detail: "The body is invalid.", instance: "urn:trace:1",
      errors: [.init(field: "/a", value: "b", detail: "The field is missing.", remedy: "Send a string.")])
    let body = try #require(JSONValue(json: String(decoding: try problem.body(), as: UTF8.self)))
    #expect(check.faults(in: body, schema: "Problem") == [])
    #expect(check.unseenProperties(of: "Problem") == [])
  }

  @Test func deviationsFromASchemaAreFound() throws {
    var check = try Self.check()
    func faults(_ json: String) throws -> [String] {
      check.faults(in: try #require(JSONValue(json: json)), schema: "Things")
    }
    #expect(try faults(#"{"things":[{"name":"a","size":1},{"name":"b","size":null}]}"#) == [])
    #expect(try faults("{}") == ["Things: things is missing"])
    #expect(try faults(#"{"things":[{"size":1}]}"#) == ["Things/things/0: name is missing"])
    #expect(try faults(#"{"things":[{"name":""}]}"#) == ["Things/things/0/name: out of bounds"])
    #expect(try faults(#"{"things":[{"name":"a","size":"1"}]}"#).count == 1)
    #expect(try faults(#"{"things":[{"name":"a","age":1}]}"#) == ["Things/things/0/age: not documented"])
    #expect(try faults("[]") == ["Things: not of the type object"])
  }

  @Test(
    arguments: [
      (.string.orNull, #"{"type":["string","null"]}"#),
      (.string(.within(1...3), pattern: "a"), #"{"type":"string","minLength":1,"maxLength":3,"pattern":"a"}"#),
      (.choice(["a"]).orNull, #"{"type":["string","null"],"enum":["a",null]}"#),
      (.reference("A"), ##"{"$ref":"#/components/schemas/A"}"##),
      (.reference("A").orNull, ##"{"oneOf":[{"$ref":"#/components/schemas/A"},{"type":"null"}]}"##),
      (.integer(.atLeast(1)).described("n"), #"{"type":"integer","minimum":1,"description":"n"}"#),
      (
        .closedObject([.required("a", .uuid), .optional("b", .boolean)]),
        #"{"type":"object","properties":{"a":{"type":"string","format":"uuid"},"b":{"type":"boolean"}},"required":["a"],"additionalProperties":false}"#
      ),
      (
        .map(of: .string, names: .string(.none, except: "a"), .atMost(2)),
        #"{"type":"object","maxProperties":2,"additionalProperties":{"type":"string"},"propertyNames":{"type":"string","not":{"const":"a"}}}"#
      ),
    ] as [(JSONSchema, String)])
  func schemasHaveAFixedForm(schema: JSONSchema, json: String) {
    #expect(schema.json.json == json)
  }
}
