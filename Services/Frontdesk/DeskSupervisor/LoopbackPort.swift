import CommandLineTool
import Foundation

/// A port of 127.0.0.1, bound by a socket that does not listen.
///
/// While it exists, the kernel does not assign the port to a process that asks for any port, to listen or to connect; a server
/// that names it and sets `SO_REUSEADDR`, as servers do, can still bind it, repeatedly. So a desk's ports stay reserved
/// before its services have started, and while one of them restarts.
final class LoopbackPort: Sendable {
  /// From 1 to 65535.
  let number: Int
  private let descriptor: Int32

  /// - Parameter wanted: the port; nil for any free one.
  /// - Returns: nil when the requested port is in use, or none is free.
  init?(_ wanted: Int? = nil) {
    guard let bound = Self.bind(to: wanted ?? 0) else { return nil }
    (descriptor, number) = bound
  }

  deinit { close(descriptor) }

  /// Returns a port that is free now. Another process may take it before it is used; callers must handle a failed bind.
  static func free() throws -> Int {
    try held().number
  }

  /// Returns any free port, held.
  static func held() throws -> LoopbackPort {
    guard let port = LoopbackPort() else { throw CommandFailure("no port of 127.0.0.1 is free") }
    return port
  }

  /// Binds a socket as servers do: remaining connections of a server that has exited do not count.
  /// - Parameter wanted: the port; 0 for any.
  static func bind(to wanted: Int) -> (descriptor: Int32, number: Int)? {
    guard let wanted = in_port_t(exactly: wanted) else { return nil }
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return nil }
    var one: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = wanted.bigEndian
    address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        Glibc.bind(descriptor, pointer, length) == 0 && getsockname(descriptor, pointer, &length) == 0
      }
    }
    guard isBound else {
      close(descriptor)
      return nil
    }
    return (descriptor, Int(in_port_t(bigEndian: address.sin_port)))
  }
}
