import Crypto
import Curl
import DeskCore
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import TestKit
import TestService
import Testing

@testable import HTTPService
@testable import Observability
@testable import Store

/// Malicious clients, over sockets.
@Suite(.timeLimit(.minutes(3))) struct HostileConnectionTests {
  private static let key = "the-key-that-is-valid-0123456789"
  private static let wide = String(repeating: "w", count: 1 << 20)

  private func router(_ limits: AddressLimitMiddleware.Limits = .init()) -> Router<DeskRequestContext> {
    let digest = Array(SHA256.hash(data: Array(Self.key.utf8)))
    let keys = BearerKeys { digests in
      guard digests.contains(digest) else { return [:] }
      let key = APIKey(
        id: Identifier(high: 1, low: 1), role: .operator, channel: nil, agent: nil, label: "test",
        createdAt: Instant(seconds: 0), expiresAt: nil, revokedAt: nil)
      return [digest: key]
    }
    let router = Router.guarded(metrics: MetricsRegistry(), limits: limits, bodyBytes: 1 << 20)
    router.get("/wide") { _, _ in Self.wide }
    router.post("/guarded") { request, _ in
      _ = try await keys.key(authorization: request.headers[.authorization], remedy: "")
      let body = try await request.body.collect(upTo: 1 << 20)
      return "\(body.readableBytes)"
    }
    return router
  }

  private func serving(
    _ router: Router<DeskRequestContext>, limits: HTTPServerLimits = HTTPServerLimits(),
    _ body: @escaping @Sendable (_ port: Int) async throws -> Void
  ) async throws {
    var limits = limits
    limits.readsBodiesOnDemand = true
    try await LoopbackServer.with(router, limits: limits, body)
  }

  @Test func aPipeliningClientThatNeverReadsIsDisconnected() async throws {
    var limits = HTTPServerLimits(idleTimeout: .seconds(600), answerTimeout: .seconds(600))
    limits.writeWindow = .milliseconds(300)
    let metrics = MetricsRegistry()
    limits.metrics = metrics
    try await serving(router(), limits: limits) { port in
      let isReset = try await RawConnection.blocking {
        let connection = try RawConnection(to: port, receiveBuffer: 4096)
        let requests = Array(String(repeating: "GET /wide HTTP/1.1\r\nHost: desk\r\n\r\n", count: 200).utf8)
        _ = connection.sendSome(requests[...])
        // A graceful close would be queued behind bytes that are never read.
        return connection.isReset()
      }
      #expect(isReset)
    }
    #expect(metrics.render().contains(#"http_connections_closed_total{reason="peer_does_not_read"} 1"#))
  }

  @Test func pipelinedRequestsAreAnsweredInOrder() async throws {
    try await serving(router()) { port in
      let answers = try await RawConnection.blocking {
        let connection = try RawConnection(to: port)
        var requests = ""
        for number in 1...100 {
          let body = String(repeating: "a", count: number)
          requests +=
            "POST /guarded HTTP/1.1\r\nHost: desk\r\nAuthorization: Bearer \(Self.key)\r\nContent-Length: \(number)\r\n"
            + (number == 100 ? "Connection: close\r\n" : "") + "\r\n\(body)"
        }
        _ = connection.sendSome(Array(requests.utf8)[...])
        return connection.readAll()
      }
      let bodies = answers.split(separator: "\r\n\r\n").dropFirst().map { $0.prefix { $0.isNumber } }
      #expect(bodies.map { String($0) } == (1...100).map { "\($0)" })
    }
  }

  @Test func oneAddressCannotTakeAllConnections() async throws {
    var limits = HTTPServerLimits()
    limits.maximumConnectionsPerAddress = 3
    let metrics = MetricsRegistry()
    limits.metrics = metrics
    try await serving(router(), limits: limits) { port in
      let outcome = try await RawConnection.blocking {
        var open = try (0..<3).map { _ in try RawConnection(to: port) }
        // The server certainly has them once they are answered.
        for connection in open {
          _ = connection.sendSome(Array("GET /none HTTP/1.1\r\nHost: desk\r\n\r\n".utf8)[...])
          _ = connection.hasAnswer()
        }
        let isRefused = try RawConnection(to: port).isClosed()
        open.removeAll()
        // The server notices the close asynchronously.
        return (isRefused, try RawConnection.isKeptEventually(by: port))
      }
      #expect(outcome.0, "the fourth one")
      #expect(outcome.1, "after others are closed")
    }
    #expect(metrics.render().contains("http_connections_refused_total"))
  }

  /// It used to be released unfinished, and SwiftNIO crashed the process.
  @Test func aConnectionTheServerNoLongerAcceptsIsClosed() async throws {
    let guarded = GuardedHTTP1Channel(
      http: HTTP1Channel { _, _, _ in }, limits: ConnectionTimes.Limits(answerTimeout: .seconds(60)),
      addresses: AddressConnections(most: 10, exempt: TrustedProxies()), metrics: nil)
    let logger = Logger.silent
    let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { guarded.setup(channel: $0, logger: logger).map { _ in } }
      .bind(host: "127.0.0.1", port: 0).get()
    let port = try #require(server.localAddress?.port)
    let isClosed = try await RawConnection.blocking { try RawConnection(to: port).isClosed() }
    #expect(isClosed)
    try await server.close()
  }

  @Test func wrongKeysDoNotBlockOthersAtTheAddress() async throws {
    let limits = AddressLimitMiddleware.Limits(refusalsPerSecond: 1, refusalsAtOnce: 3)
    try await serving(router(limits)) { port in
      let client = try HTTPClient()
      func ask(_ key: String) async throws -> Int {
        try await client.send(
          HTTPClient.Request(
            method: "POST", url: "http://127.0.0.1:\(port)/guarded", headers: ["Authorization": "Bearer \(key)"],
            body: [1])
        ).status
      }
      var wrong: [Int] = []
      for number in 0..<40 {
        wrong.append(try await ask("a-wrong-key-number-\(number)"))
        #expect(try await ask(Self.key) == 200, "after \(number + 1) wrong keys")
      }
      #expect(wrong.prefix(3) == [401, 401, 401])
      #expect(wrong.contains(429), "a client that tries wrong keys must wait")
      await client.shutDown()
    }
  }

  @Test func proxiesAreNotLimitedForTheirClients() async throws {
    var limits = AddressLimitMiddleware.Limits(refusalsPerSecond: 1, refusalsAtOnce: 2)
    limits.trustedProxies = try #require(TrustedProxies("127.0.0.0/8"))
    try await serving(router(limits)) { port in
      let client = try HTTPClient()
      func ask(from address: String) async throws -> Int {
        try await client.send(
          HTTPClient.Request(
            method: "POST", url: "http://127.0.0.1:\(port)/guarded",
            headers: ["Authorization": "Bearer a-wrong-key-0123456789", "X-Forwarded-For": address], body: [1])
        ).status
      }
      var statuses: [Int] = []
      // What the client wrote itself, left of its address, makes no difference.
      for number in 0..<20 { statuses.append(try await ask(from: "192.0.2.\(number), 203.0.113.1")) }
      #expect(statuses.contains(429))
      #expect(try await ask(from: "203.0.113.2") == 401)
      await client.shutDown()
    }
  }

  @Test func aWrongKeyIsRefusedBeforeTheBodyIsRead() async throws {
    try await serving(router()) { port in
      let answer = try await RawConnection.blocking {
        let connection = try RawConnection(to: port)
        let head =
          "POST /guarded HTTP/1.1\r\nHost: desk\r\nAuthorization: Bearer a-wrong-key-0123456789\r\nContent-Length: 1000000\r\n\r\n"
        _ = connection.sendSome(Array(head.utf8)[...])
        return connection.readAll()
      }
      #expect(answer.hasPrefix("HTTP/1.1 401"))
      #expect(answer.lowercased().contains("connection: close"))
    }
  }

  @Test func aBodyInPiecesIsReadCompletely() async throws {
    try await serving(router()) { port in
      let client = try HTTPClient()
      for size in [0, 1, 16 << 10, 100_000, 1 << 20] {
        let response = try await client.send(
          HTTPClient.Request(
            method: "POST", url: "http://127.0.0.1:\(port)/guarded",
            headers: ["Authorization": "Bearer \(Self.key)"], body: [UInt8](repeating: 1, count: size)))
        #expect(response.status == 200 && String(decoding: response.body, as: UTF8.self) == "\(size)")
      }
      await client.shutDown()
    }
  }
}
