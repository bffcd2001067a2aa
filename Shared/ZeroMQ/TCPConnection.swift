import Glibc

/// A TCP connection that another library owns, by its descriptor.
enum TCPConnection {
  /// The address block that a connection comes from, as 16 bytes of IPv6.
  struct Network: Hashable, Sendable {
    let high: UInt64
    let low: UInt64
  }

  /// `TCP_INFO` (tcp(7)).
  private static let informationOption: Int32 = 11
  /// Where `tcpi_bytes_received` (Linux 4.1) is in the kernel's `tcp_info`, after 8 bytes, 24 words and three counters; glibc's declaration
  /// ends before it, and the layout is part of the kernel's interface.
  private static let bytesReceivedOffset = 8 + 24 * 4 + 3 * 8

  /// The bits before the IPv4 address in a mapped one's lower half.
  private static let mappedPrefix: UInt64 = 0xFFFF

  /// Returns the bytes that a connection has received, unread ones included; nil for a descriptor that is not a TCP connection.
  static func bytesReceived(_ descriptor: Int32) -> Int? {
    var information = [UInt8](repeating: 0, count: 256)
    var size = socklen_t(information.count)
    guard getsockopt(descriptor, Int32(IPPROTO_TCP), informationOption, &information, &size) == 0,
      Int(size) >= bytesReceivedOffset + MemoryLayout<UInt64>.size
    else { return nil }
    let count = information.withUnsafeBytes {
      $0.loadUnaligned(fromByteOffset: bytesReceivedOffset, as: UInt64.self)
    }
    return Int(clamping: count)
  }

  /// Returns the peer's IPv4 address, mapped (RFC 4291, 2.5.5.2), or the /64 of its IPv6 address, all of which one client has; nil for a
  /// descriptor that is not a TCP connection or has ended.
  static func network(of descriptor: Int32) -> Network? {
    guard let address = address(of: descriptor, getpeername) else { return nil }
    switch address {
    case .version4(let host, _): return Network(high: 0, low: mappedPrefix << 32 | UInt64(host))
    case .version6(let high, let low, _):
      let isMapped = high == 0 && low >> 32 == mappedPrefix
      return isMapped ? Network(high: 0, low: low) : Network(high: high, low: 0)
    }
  }

  /// Ends a connection if it is one of this local port: what its owner reads next is the end, and the owner's close resets the connection,
  /// because a peer that waits for a closed receive window would not notice an orderly end for a minute.
  /// - Returns: whether it was ended.
  static func end(_ descriptor: Int32, localPort: UInt16) -> Bool {
    // The copy keeps the connection while it is checked, so that a descriptor that was closed and reused meanwhile is not mistaken for it.
    let copy = dup(descriptor)
    guard copy >= 0 else { return false }
    defer { close(copy) }
    guard address(of: copy, getsockname)?.port == localPort else { return false }
    var withoutDelay = linger(l_onoff: 1, l_linger: 0)
    setsockopt(copy, SOL_SOCKET, SO_LINGER, &withoutDelay, socklen_t(MemoryLayout<linger>.size))
    return shutdown(copy, Int32(SHUT_RDWR)) == 0
  }

  // MARK: Addresses

  private enum Address {
    case version4(UInt32, port: UInt16)
    case version6(high: UInt64, low: UInt64, port: UInt16)

    var port: UInt16 {
      switch self {
      case .version4(_, let port), .version6(_, _, let port): port
      }
    }
  }

  private static func address(
    of descriptor: Int32, _ read: (Int32, UnsafeMutablePointer<sockaddr>?, UnsafeMutablePointer<socklen_t>?) -> Int32
  ) -> Address? {
    var name = sockaddr_storage()
    var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let status = withUnsafeMutablePointer(to: &name) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { read(descriptor, $0, &size) }
    }
    guard status == 0 else { return nil }
    return withUnsafeBytes(of: name) { bytes in
      // Port and address are in network byte order (ip(7), ipv6(7)).
      let port = UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
      switch Int32(bytes.loadUnaligned(as: sa_family_t.self)) {
      case AF_INET:
        return .version4(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self)), port: port)
      case AF_INET6:
        return .version6(
          high: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)),
          low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self)), port: port)
      default: return nil
      }
    }
  }
}
