import DeskCore

/// An address at which channels connect over ZeroMQ: `tcp://HOST:PORT`.
struct ChannelEndpoint: Sendable, Hashable, CustomStringConvertible {
  /// A name, an IPv4 address, or an IPv6 address in brackets; `*` or a similar wildcard if the socket is bound to every address of the
  /// host.
  let host: String
  /// 1 to 65535.
  let port: Int

  private static let scheme = "tcp://"
  /// What libzmq and the socket API read as "every address of this host".
  private static let wildcards = ["*", "0.0.0.0", "[::]", "[::0]", "[0:0:0:0:0:0:0:0]", "[::ffff:0.0.0.0]"]
  /// The maximum length of a DNS name (RFC 1035, 2.3.4); an address is shorter.
  private static let hostCharacters = 1...253

  /// Parses `tcp://HOST:PORT`; returns nil for anything else.
  init?(_ text: String) {
    let scalars = text.unicodeScalars
    guard scalars.starts(with: Self.scheme.unicodeScalars) else { return nil }
    let rest = scalars.dropFirst(Self.scheme.unicodeScalars.count)
    guard let colon = rest.lastIndex(of: ":"), let port = Int(String(rest[rest.index(after: colon)...])) else {
      return nil
    }
    self.init(host: String(rest[..<colon]), port: port)
  }

  /// - Returns: nil for an invalid host or a port out of range.
  private init?(host: String, port: Int) {
    guard (1...65_535).contains(port), Self.isHost(host) else { return nil }
    self.host = host
    self.port = port
  }

  /// Whether it only states where the socket is bound, and is not an address that a client can connect to.
  var isWildcard: Bool { Self.wildcards.contains { $0.hasSameBytes(as: host) } }

  /// Returns the same port at the host by which a client has reached this process.
  /// - Parameter authority: an HTTP request's `HOST` or `HOST:PORT` (RFC 9110, 7.2).
  /// - Returns: nil if it names no host, or only a wildcard.
  func reached(through authority: String) -> ChannelEndpoint? {
    let scalars = authority.unicodeScalars
    let host: String
    if scalars.first == "[" {
      guard let end = scalars.firstIndex(of: "]") else { return nil }
      host = String(scalars[...end])
    } else {
      host = String(scalars.prefix { $0 != ":" })
    }
    guard let endpoint = ChannelEndpoint(host: host, port: port), !endpoint.isWildcard else { return nil }
    return endpoint
  }

  var description: String { "\(Self.scheme)\(host):\(port)" }

  private static func isHost(_ text: String) -> Bool {
    let scalars = text.unicodeScalars
    guard hostCharacters.contains(scalars.count) else { return false }
    if text.utf8.elementsEqual("*".utf8) { return true }
    guard scalars.first == "[" else {
      return scalars.allSatisfy {
        $0.isASCII && ($0.properties.isAlphabetic || "0123456789-._".unicodeScalars.contains($0))
      }
    }
    return scalars.count > 2 && scalars.last == "]"
      && scalars.dropFirst().dropLast().allSatisfy { "0123456789abcdefABCDEF:.".unicodeScalars.contains($0) }
  }
}
