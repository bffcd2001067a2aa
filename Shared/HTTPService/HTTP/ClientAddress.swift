internal import NIOCore

/// The unit that connections and requests are counted for: an IPv4 address, or the /64 of an IPv6 address, because an IPv6 client has all
/// of it. An IPv4 address mapped into IPv6 (`::ffff:a.b.c.d`, RFC 4291, 2.5.5.2) is the IPv4 address.
struct ClientAddress: Sendable, Hashable {
  /// The 16 bytes of the address in IPv6 form, with IPv4 mapped.
  fileprivate let bytes: [UInt8]

  private static let mapped: [UInt8] = Array(repeating: 0, count: 10) + [0xFF, 0xFF]

  /// Reads an address as text: bare, with a port, or in brackets as in URLs; nil for anything else.
  init?(_ text: some StringProtocol) {
    var host = text.trimmingPrefix { $0 == " " || $0 == "\t" }
    if host.hasPrefix("[") {
      guard let end = host.firstIndex(of: "]") else { return nil }
      host = host[host.index(after: host.startIndex)..<end]
    } else if let colon = host.firstIndex(of: ":"), host.lastIndex(of: ":") == colon {
      host = host[..<colon]
    }
    while host.last == " " || host.last == "\t" { host = host.dropLast() }
    guard let address = try? SocketAddress(ipAddress: String(host), port: 0) else { return nil }
    self.init(address)
  }

  /// The address of a peer; nil for sockets without an IP address.
  init?(_ address: SocketAddress?) {
    switch address {
    case .v4: bytes = Self.mapped + Self.bytes(of: address, at: 4..<8)
    case .v6: bytes = Self.bytes(of: address, at: 8..<24)
    case .unixDomainSocket, nil: return nil
    }
  }

  /// The bytes of the address within `sockaddr_in` or `sockaddr_in6`, as `ip(7)` and `ipv6(7)` lay them out.
  private static func bytes(of address: SocketAddress?, at place: Range<Int>) -> [UInt8] {
    address?.withSockAddr { start, size in
      Array(UnsafeRawBufferPointer(start: start, count: size)[place])
    } ?? []
  }

  private init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  fileprivate var isVersion4: Bool { bytes.starts(with: Self.mapped) }

  /// The block that shares one limit with this address.
  var network: ClientAddress {
    isVersion4 ? self : ClientAddress(bytes: Array(bytes.prefix(8)) + Array(repeating: 0, count: 8))
  }
}

/// The proxies that are trusted to state where a request comes from.
public struct TrustedProxies: Sendable, Equatable {
  /// A block of addresses (RFC 4632).
  private struct Block: Sendable, Equatable {
    let first: ClientAddress
    let bits: Int

    func contains(_ address: ClientAddress) -> Bool {
      guard first.isVersion4 == address.isVersion4 else { return false }
      let (whole, rest) = (bits / 8, bits % 8)
      guard first.bytes.prefix(whole) == address.bytes.prefix(whole) else { return false }
      guard rest > 0 else { return true }
      let mask = UInt8.max << UInt8(8 - rest)
      return first.bytes[whole] & mask == address.bytes[whole] & mask
    }
  }

  private var blocks: [Block] = []

  /// Trusts no proxy.
  public init() {}

  /// Reads addresses and blocks in CIDR notation, separated by commas; an empty text trusts no proxy.
  /// - Returns: nil if a part is neither.
  public init?(_ text: String) {
    for part in text.split(separator: ",") {
      let pieces = part.split(separator: "/", omittingEmptySubsequences: false)
      guard pieces.count <= 2, let first = ClientAddress(pieces[0]) else { return nil }
      let length = first.isVersion4 ? 32 : 128
      let number = pieces.count == 2 ? pieces[1].trimmingPrefix { $0 == " " }.prefix { $0 != " " } : "\(length)"
      guard number.allSatisfy({ $0.isASCII && $0.isNumber }), let bits = Int(number), (0...length).contains(bits) else {
        return nil
      }
      blocks.append(Block(first: first, bits: first.isVersion4 ? bits + 96 : bits))
    }
  }

  func contains(_ address: ClientAddress) -> Bool {
    blocks.contains { $0.contains(address) }
  }

  /// Returns the origin of a request: the peer, or, if the peer is a trusted proxy, the last address of its `X-Forwarded-For` that is
  /// not a trusted proxy. The list is read from the right: anything left of the first untrusted address was written by that client.
  func client(of peer: ClientAddress?, forwardedFor fields: [String]) -> ClientAddress? {
    guard var client = peer else { return nil }
    for part in fields.joined(separator: ",").split(separator: ",").reversed().prefix(AddressBounds.proxiesInARow) {
      guard contains(client), let before = ClientAddress(part) else { break }
      client = before
    }
    return client
  }
}

/// Limits of per-address counting.
enum AddressBounds {
  /// Maximum number of proxies that a request may pass; the rest of `X-Forwarded-For` is not read.
  static let proxiesInARow = 8
}
