/// An address and a port to listen on.
public struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
  /// An IP address or host name of this machine.
  public let host: String
  /// 0 selects a free port.
  public let port: Int
  /// Whether it serves HTTPS.
  public private(set) var isEncrypted = false

  /// Reads `HOST:PORT`, `[IPv6]:PORT` or `:PORT`; returns nil for anything else.
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

  /// Whether it is reachable only from this machine.
  public var isLoopback: Bool {
    if host == "localhost" || host == "::1" { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }

  /// The same address, serving HTTPS.
  package var encrypted: ListenAddress {
    var address = self
    address.isEncrypted = true
    return address
  }

  /// The address as part of a URL.
  public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

  /// Returns the URL of the same host with the bound port.
  public func bound(to port: Int) -> String {
    (isEncrypted ? "https://" : "http://") + (host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)")
  }
}

extension ServiceConfiguration {
  /// Returns an address and a port.
  /// - Throws: `ConfigurationError` when the text is not an address with a port.
  public func listenAddress(_ name: String) throws(ConfigurationError) -> ListenAddress {
    let text = string(name)
    guard let address = ListenAddress(text) else {
      throw ConfigurationError(mistakes: [
        .init(
          place: name, value: text, problem: "is not an address with a port",
          remedy: "write HOST:PORT, such as 127.0.0.1:8080")
      ])
    }
    return address
  }
}
