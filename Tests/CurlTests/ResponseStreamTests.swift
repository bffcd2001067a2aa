import Curl
import Foundation
import SystemPrimitives
import TestKit
import Testing

@Suite(.timeLimit(.minutes(3))) struct ResponseStreamTests {
  let client: HTTPClient

  init() throws {
    client = try HTTPClient()
  }

  private static let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"

  @Test func deliversTheHeadFirstThenEventsAsTheyArrive() async throws {
    let (goOn, goingOn) = AsyncStream.makeStream(of: Void.self)
    let server = try LocalServer { connection in
      guard connection.readRequest() != nil else { return }
      connection.write(Self.head)
      let gate = DispatchSemaphore(value: 0)
      Task {
        for await _ in goOn { gate.signal() }
      }
      gate.wait()
      connection.write("id: 1\ndata: first\n\n")
      gate.wait()
      connection.write("event: offer\ndata: second\n\n")
    }
    let stream = try await client.stream(HTTPClient.Request(url: server.url()))
    #expect(stream.status == 200)
    #expect(stream.headers["content-type"] == "text/event-stream")
    var events = stream.events().makeAsyncIterator()
    goingOn.yield()
    #expect(try await events.next() == ServerSentEvent(data: "first", lastEventID: "1"))
    goingOn.yield()
    #expect(try await events.next() == ServerSentEvent(type: "offer", data: "second", lastEventID: "1"))
    #expect(try await events.next() == nil)
    #expect(events.parser.lastEventID == "1")
  }

  @Test func pausesTheSenderAndLosesNothing() async throws {
    let total = 24 << 20
    let sent = PthreadMutex(0)
    let (stuck, stalling) = AsyncStream.makeStream(of: Int.self)
    let server = try LocalServer { connection in
      guard connection.readRequest() != nil else { return }
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: \(total)\r\n\r\n")
      let piece = (0..<65536).map { UInt8(truncatingIfNeeded: $0) }
      while sent.withLock({ $0 }) < total, connection.write(piece) {
        let now = sent.withLock { sent in
          sent += piece.count
          return sent
        }
        if now == 65536 { stalling.yield(now) }
      }
      stalling.finish()
    }
    let stream = try await client.stream(HTTPClient.Request(url: server.url()))
    for await _ in stuck { break }
    // Other transfers of the same client continue while this one is not read.
    let other = try LocalServer { connection in
      while connection.readRequest() != nil { connection.respond(body: "quick") }
    }
    for _ in 0..<50 { _ = try await client.send(HTTPClient.Request(url: other.url())) }
    #expect(sent.withLock { $0 } < total, "nothing was read, so the sender must be held back")
    var received = 0
    var isIntact = true
    // Longer than any piece by one period, so that a piece can be compared wherever in the period it begins.
    let pattern = Data((0..<256 + (1 << 20)).map { UInt8(truncatingIfNeeded: $0) })
    for try await piece in stream {
      let start = received % 256
      isIntact = isIntact && pattern[start..<start + piece.count] == Data(piece)
      received += piece.count
    }
    #expect(received == total)
    #expect(isIntact)
  }

  @Test func throwsAfterTheBytesOfATruncatedBody() async throws {
    let server = try LocalServer { connection in
      guard connection.readRequest() != nil else { return }
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc")
    }
    var bytes: [UInt8] = []
    do {
      for try await piece in try await client.stream(HTTPClient.Request(url: server.url())) { bytes += piece }
      Issue.record("the body was cut")
    } catch let error as HTTPClientError {
      #expect(error.code == .connectionLost)
    }
    #expect(bytes == Array("abc".utf8))
  }

  @Test func theTimeoutAppliesOnlyToTheHead() async throws {
    let silent = try LocalServer { $0.waitForPeerToClose() }
    await #expect {
      try await client.stream(HTTPClient.Request(url: silent.url(), timeout: .milliseconds(50)))
    } throws: {
      ($0 as? HTTPClientError)?.code == .timedOut
    }
    let idle = try LocalServer { connection in
      guard connection.readRequest() != nil else { return }
      connection.write(Self.head)
      connection.waitForPeerToClose()
    }
    let stream = try await client.stream(
      HTTPClient.Request(url: idle.url(), timeout: .milliseconds(500), idleTimeout: .seconds(1)))
    // The head's timeout expires long before the body has been idle for a second: the reason shows which one applied.
    await #expect {
      for try await _ in stream {}
    } throws: { error in
      (error as? HTTPClientError)?.code == .timedOut && (error as? HTTPClientError)?.curlCode != nil
    }
  }

  @Test func releasingTheStreamEndsTheTransfer() async throws {
    let (left, leaving) = AsyncStream.makeStream(of: Void.self)
    let server = try LocalServer { connection in
      guard connection.readRequest() != nil else { return }
      connection.write(Self.head)
      connection.waitForPeerToClose()
      leaving.yield()
    }
    var stream: ResponseStream? = try await client.stream(HTTPClient.Request(url: server.url()))
    #expect(stream?.status == 200)
    stream = nil
    for await _ in left { break }
  }

  @Test func cancellingTheReaderEndsTheTransfer() async throws {
    let (left, leaving) = AsyncStream.makeStream(of: Void.self)
    let server = try LocalServer { connection in
      guard connection.readRequest() != nil else { return }
      connection.write(Self.head + "x")
      connection.waitForPeerToClose()
      leaving.yield()
    }
    let stream = try await client.stream(HTTPClient.Request(url: server.url()))
    let (reading, startsReading) = AsyncStream.makeStream(of: Void.self)
    let task = Task {
      for try await _ in stream { startsReading.yield() }
    }
    for await _ in reading { break }
    task.cancel()
    for await _ in left { break }
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  @Test func oversizedEventsEndTheStream() async throws {
    let server = try LocalServer { connection in
      guard connection.readRequest() != nil else { return }
      connection.write(Self.head)
      while connection.write("data: \(String(repeating: "x", count: 1000))\n") {}
    }
    let stream = try await client.stream(HTTPClient.Request(url: server.url()))
    await #expect {
      for try await _ in stream.events(maximumEventBytes: 5000) {}
    } throws: {
      ($0 as? HTTPClientError)?.code == .tooLarge
    }
  }
}
