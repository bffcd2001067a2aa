import Curl
import Hummingbird
import TestKit
import TestService
import Testing

@testable import HTTPService
@testable import ServiceSettings

/// Slow senders, and addresses that exceed their limits.
@Suite(.timeLimit(.minutes(3))) struct SlowSenderTests {
  private func router(_ limits: AddressLimitMiddleware.Limits = .init()) -> Router<DeskRequestContext> {
    let router = Router(context: DeskRequestContext.self)
    router.add(middleware: ProblemMiddleware())
    router.add(middleware: AddressLimitMiddleware(limits))
    router.get("/open") { _, _ in "open" }
    router.get("/shut") { _, _ -> String in throw HTTPProblem(.unauthorized) }
    router.post("/body") { request, _ in
      let body = try await request.body.collect(upTo: 1000)
      return "\(body.readableBytes)"
    }
    return router
  }

  private func serving(
    _ router: Router<DeskRequestContext>, limits: HTTPServerLimits = HTTPServerLimits(),
    _ body: @escaping @Sendable (_ port: Int) async throws -> Void
  ) async throws {
    try await LoopbackServer.with(router, limits: limits, body)
  }

  /// Sends a byte now and then until the server has enough.
  /// - Returns: whether it closed the connection within a thousand bytes.
  private static func trickle(_ beginning: String, to port: Int) async throws -> Bool {
    try await RawConnection.blocking {
      let connection = try RawConnection(to: port)
      guard connection.sendAll(Array(beginning.utf8)) else { return true }
      for _ in 0..<1000 {
        // Paces the sender: the time it waits for the close before it sends the next byte.
        if connection.isClosed(within: 20) { return true }
        guard connection.sendAll([UInt8(ascii: "a")]) else { return true }
      }
      return false
    }
  }

  @Test(arguments: [
    "GET /open HTTP/1.1\r\nHost: desk\r\nX-Slow: ", "POST /body HTTP/1.1\r\nHost: desk\r\nContent-Length: 900\r\n\r\n",
    "GET /", "POST /body HTTP/1.1\r\nHost: desk\r\nTransfer-Encoding: chunked\r\n\r\n384\r\n",
  ])
  func aRequestThatArrivesTooSlowlyIsCutOff(beginning: String) async throws {
    // Idle timeouts would never fire: there is always another byte.
    try await serving(router(), limits: HTTPServerLimits(idleTimeout: .seconds(600), answerTimeout: .milliseconds(300)))
    {
      port in
      let isCutOff = try await Self.trickle(beginning, to: port)
      #expect(isCutOff)
    }
  }

  @Test func aConnectionIsReusedAtAnyAge() async throws {
    let limit: Duration = .milliseconds(500)
    try await serving(router(), limits: HTTPServerLimits(answerTimeout: limit)) { port in
      let isReused = try await RawConnection.blocking {
        // A machine that is too busy to answer within the limit shows nothing; then it begins again.
        while true {
          if let isReused = try Self.isReused(RawConnection(to: port), past: limit) { return isReused }
        }
      }
      #expect(isReused)
    }
  }

  /// Sends requests for three times as long as one may take, and watches for a close between them.
  /// - Returns: whether the connection stayed open; nil when a request took too long to tell.
  private static func isReused(_ connection: RawConnection, past limit: Duration) -> Bool? {
    for _ in 0..<15 {
      let begun = ContinuousClock.now
      let isAnswered =
        connection.sendAll(Array("GET /open HTTP/1.1\r\nHost: desk\r\n\r\n".utf8))
        && connection.readSome(4096).hasPrefix("HTTP/1.1 200")
      guard ContinuousClock.now - begun < limit / 2 else { return nil }
      guard isAnswered, !connection.isClosed(within: 100) else { return false }
    }
    return true
  }

  private func statuses(_ paths: [String], _ limits: AddressLimitMiddleware.Limits) async throws -> [Int] {
    let seen = AsyncStream.makeStream(of: (Int, Bool).self)
    try await serving(router(limits)) { port in
      let client = try HTTPClient()
      for path in paths {
        let response = try await client.send(HTTPClient.Request(url: "http://127.0.0.1:\(port)\(path)"))
        seen.continuation.yield((response.status, response.headers["retry-after"] != nil))
      }
      await client.shutDown()
    }
    seen.continuation.finish()
    var all: [Int] = []
    for await (status, hasDelay) in seen.stream {
      #expect(hasDelay == (status == 429))
      all.append(status)
    }
    return all
  }

  @Test func anAddressWithTooManyRequestsMustWait() async throws {
    let limits = AddressLimitMiddleware.Limits(requestsPerSecond: 1, requestsAtOnce: 2)
    // The test may take longer than a second between two requests, but not between all.
    let statuses = try await statuses(Array(repeating: "/open", count: 20), limits)
    #expect(statuses.prefix(2) == [200, 200])
    #expect(statuses.contains(429))
  }

  @Test func onlyAnAddressThatTriesWrongKeysMustWait() async throws {
    let limits = AddressLimitMiddleware.Limits(refusalsPerSecond: 1, refusalsAtOnce: 3)
    let good = try await statuses(Array(repeating: "/open", count: 10), limits)
    #expect(good == Array(repeating: 200, count: 10))
    let guesses = try await statuses(Array(repeating: "/shut", count: 20), limits)
    #expect(guesses.prefix(3) == [401, 401, 401])
    #expect(guesses.contains(429))
    let unbounded = AddressLimitMiddleware.Limits(requestsPerSecond: 0, refusalsPerSecond: 0)
    #expect(try await statuses(Array(repeating: "/shut", count: 20), unbounded) == Array(repeating: 401, count: 20))
  }

  // MARK: Where plain HTTP may be served

  @Test(arguments: [
    ("127.0.0.1:1", true), ("localhost:1", true), ("[::1]:1", true), ("127.8.8.8:1", true), (":1", false),
    ("0.0.0.0:1", false),
    ("10.0.0.1:1", false), ("127.example.org:1", false), ("[::]:1", false),
  ])
  func plainHTTPIsLocalUnlessConfiguredOtherwise(address: String, isLocal: Bool) throws {
    func listen(_ more: [String]) throws -> ListenAddress {
      let outcome = try ServiceConfiguration.load(
        program: "x", summary: "", version: "1",
        keys: [ConfigurationKey("http-listen", default: "127.0.0.1:1", help: "")] + HTTPListening.keys,
        arguments: ["--http-listen", address] + more, environment: [:])
      guard case .configuration(let configuration) = outcome else { throw CancellationError() }
      return try HTTPListening.address("http-listen", configuration)
    }
    #expect(((try? listen([])) != nil) == isLocal)
    #expect(try listen(["--plain-http", "true"]).port == 1)
  }
}
