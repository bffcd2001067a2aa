import TestKit
import Testing

@testable import ZeroMQ

/// Endless messages, built by hand: libzmq assembles them before the application sees a frame.
@Suite(.timeLimit(.minutes(3))) struct HostileFramesTests {
  private static let greeting: [UInt8] =
    [0xFF] + Array(repeating: 0, count: 8) + [0x7F, 3, 0] + Array("NULL".utf8) + Array(repeating: 0, count: 48)
  /// READY with a DEALER's metadata (ZMTP 3.0, RFC 23).
  private static let ready: [UInt8] = {
    func property(_ name: String, _ value: String) -> [UInt8] {
      [UInt8(name.utf8.count)] + Array(name.utf8) + [0, 0, 0, UInt8(value.utf8.count)] + Array(value.utf8)
    }
    let body = [5] + Array("READY".utf8) + property("Socket-Type", "DEALER") + property("Identity", "")
    return [0x04, UInt8(body.count)] + body
  }()
  /// A long frame of 1 MiB that announces more frames.
  private static let frame: [UInt8] = [0x03, 0, 0, 0, 0, 0, 0x10, 0, 0] + Array(repeating: 7, count: 1 << 20)

  /// Sends frames of one message until the connection is closed or `frames` are sent.
  /// - Returns: whether it was closed, and by how many kilobytes the process grew at most.
  private static func send(_ frames: Int, to port: Int) throws -> (isCut: Bool, growth: Int) {
    let before = ProcessMemory.residentKilobytes()
    let connection = try RawConnection(to: port)
    var growth = 0
    func write(_ bytes: [UInt8]) -> Bool {
      guard connection.sendAll(bytes) else { return false }
      growth = max(growth, ProcessMemory.residentKilobytes() - before)
      return true
    }
    guard write(greeting), write(ready) else { return (true, growth) }
    for _ in 0..<frames where !write(frame) { return (true, growth) }
    return (false, growth)
  }

  @Test func endlessMessagesAreCutOffWhileOthersAreServed() async throws {
    var options = SocketOptions()
    options.maximumFrameBytes = 2 << 20
    options.connectionLimits = .init(unreadBytesPerConnection: 8 << 20, unreadBytes: 16 << 20)
    let owner = ZeroMQThread(context: try ZeroMQContext())
    let (ended, end) = AsyncStream.makeStream(of: ConnectionEnd.self)
    let router = try RouterEndpoint(on: owner, options: options) { reason, _ in end.yield(reason) }
    let endpoint = try await router.bind(to: "tcp://127.0.0.1:*")
    let port = try #require(endpoint.split(separator: ":").last.flatMap { Int($0) })

    let innocent = try TestPeer(.dealer)
    try await innocent.connect(to: endpoint)
    let outcome = try await RawConnection.blocking { try Self.send(600, to: port) }
    #expect(outcome.isCut)
    // 600 MiB were offered; the bytes that arrive between two measurements and those the allocator keeps are small in comparison.
    #expect(outcome.growth < 300 << 10, "\(outcome.growth >> 10) MiB")
    if outcome.isCut { #expect(await ended.first { _ in true } == .unreadBytes) }

    try await innocent.send([[1], [2]])
    var iterator = router.messages.makeAsyncIterator()
    let batch = try #require(await iterator.next())
    #expect(batch.map(\.frames) == [[[1], [2]]])
    await router.send([PeerMessage(peer: batch[0].peer, frames: [[3]])])
    #expect(await innocent.next()?.frames == [[3]])
    await innocent.close()
    await innocent.owner.stop()
    await router.close()
    await owner.stop()
  }

  @Test func oneAddressCannotTakeAllConnections() async throws {
    var options = SocketOptions()
    options.connectionLimits = .init(
      connectionsPerAddress: 3, unreadBytesPerConnection: 8 << 20, unreadBytes: 16 << 20)
    let owner = ZeroMQThread(context: try ZeroMQContext())
    let router = try RouterEndpoint(on: owner, options: options)
    let endpoint = try await router.bind(to: "tcp://127.0.0.1:*")
    let port = try #require(endpoint.split(separator: ":").last.flatMap { Int($0) })

    let outcome = try await RawConnection.blocking {
      var held = try (0..<3).map { _ in try RawConnection(to: port) }
      // Their greeting is answered; the surplus one sees only the end of its connection.
      let areServed = held.allSatisfy { $0.sendAll(Self.greeting) && $0.hasAnswer() }
      let isSurplusEnded = try RawConnection(to: port).isClosed()
      let areHeld = held.allSatisfy { !$0.isClosed(within: 0) }
      held.removeAll()
      // Their closing is detected some time later.
      return (areServed && areHeld, isSurplusEnded, try RawConnection.isKeptEventually(by: port))
    }
    #expect(outcome == (true, true, true))
    #expect(await router.endedConnectionCount >= 1)
    await router.close()
    await owner.stop()
  }

  @Test func longLivedConnectionsSendingCompleteMessagesAreKept() async throws {
    var options = SocketOptions()
    options.connectionLimits = .init(unreadBytesPerConnection: 4 << 20, unreadBytes: 8 << 20)
    options.receiveHighWaterMark = 2
    options.receiveBufferBytes = 256 << 10
    let owner = ZeroMQThread(context: try ZeroMQContext())
    let router = try RouterEndpoint(on: owner, options: options, waitingLimit: 4)
    let endpoint = try await router.bind(to: "tcp://127.0.0.1:*")
    let peer = try TestPeer(.dealer)
    try await peer.connect(to: endpoint)
    // Many times the limit of a connection, in messages that are read as they arrive.
    let body = [UInt8](repeating: 7, count: 500_000)
    async let sending: Void = { for number in 0..<100 { try await peer.send([[UInt8(number)], body]) } }()
    var seen = 0
    for await batch in router.messages {
      seen += batch.count
      if seen == 100 { break }
    }
    try await sending
    #expect(await router.endedConnectionCount == 0)
    await peer.close()
    await peer.owner.stop()
    await router.close()
    await owner.stop()
  }

  @Test func queuesAreAlsoBoundedByWeight() async {
    let queue = BatchQueue<Int>(limit: 100, weightLimit: 10, weight: { $0 })
    #expect(queue.push([4, 5]))
    #expect(!queue.push([1]))
    var iterator = queue.makeAsyncIterator()
    #expect(await iterator.next() == [4, 5, 1])
    #expect(queue.push([9]))
  }
}
