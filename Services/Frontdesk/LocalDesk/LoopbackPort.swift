import Foundation

/// A port of 127.0.0.1, bound by a socket that does not listen.
///
/// While it lives, the kernel gives the port to nobody who asks for any port, be it to listen or to connect; a server that
/// names it and sets `SO_REUSEADDR`, as servers do, binds it all the same, again and again. So a desk's ports stay its own
/// before its services have started, and while one of them is started again.
final class LoopbackPort: Sendable {
  /// From 1 to 65535.
  let number: Int
  private let descriptor: Int32

  /// - Parameter wanted: the port; nil for any that is free.
  /// - Returns: nil when somebody listens on the wanted one, or none is free.
  init?(_ wanted: Int? = nil) {
    guard let bound = Self.bind(to: wanted ?? 0) else { return nil }
    (descriptor, number) = bound
  }

  deinit { close(descriptor) }

  /// One that is free now. Another process may take it before it is used; whoever binds it must be able to fail.
  static func free() throws -> Int {
    try held().number
  }

  /// Any that is free.
  static func held() throws -> LoopbackPort {
    guard let port = LoopbackPort() else { throw CommandFailure("no port of 127.0.0.1 is free") }
    return port
  }

  /// A socket bound as servers do it: connections of a server that has ended do not count.
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
