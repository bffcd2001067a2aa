import Foundation
import Glibc
import SystemPrimitives

/// A server with blocking sockets that sends exactly the bytes a test specifies. One thread per connection.
public final class LocalServer: Sendable {
  /// It cannot listen.
  public struct Problem: Error {}

  /// Where it listens.
  public enum Place {
    case address(String, port: UInt16)
    case path(String)
  }

  /// The TCP port; 0 for a Unix socket.
  public let port: UInt16
  private let listener: Int32
  private let connections = PthreadMutex(0)

  /// The number of connections accepted so far.
  public var connectionCount: Int { connections.withLock { $0 } }

  /// - Parameters:
  ///   - place: port 0 selects a free one.
  ///   - serve: called on each connection's own thread; the connection ends when it returns.
  public init(
    at place: Place = .address("127.0.0.1", port: 0), serve: @escaping @Sendable (LocalConnection) -> Void
  ) throws {
    switch place {
    case .address(let address, let wanted):
      let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      var one: Int32 = 1
      setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
      var name = sockaddr_in()
      name.sin_family = sa_family_t(AF_INET)
      name.sin_port = wanted.bigEndian
      inet_pton(AF_INET, address, &name.sin_addr)
      var length = socklen_t(MemoryLayout<sockaddr_in>.size)
      let status = withUnsafeMutablePointer(to: &name) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(socket, $0, length) == 0 && listen(socket, 64) == 0 && getsockname(socket, $0, &length) == 0
        }
      }
      guard status else { throw Problem() }
      listener = socket
      port = UInt16(bigEndian: name.sin_port)
    case .path(let path):
      let socket = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
      var name = sockaddr_un()
      name.sun_family = sa_family_t(AF_UNIX)
      withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path.utf8.prefix(107)) }
      let status = withUnsafePointer(to: &name) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0 && listen(socket, 64) == 0
        }
      }
      guard status else { throw Problem() }
      listener = socket
      port = 0
    }
    Self.acceptAll(listener, counting: connections, serve: serve)
  }

  private static func acceptAll(
    _ listener: Int32, counting connections: PthreadMutex<Int>, serve: @escaping @Sendable (LocalConnection) -> Void
  ) {
    // The thread closes the socket itself: as soon as another thread had, its number could be that of another server, whose connections
    // would be accepted here.
    Thread.detachNewThread {
      defer { close(listener) }
      while true {
        let accepted = accept(listener, nil, nil)
        if accepted < 0, errno == EINTR || errno == ECONNABORTED { continue }
        if accepted < 0 { return }
        connections.withLock { $0 += 1 }
        Thread.detachNewThread {
          let connection = LocalConnection(accepted)
          serve(connection)
          connection.end()
        }
      }
    }
  }

  /// Stops listening; called once. Without this call the listener stays open until the process ends: a server that closed itself
  /// without references would do so as soon as its address had been read.
  public func stop() {
    // Wakes the accepting thread, which then closes the socket.
    shutdown(listener, Int32(SHUT_RDWR))
  }

  public func url(_ path: String = "/", host: String = "127.0.0.1") -> String { "http://\(host):\(port)\(path)" }
}

/// One accepted connection, used by the thread that serves it.
public final class LocalConnection {
  public struct Request {
    /// Without its line end.
    public var line: String
    /// By lower-case name.
    public var headers: [String: String]
    public var body: [UInt8]
  }

  private let descriptor: Int32
  private var buffer: [UInt8] = []

  fileprivate init(_ descriptor: Int32) {
    self.descriptor = descriptor
  }

  /// Returns the next request, or nil if the peer has disconnected.
  public func readRequest() -> Request? {
    while true {
      if let end = firstRange(of: Array("\r\n\r\n".utf8)) {
        let lines = String(decoding: buffer[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
          let parts = line.split(separator: ":", maxSplits: 1)
          headers[parts[0].lowercased()] = parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : ""
        }
        let length = headers["content-length"].flatMap { Int($0) } ?? 0
        while buffer.count < end.upperBound + length { guard fill() else { return nil } }
        let body = Array(buffer[end.upperBound..<end.upperBound + length])
        buffer.removeFirst(end.upperBound + length)
        return Request(line: lines[0], headers: headers, body: body)
      }
      guard fill() else { return nil }
    }
  }

  /// Returns false if the peer no longer accepts data.
  @discardableResult
  public func write(_ bytes: [UInt8]) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { return false }
      sent += count
    }
    return true
  }

  @discardableResult
  public func write(_ text: String) -> Bool { write(Array(text.utf8)) }

  /// Sends a response with its length.
  /// - Parameter status: the code and the reason; may be followed by lines of further fields.
  public func respond(_ status: String = "200 OK", headers: [String] = [], body: String = "") {
    let lines = ["HTTP/1.1 \(status)", "Content-Length: \(body.utf8.count)"] + headers
    write(lines.joined(separator: "\r\n") + "\r\n\r\n" + body)
  }

  /// Returns when the peer closes.
  public func waitForPeerToClose() {
    while fill() {}
  }

  fileprivate func end() {
    close(descriptor)
  }

  private func fill() -> Bool {
    var piece = [UInt8](repeating: 0, count: 16384)
    let count = recv(descriptor, &piece, piece.count, 0)
    guard count > 0 else { return false }
    buffer.append(contentsOf: piece[..<count])
    return true
  }

  private func firstRange(of pattern: [UInt8]) -> Range<Int>? {
    guard buffer.count >= pattern.count else { return nil }
    return (0...buffer.count - pattern.count).lazy
      .first { self.buffer[$0..<$0 + pattern.count].elementsEqual(pattern) }
      .map { $0..<$0 + pattern.count }
  }
}
