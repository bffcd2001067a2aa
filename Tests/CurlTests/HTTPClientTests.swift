import Curl
import Foundation
import SystemPrimitives
import TestKit
import Testing

@Suite(.timeLimit(.minutes(3))) struct HTTPClientTests {
  let client: HTTPClient

  init() throws {
    client = try HTTPClient()
  }

  private func code(_ request: HTTPClient.Request, with other: HTTPClient? = nil) async -> HTTPClientError.Code? {
    do {
      _ = try await (other ?? client).send(request)
      return nil
    } catch {
      return (error as? HTTPClientError)?.code
    }
  }

  @Test func returnsStatusHeadersAndBody() async throws {
    let server = try LocalServer { connection in
      while connection.readRequest() != nil {
        connection.respond("404 Not Found", headers: ["X-One: 1", "x-one:  two ", "Empty:"], body: "gone")
      }
    }
    let response = try await client.send(HTTPClient.Request(url: server.url()))
    #expect(response.status == 404)
    #expect(response.headers.values("X-ONE") == ["1", "two"])
    #expect(response.headers["empty"] == "")
    #expect(response.body == Array("gone".utf8))
  }

  @Test(arguments: [
    ("GET", "", nil), ("POST", "", "0"), ("PUT", "a=b", "3"), ("DELETE", "", nil), ("DELETE", "x", "1"),
    ("PATCH", "öäü", "6"),
  ])
  func sendsMethodAndBodyAsGiven(method: String, body: String, length: String?) async throws {
    let seen = PthreadMutex<[LocalConnection.Request]>([])
    let server = try LocalServer { connection in
      while let request = connection.readRequest() {
        seen.withLock { $0.append(request) }
        connection.respond()
      }
    }
    let response = try await client.send(
      HTTPClient.Request(
        method: method, url: server.url("/a?b=c"), headers: ["X-Empty": "", "A": "ö"], body: Array(body.utf8)))
    let request = try #require(seen.withLock { $0.first })
    #expect(response.status == 200)
    #expect(request.line == "\(method) /a?b=c HTTP/1.1")
    #expect(request.body == Array(body.utf8))
    #expect(request.headers["content-length"] == length)
    #expect(request.headers["x-empty"] == "")
    #expect(request.headers["a"] == "ö")
    #expect(request.headers["user-agent"] == "frontdesk")
    #expect(request.headers["content-type"] == nil)
  }

  @Test func sendsNoExpectContinueHeader() async throws {
    let seen = PthreadMutex<[LocalConnection.Request]>([])
    let server = try LocalServer { connection in
      if let request = connection.readRequest() { seen.withLock { $0.append(request) } }
      connection.respond()
    }
    let large = [UInt8](repeating: 7, count: 3 << 20)
    _ = try await client.send(HTTPClient.Request(method: "POST", url: server.url(), body: large))
    let request = try #require(seen.withLock { $0.first })
    #expect(request.headers["expect"] == nil)
    #expect(request.body.count == large.count)
  }

  @Test func headResponseHasNoBody() async throws {
    let server = try LocalServer { connection in
      while connection.readRequest() != nil { connection.write("HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n") }
    }
    let response = try await client.send(HTTPClient.Request(method: "HEAD", url: server.url()))
    #expect(response.body.isEmpty)
    #expect(response.headers["content-length"] == "99999999")
  }

  @Test func readsChunksAndSkipsInterimResponses() async throws {
    let server = try LocalServer { connection in
      guard connection.readRequest() != nil else { return }
      connection.write("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n")
      connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
      for piece in ["5\r\nhello\r\n", "1\r\n \r\n", "5\r\nworld\r\n", "0\r\nTrailer: late\r\n\r\n"] {
        connection.write(piece)
      }
      connection.waitForPeerToClose()
    }
    let response = try await client.send(HTTPClient.Request(url: server.url()))
    #expect(String(decoding: response.body, as: UTF8.self) == "hello world")
    #expect(response.headers["link"] == nil)
    #expect(response.headers["trailer"] == nil)
  }

  @Test func reusesConnections() async throws {
    let server = try LocalServer { connection in
      while connection.readRequest() != nil { connection.respond() }
    }
    for _ in 0..<5 { _ = try await client.send(HTTPClient.Request(url: server.url())) }
    #expect(server.connectionCount == 1)
  }

  @Test func limitsConnectionsPerHost() async throws {
    let client = try HTTPClient(configuration: .init(maximumConnectionsPerHost: 2))
    let server = try LocalServer { connection in
      while connection.readRequest() != nil { connection.respond(body: "x") }
    }
    let url = server.url()
    let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<40 { group.addTask { try await client.send(HTTPClient.Request(url: url)).status } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(statuses == Array(repeating: 200, count: 40))
    #expect(server.connectionCount <= 2)
    await client.shutDown()
  }

  @Test func refusesTransfersBeyondTheLimit() async throws {
    let client = try HTTPClient(configuration: .init(maximumTransfers: 1))
    let server = try LocalServer { connection in
      guard connection.readRequest() != nil else { return }
      connection.write("HTTP/1.1 200 OK\r\n\r\n")
      connection.waitForPeerToClose()
    }
    let open = try await client.stream(HTTPClient.Request(url: server.url()))
    #expect(await code(HTTPClient.Request(url: server.url()), with: client) == .overloaded)
    _ = open
    await client.shutDown()
  }

  // MARK: - Limits

  @Test func endsAHangingServerAtTheTimeout() async throws {
    let server = try LocalServer { $0.waitForPeerToClose() }
    #expect(await code(HTTPClient.Request(url: server.url(), timeout: .milliseconds(50))) == .timedOut)
  }

  @Test func endsATricklingBodyAtTheTimeout() async throws {
    let server = try LocalServer { connection in
      guard connection.readRequest() != nil else { return }
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n")
      while connection.write("x") {}
    }
    let request = HTTPClient.Request(url: server.url(), timeout: .milliseconds(100), maximumResponseBytes: .max)
    #expect(await code(request) == .timedOut)
  }

  @Test func waitingForAConnectionCountsTowardsTheTimeout() async throws {
    let client = try HTTPClient(configuration: .init(maximumConnectionsPerHost: 1))
    let server = try LocalServer { connection in
      guard connection.readRequest() != nil else { return }
      connection.write("HTTP/1.1 200 OK\r\n\r\n")
      connection.waitForPeerToClose()
    }
    let holder = try await client.stream(HTTPClient.Request(url: server.url()))
    #expect(await code(HTTPClient.Request(url: server.url(), timeout: .milliseconds(50)), with: client) == .timedOut)
    _ = holder
    await client.shutDown()
  }

  @Test(arguments: [true, false]) func refusesABodyLargerThanAllowed(announced: Bool) async throws {
    let server = try LocalServer { connection in
      guard connection.readRequest() != nil else { return }
      connection.write("HTTP/1.1 200 OK\r\n" + (announced ? "Content-Length: 1000000000\r\n" : "") + "\r\n")
      while connection.write([UInt8](repeating: 1, count: 65536)) {}
    }
    #expect(await code(HTTPClient.Request(url: server.url(), maximumResponseBytes: 1000)) == .tooLarge)
  }

  @Test func acceptsABodyOfExactlyTheLimit() async throws {
    let server = try LocalServer { connection in
      guard connection.readRequest() != nil else { return }
      connection.respond(body: "12345")
    }
    let response = try await client.send(HTTPClient.Request(url: server.url(), maximumResponseBytes: 5))
    #expect(response.body.count == 5)
  }

  @Test func refusesAnEndlessHead() async throws {
    let server = try LocalServer { connection in
      guard connection.readRequest() != nil else { return }
      connection.write("HTTP/1.1 200 OK\r\n")
      while connection.write("X: \(String(repeating: "y", count: 1000))\r\n") {}
    }
    #expect(await code(HTTPClient.Request(url: server.url())) == .tooLarge)
  }

  // MARK: - Failures

  @Test func reportsARefusedConnection() async throws {
    let server = try LocalServer { _ in }
    let url = server.url()
    server.stop()
    do {
      _ = try await client.send(HTTPClient.Request(url: url + "secret?token=1"))
      Issue.record("nothing listens there")
    } catch let error as HTTPClientError {
      #expect(error.code == .couldNotConnect && !error.mayHaveArrived)
      #expect(error.isRetriable)
      #expect(error.host == "127.0.0.1")
      #expect(!"\(error)".contains("secret") && !"\(error)".contains("token"))
    }
  }

  /// A closed listener's number is free for the next server, so a stopped server that still accepted would take that one's connections.
  @Test func aStoppedServerTakesNoConnectionsOfTheNext() async throws {
    for _ in 0..<100 {
      try LocalServer { _ in }.stop()
      let next = try LocalServer { connection in
        if connection.readRequest() != nil { connection.respond(body: "next") }
      }
      let response = try await client.send(HTTPClient.Request(url: next.url()))
      next.stop()
      #expect(response.body == Array("next".utf8))
    }
  }

  @Test(arguments: [
    ("", HTTPClientError.Code.connectionLost), ("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", .connectionLost),
    ("nonsense\r\n\r\n", .invalidRequest),
  ])
  func reportsATruncatedResponse(said: String, expected: HTTPClientError.Code) async throws {
    let server = try LocalServer { connection in
      guard connection.readRequest() != nil else { return }
      connection.write(said)
    }
    #expect(await code(HTTPClient.Request(url: server.url())) == expected)
  }

  @Test(arguments: [
    "", "no url", "/path", "ftp://127.0.0.1/", "file:///etc/passwd", "http://", "http://a:b@127.0.0.1/",
    "http://127.0.0.1:99999/", "gopher://127.0.0.1/", "http://127.0.0.1/\u{0}",
  ])
  func refusesNonHTTPAddresses(url: String) async {
    #expect(await code(HTTPClient.Request(url: url)) == .invalidRequest)
  }

  @Test(arguments: [("A\r\nB", "c"), ("A", "b\r\nC: d"), ("A", "b\u{0}"), ("", "b"), ("A B", "c"), ("A:", "b")])
  func refusesHeaderInjection(name: String, value: String) async {
    let request = HTTPClient.Request(
      url: "http://127.0.0.1:1/", headers: HTTPHeaders([.init(name: name, value: value)]))
    #expect(await code(request) == .invalidRequest)
  }

  @Test(arguments: ["", "GET /", "G\r\nET"]) func refusesInvalidMethods(method: String) async {
    #expect(await code(HTTPClient.Request(method: method, url: "http://127.0.0.1:1/")) == .invalidRequest)
  }

  @Test func verifiesTLS() async throws {
    let server = try LocalServer { connection in
      connection.write("this is no handshake")
      connection.waitForPeerToClose()
    }
    let url = server.url().replacingOccurrences(of: "http:", with: "https:")
    #expect(await code(HTTPClient.Request(url: url)) == .tls)
  }

  // MARK: - Redirects, pins, sockets

  private func redirectingServer() throws -> LocalServer {
    try LocalServer { connection in
      while let request = connection.readRequest() {
        if request.line.hasPrefix("GET /end") {
          connection.respond(body: "arrived")
        } else if request.line.hasPrefix("GET /loop") {
          connection.respond("302 Found", headers: ["Location: /loop"])
        } else if request.line.hasPrefix("GET /file") {
          connection.respond("302 Found", headers: ["Location: file:///etc/hostname"])
        } else {
          connection.respond("302 Found", headers: ["Location: /end"], body: "elsewhere")
        }
      }
    }
  }

  @Test func returnsRedirectsToTheCaller() async throws {
    let server = try redirectingServer()
    let response = try await client.send(HTTPClient.Request(url: server.url()))
    #expect(response.status == 302)
    #expect(response.headers["Location"] == "/end")
    #expect(response.body == Array("elsewhere".utf8))
  }

  @Test func followsOnlyHTTPRedirectsAndOnlyWhenEnabled() async throws {
    let server = try redirectingServer()
    let response = try await client.send(HTTPClient.Request(url: server.url(), maximumRedirects: 2))
    #expect(response.status == 200)
    #expect(response.headers["Location"] == nil)
    #expect(response.body == Array("arrived".utf8))
    #expect(await code(HTTPClient.Request(url: server.url("/loop"), maximumRedirects: 3)) == .tooManyRedirects)
    #expect(await code(HTTPClient.Request(url: server.url("/file"), maximumRedirects: 3)) == .invalidRequest)
  }

  @Test func connectsToThePinnedAddressForAnyName() async throws {
    let here = try LocalServer { connection in
      while let request = connection.readRequest() {
        connection.respond(body: "here " + (request.headers["host"] ?? ""))
      }
    }
    let there = try LocalServer(at: .address("127.0.0.2", port: here.port)) { connection in
      while connection.readRequest() != nil { connection.respond(body: "there") }
    }
    let url = "http://name.invalid:\(here.port)/"
    for _ in 0..<2 {
      // In sequence on one client: neither a cached name nor an open connection may be reused for the other address.
      let first = try await client.send(HTTPClient.Request(url: url, pinnedAddress: IPAddress("127.0.0.1")))
      #expect(String(decoding: first.body, as: UTF8.self) == "here name.invalid:\(here.port)")
      let second = try await client.send(HTTPClient.Request(url: url, pinnedAddress: IPAddress("127.0.0.2")))
      #expect(String(decoding: second.body, as: UTF8.self) == "there")
    }
    #expect(await code(HTTPClient.Request(url: url)) == .couldNotResolve)
    #expect(here.connectionCount == 1 && there.connectionCount == 1)
  }

  @Test func connectsThroughAUnixSocket() async throws {
    let path = "/tmp/frontdesk-\(UUID().uuidString.prefix(8)).socket"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let server = try LocalServer(at: .path(path)) { connection in
      while let request = connection.readRequest() { connection.respond(body: request.headers["host"] ?? "") }
    }
    let response = try await client.send(HTTPClient.Request(url: "http://local/", unixSocketPath: path))
    #expect(response.body == Array("local".utf8))
    #expect(server.connectionCount == 1)
  }

  // MARK: - Ending

  @Test func cancellingTheTaskEndsTheTransfer() async throws {
    let (arrived, arrival) = AsyncStream.makeStream(of: Void.self)
    let (left, leaving) = AsyncStream.makeStream(of: Void.self)
    let server = try LocalServer { connection in
      _ = connection.readRequest()
      arrival.yield()
      connection.waitForPeerToClose()
      leaving.yield()
    }
    let url = server.url()
    let task = Task { [client] in try await client.send(HTTPClient.Request(url: url, timeout: nil)) }
    for await _ in arrived { break }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    for await _ in left { break }
  }

  @Test func shutdownAbortsRunningTransfers() async throws {
    let client = try HTTPClient()
    let (arrived, arrival) = AsyncStream.makeStream(of: Void.self)
    let server = try LocalServer { connection in
      _ = connection.readRequest()
      arrival.yield()
      connection.waitForPeerToClose()
    }
    let url = server.url()
    let task = Task { try await client.send(HTTPClient.Request(url: url, timeout: nil)) }
    for await _ in arrived { break }
    await client.shutDown()
    await #expect { try await task.value } throws: { ($0 as? HTTPClientError)?.code == .aborted }
    #expect(await code(HTTPClient.Request(url: url), with: client) == .aborted)
  }
}
