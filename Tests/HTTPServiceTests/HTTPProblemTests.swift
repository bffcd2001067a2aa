import Curl
import Foundation
import HTTPService
import Hummingbird
import Observability
import TestKit
import TestService
import Testing

@Suite(.timeLimit(.minutes(3))) struct HTTPProblemTests {
  private struct Unexpected: Error {}

  private let registry = MetricsRegistry()

  /// Sends the requests, one after the other, to a temporary server.
  private func answers(_ requests: [(method: String, path: String, headers: HTTPHeaders, body: String)]) async throws
    -> [HTTPClient.Response]
  {
    try await LoopbackServer.with(router()) { port in
      let client = try HTTPClient()
      var responses: [HTTPClient.Response] = []
      for request in requests {
        responses.append(
          try await client.send(
            HTTPClient.Request(
              method: request.method, url: "http://127.0.0.1:\(port)\(request.path)", headers: request.headers,
              body: Array(request.body.utf8))))
      }
      await client.shutDown()
      return responses
    }
  }

  private func get(_ path: String, headers: HTTPHeaders = [:]) async throws -> HTTPClient.Response {
    try #require(try await answers([("GET", path, headers, "")]).first)
  }

  private func router() -> Router<BasicRequestContext> {
    let router = Router()
    router.add(middleware: TraceMiddleware())
    router.add(middleware: RequestMetricsMiddleware(registry: registry))
    router.add(middleware: SecurityHeadersMiddleware())
    router.add(middleware: ProblemMiddleware(unknownPathRemedy: "Known paths are /tickets."))
    router.add(middleware: BodyLimitMiddleware(maximumBytes: 10))
    router.get("/tickets/{id}") { _, _ in TraceContext.current?.traceIDText ?? "none" }
    router.get("/wrong") { _, _ -> String in
      throw HTTPProblem(
        .unprocessableContent, type: .invalidRequest, title: "No", detail: "d",
        errors: [.init(field: "/a", value: String(repeating: "v", count: 100), detail: "bad", remedy: "good")])
    }
    router.get("/own") { _, _ -> String in throw HTTPError(.methodNotAllowed, message: "not so") }
    router.get("/bug") { _, _ -> String in throw Unexpected() }
    router.get("/busy") { _, _ -> String in
      throw HTTPProblem.retryLater(.tooManyRequests, after: .milliseconds(1200), detail: "busy")
    }
    router.post("/tickets") { _, _ in "taken" }
    router.onReading("/readable") { _, _ in
      Response(
        status: .ok, headers: [.contentType: "text/plain"], body: ResponseBody(byteBuffer: ByteBuffer(string: "words")))
    }
    return router
  }

  private func object(_ response: HTTPClient.Response) throws -> [String: Any] {
    try #require(JSONSerialization.jsonObject(with: Data(response.body)) as? [String: Any])
  }

  private func text(_ response: HTTPClient.Response) -> String { String(decoding: response.body, as: UTF8.self) }

  @Test(arguments: [("/wrong", 422), ("/own", 405), ("/bug", 500), ("/busy", 429), ("/nowhere", 404)])
  func everyErrorIsAProblem(path: String, status: Int) async throws {
    let response = try await get(path)
    #expect(response.status == status)
    #expect(response.headers["content-type"] == "application/problem+json")
    #expect(response.headers["x-content-type-options"] == "nosniff")
    let problem = try object(response)
    #expect(problem["status"] as? Int == status)
    #expect((problem["title"] as? String)?.isEmpty == false)
    #expect((problem["instance"] as? String)?.hasPrefix("urn:trace:") == true)
    #expect(!text(response).contains("Unexpected"))
  }

  @Test func namesFieldsWithShortenedValues() async throws {
    let errors = try #require(try object(try await get("/wrong"))["errors"] as? [[String: String]])
    #expect(errors.first?["field"] == "/a")
    #expect(errors.first?["value"]?.count == HTTPProblem.FieldError.maximumValueLength + 1)
    #expect(errors.first?["remedy"] == "good")
  }

  @Test func knownSentencesComeAsCodesWithValues() throws {
    let problem = HTTPProblem(
      .unprocessableContent, type: .invalidRequest, detail: "The body is invalid.",
      errors: [
        .init(field: "/a", detail: "Not a number from 1 to 9.", remedy: "Send a number from 1 to 9."),
        .init(field: "/b", detail: "bad"),
      ])
    let body = try #require(JSONSerialization.jsonObject(with: Data(try problem.body())) as? [String: Any])
    #expect((body["says"] as? [String: Any])?["code"] as? String == "body-invalid")
    let errors = try #require(body["errors"] as? [[String: Any]])
    let says = try #require(errors[0]["says"] as? [String: Any])
    #expect(says["code"] as? String == "not-number-from")
    #expect(says["values"] as? [String: String] == ["least": "1", "most": "9"])
    #expect((errors[0]["remedy_says"] as? [String: Any])?["code"] as? String == "send-number-from")
    #expect(errors[1]["says"] == nil && errors[1]["detail"] as? String == "bad")
  }

  @Test func anUnknownPathNamesTheRemedy() async throws {
    let problem = try object(try await get("/nowhere"))
    let error = try #require((problem["errors"] as? [[String: Any]])?.first)
    #expect(error["field"] as? String == "path" && error["value"] as? String == "/nowhere")
    #expect(error["remedy"] as? String == "Known paths are /tickets.")
  }

  @Test(arguments: [
    ("/tickets", "GET", "POST"), ("/tickets", "PATCH", "POST"), ("/tickets/7", "DELETE", "GET"),
    ("/readable", "POST", "GET, HEAD"), ("/readable", "OPTIONS", "GET, HEAD"),
  ])
  func aMethodThatAPathDoesNotHaveNamesThoseThatItHas(path: String, method: String, allowed: String) async throws {
    let response = try #require(try await answers([(method, path, [:], "")]).first)
    #expect(response.status == 405 && response.headers["allow"] == allowed)
    let error = try #require((try object(response)["errors"] as? [[String: Any]])?.first)
    #expect(error["value"] as? String == method && error["remedy"] as? String == "Its methods are \(allowed).")
  }

  @Test func headHasTheHeadersOfGetAndNoBody() async throws {
    let (read, headed) = (
      try await get("/readable"), try #require(try await answers([("HEAD", "/readable", [:], "")]).first)
    )
    #expect(headed.status == 200 && headed.body.isEmpty && text(read) == "words")
    for name in ["content-type", "content-length"] {
      #expect(headed.headers[name] == read.headers[name] && read.headers[name] != nil)
    }
  }

  @Test func aProblemOfHeadHasNoBody() async throws {
    let requests = ["/tickets", "/nowhere", "/readable"].map { path in
      "HEAD \(path) HTTP/1.1\r\nHost: h\r\n" + (path == "/readable" ? "Connection: close\r\n" : "") + "\r\n"
    }
    let text = try await LoopbackServer.with(router()) { port in
      try await RawConnection.blocking {
        let connection = try RawConnection(to: port)
        connection.sendAll(Array(requests.joined().utf8))
        return connection.readAll()
      }
    }
    #expect(text.components(separatedBy: "HTTP/1.1 ").dropFirst().map { $0.prefix(3) } == ["405", "404", "200"])
    #expect(!text.contains("{") && !text.contains("words"))
  }

  @Test func retryAfterIsInWholeSeconds() async throws {
    #expect(try await get("/busy").headers["retry-after"] == "2")
  }

  @Test func continuesTheSendersTraceOrStartsOne() async throws {
    let sent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    let continued = try await get("/tickets/7", headers: ["traceparent": sent])
    #expect(text(continued) == "0af7651916cd43dd8448eb211c80319c")
    let answered = try #require(continued.headers["traceparent"])
    #expect(answered.hasPrefix("00-0af7651916cd43dd8448eb211c80319c-") && answered != sent)
    let begun = try await get("/tickets/7", headers: ["traceparent": "junk"])
    #expect(TraceContext(traceparent: begun.headers["traceparent"] ?? "")?.traceIDText == text(begun))
  }

  @Test func refusesADeclaredBodyThatIsTooLarge() async throws {
    let responses = try await answers([
      ("POST", "/tickets", [:], "0123456789"), ("POST", "/tickets", [:], "0123456789a"),
    ])
    #expect(responses.map(\.status) == [200, 413])
  }

  @Test func countsByRouteTemplateAndFinalStatus() async throws {
    _ = try await answers(["/tickets/1", "/tickets/2", "/nowhere", "/bug"].map { ("GET", $0, [:], "") })
    let text = registry.render()
    #expect(text.contains(#"http_requests_total{method="GET",route="/tickets/{id}",status="200"} 2"#))
    #expect(text.contains(#"http_requests_total{method="GET",route="NotFound",status="404"} 1"#))
    #expect(text.contains(#"http_requests_total{method="GET",route="/bug",status="500"} 1"#))
    #expect(text.contains("http_requests_in_flight 0\n"))
  }
}
