import Foundation
import Glibc

/// A TCP connection to this machine for misbehaving clients. Its calls block, so use it on its own thread.
public final class RawConnection {
  public let descriptor: Int32

  /// `POLLRDHUP`, which glibc declares under _GNU_SOURCE only.
  private static let peerClosed: Int16 = 0x2000

  public init(to port: Int, receiveBuffer: Int32? = nil) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw POSIXError(.EMFILE) }
    if var receiveBuffer {
      setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, socklen_t(MemoryLayout<Int32>.size))
    }
    var patience = timeval(tv_sec: HangLimit.seconds, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let connected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard connected == 0 else { throw POSIXError(.ECONNREFUSED) }
  }

  deinit { close(descriptor) }

  /// Sends what the kernel accepts at once.
  /// - Returns: the number of bytes accepted; nil when the connection is closed.
  public func sendSome(_ bytes: ArraySlice<UInt8>) -> Int? {
    let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
    let count = bytes.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, flags) }
    return count >= 0 ? count : errno == EAGAIN ? 0 : nil
  }

  /// Sends everything, waiting while the kernel accepts nothing.
  /// - Returns: whether everything was sent; false when the connection is closed, or takes nothing for `HangLimit`.
  @discardableResult
  public func sendAll(_ bytes: [UInt8]) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { return false }
      sent += count
    }
    return true
  }

  /// Shuts down the sending side.
  public func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Waits until the other end has closed or the timeout expires.
  public func isClosed(within milliseconds: Int32 = HangLimit.milliseconds) -> Bool {
    var entry = pollfd(fd: descriptor, events: RawConnection.peerClosed, revents: 0)
    return poll(&entry, 1, milliseconds) > 0
  }

  /// Waits until the connection was reset or the timeout expires.
  public func isReset(within milliseconds: Int32 = HangLimit.milliseconds) -> Bool {
    // No events are requested: an error is reported in any case.
    var entry = pollfd(fd: descriptor, events: 0, revents: 0)
    guard poll(&entry, 1, milliseconds) > 0 else { return false }
    var failure: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &failure, &size) == 0 && failure == ECONNRESET
  }

  /// Waits until data can be read or the timeout expires.
  public func hasAnswer(within milliseconds: Int32 = HangLimit.milliseconds) -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&entry, 1, milliseconds) > 0
  }

  /// Reads the first data, at most the given number of bytes; nothing when the other end closes first or the timeout expires.
  public func readSome(_ most: Int, within milliseconds: Int32 = HangLimit.milliseconds) -> String {
    guard hasAnswer(within: milliseconds) else { return "" }
    var buffer = [UInt8](repeating: 0, count: most)
    let count = recv(descriptor, &buffer, most, 0)
    return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : ""
  }

  /// Waits for data.
  /// - Returns: at most 64 KiB; nothing when the other end has closed or reset the connection.
  /// - Throws: `POSIXError(.ETIMEDOUT)` when the other end is silent for `HangLimit`.
  public func read() throws -> [UInt8] {
    guard hasAnswer() else { throw POSIXError(.ETIMEDOUT) }
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    return count > 0 ? Array(buffer[..<count]) : []
  }

  /// Reads until the other end closes or is silent for the timeout.
  public func readAll(within milliseconds: Int32 = HangLimit.milliseconds) -> String {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&entry, 1, milliseconds) > 0 else { break }
      let count = recv(descriptor, &buffer, buffer.count, 0)
      guard count > 0 else { break }
      bytes += buffer[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Connects again and again until the other end keeps a connection.
  /// - Returns: whether it kept one.
  public static func isKeptEventually(by port: Int) throws -> Bool {
    let clock = ContinuousClock()
    let end = clock.now + HangLimit.duration
    while clock.now < end {
      let connection = try RawConnection(to: port)
      if !connection.isClosed(within: 20) { return true }
    }
    return false
  }

  /// Runs blocking work on its own thread.
  public static func blocking<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result
  {
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread { continuation.resume(with: Swift.Result { try body() }) }
    }
  }
}
