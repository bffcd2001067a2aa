import Dispatch
import Foundation
import Glibc
import Testing

@testable import ZeroMQ

/// Messages that never end, written by hand: libzmq assembles them before anybody sees a frame.
@Suite(.timeLimit(.minutes(2))) struct HostileFramesTests {
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
  /// A long frame of 1 MiB that says that more will follow.
  private static let frame: [UInt8] = [0x03, 0, 0, 0, 0, 0, 0x10, 0, 0] + Array(repeating: 7, count: 1 << 20)

  private static var residentBytes: Int {
    // Foundation reads a file by its size, and those of /proc have none.
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
    let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return (Int(text.split(separator: " ")[1]) ?? 0) * sysconf(Int32(_SC_PAGESIZE))
  }

  /// Sends frames of one message until the connection is cut or `frames` are sent.
  /// - Returns: whether it was cut, and by how much the process grew at most.
  private static func send(_ frames: Int, to port: UInt16) throws -> (isCut: Bool, growth: Int) {
    let before = residentBytes
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw POSIXError(.EMFILE) }
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let connected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard connected == 0 else { throw POSIXError(.ECONNREFUSED) }
    var growth = 0
    func write(_ bytes: [UInt8]) -> Bool {
      var sent = 0
      while sent < bytes.count {
        let count = bytes[sent...].withUnsafeBytes {
          Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        guard count > 0 else { return false }
        sent += count
      }
      growth = max(growth, residentBytes - before)
      return true
    }
    guard write(greeting), write(ready) else { return (true, growth) }
    for _ in 0..<frames where !write(frame) { return (true, growth) }
    return (false, growth)
  }

  @Test func aMessageWithoutEndIsCutOffAndOthersAreServed() async throws {
    var options = SocketOptions()
    options.maximumFrameBytes = 2 << 20
    options.heartbeatInterval = .zero
    options.unreadBytes = (8 << 20, 16 << 20)
    let owner = ZeroMQThread(context: try ZeroMQContext())
    let (ended, end) = AsyncStream.makeStream(of: Int.self)
    let router = try RouterEndpoint(on: owner, options: options) { end.yield($0) }
    let endpoint = try await router.bind(to: "tcp://127.0.0.1:*")
    let port = try #require(endpoint.split(separator: ":").last.flatMap { UInt16($0) })

    let innocent = try TestPeer(.dealer)
    try await innocent.connect(to: endpoint)
    let outcome: (isCut: Bool, growth: Int) = try await withCheckedThrowingContinuation { continuation in
      DispatchQueue.global().async { continuation.resume(with: Result { try Self.send(600, to: port) }) }
    }
    #expect(outcome.isCut)
    // 600 MiB were offered; what comes between two looks and what the allocator keeps is small beside it.
    #expect(outcome.growth < 300 << 20, "\(outcome.growth >> 20) MiB")
    if outcome.isCut { for await count in ended { #expect(count == 1); break } }

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

  @Test func longLivedConnectionsThatSendWholeMessagesAreNotCutOff() async throws {
    var options = SocketOptions()
    options.unreadBytes = (4 << 20, 8 << 20)
    options.receiveHighWaterMark = 2
    options.receiveBufferBytes = 256 << 10
    let owner = ZeroMQThread(context: try ZeroMQContext())
    let router = try RouterEndpoint(on: owner, options: options, waitingLimit: 4)
    let endpoint = try await router.bind(to: "tcp://127.0.0.1:*")
    let peer = try TestPeer(.dealer)
    try await peer.connect(to: endpoint)
    // Many times what a connection may hold, in messages that are read as they come.
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

  @Test func aQueueIsFullByWeightToo() async {
    let queue = BatchQueue<Int>(limit: 100, weightLimit: 10, weight: { $0 })
    #expect(queue.push([4, 5]))
    #expect(!queue.push([1]))
    var iterator = queue.makeAsyncIterator()
    #expect(await iterator.next() == [4, 5, 1])
    #expect(queue.push([9]))
  }
}
