/// An address and a port to listen at.
public struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
  /// An IP address or a name of this host.
  public let host: String
  /// 0 takes a free one.
  public let port: Int
  /// Whether HTTPS is spoken there.
  public private(set) var isEncrypted = false

  /// Reads `HOST:PORT`, `[IPv6]:PORT` or `:PORT`; anything else gives nil.
  public init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
      (0...65_535).contains(port)
    else { return nil }
    var host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
    guard !host.contains("/") else { return nil }
    self.host = host.isEmpty ? "0.0.0.0" : String(host)
    self.port = port
  }

  /// Whether only this machine can reach it.
  public var isLoopback: Bool {
    if host == "localhost" || host == "::1" { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }

  /// The same address, where HTTPS is spoken.
  var encrypted: ListenAddress {
    var address = self
    address.isEncrypted = true
    return address
  }

  /// The address as part of a URL.
  public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

  /// The URL of the same host with the port that was bound.
  public func bound(to port: Int) -> String {
    (isEncrypted ? "https://" : "http://") + (host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)")
  }
}

extension ServiceConfiguration {
  /// An address and a port.
  /// - Throws: `ConfigurationError` when the text is neither.
  public func listenAddress(_ name: String) throws(ConfigurationError) -> ListenAddress {
    let text = string(name)
    guard let address = ListenAddress(text) else {
      throw ConfigurationError(mistakes: [
        .init(
          place: name, value: text, problem: "is no address with a port",
          remedy: "write HOST:PORT, such as 127.0.0.1:8080")
      ])
    }
    return address
  }
}
