import NIOCore
import NIOPosix
import SystemPrimitives

/// TCP connections of a misbehaving client: it sends the given bytes and never reads an answer.
///
/// Call `end()` before releasing it.
final class RudeConnections: Sendable {
  private let port: Int
  private let address: String
  private let channels = PthreadMutex<[any Channel]>([])

  /// - Parameters:
  ///   - port: the port on 127.0.0.1.
  ///   - address: the source address of the connections, in the loopback network.
  init(port: Int, from address: String = "127.0.0.1") {
    self.port = port
    self.address = address
  }

  /// Opens connections; each sends these bytes at once, as far as the server reads them.
  /// - Returns: the number that the kernel completed; the server may close them at once.
  @discardableResult
  func open(_ count: Int, sending bytes: ByteBuffer = ByteBuffer()) async -> Int {
    await withTaskGroup(of: Int.self) { group in
      var opened = 0
      for start in stride(from: 0, to: count, by: ChaosBounds.rudeConnectionsAtOnce) {
        if start > 0 { opened += await group.next() ?? 0 }
        group.addTask {
          var opened = 0
          for _ in start..<min(start + ChaosBounds.rudeConnectionsAtOnce, count) where !Task.isCancelled {
            if await self.open(sending: bytes) { opened += 1 }
          }
          return opened
        }
      }
      return await group.reduce(opened, +)
    }
  }

  private func open(sending bytes: ByteBuffer) async -> Bool {
    guard let source = try? SocketAddress(ipAddress: address, port: 0),
      let server = try? SocketAddress(ipAddress: "127.0.0.1", port: port)
    else { return false }
    let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelOption(.autoRead, value: false)
      .connectTimeout(ChaosBounds.rudeConnectTimeout)
      .bind(to: source)
    // A refusal is a valid answer, not an error.
    guard let channel = try? await bootstrap.connect(to: server).get() else { return false }
    channels.withLock { $0.append(channel) }
    if bytes.readableBytes > 0 { channel.writeAndFlush(bytes, promise: nil) }
    return true
  }

  /// Sends again on every connection that is still open and has room.
  func send(_ bytes: ByteBuffer) {
    for channel in channels.withLock({ $0 }) where channel.isActive && channel.isWritable {
      channel.writeAndFlush(bytes, promise: nil)
    }
  }

  /// Closes all of them.
  func end() async {
    let all = channels.withLock { channels in
      defer { channels = [] }
      return channels
    }
    for channel in all { channel.close(mode: .all, promise: nil) }
    // Including those that the server has closed already.
    for channel in all { try? await channel.closeFuture.get() }
  }
}
