extension HTTPClient {
  /// One request. What is not said here is refused: other protocols than http and https, cookies, stored passwords,
  /// proxies named by the environment, and unverified TLS.
  public struct Request: Sendable {
    public var method: String
    /// An absolute http or https URL, percent-encoded.
    public var url: String
    public var headers: HTTPHeaders
    public var body: [UInt8]
    /// From the call until the last byte, the wait for a free connection included. For a stream: until the head.
    /// Nil waits for ever.
    public var timeout: Duration?
    /// For name resolution, TCP and TLS together.
    public var connectTimeout: Duration
    /// How long a body may bring less than one byte a second. Whole seconds; nil never gives up.
    public var idleTimeout: Duration?
    /// More body than this ends the transfer with `tooLarge`. Does not bind streams, whose memory is bounded anyway.
    public var maximumResponseBytes: Int
    /// Followed redirects. Zero, the default, hands the 3xx response to the caller. Must stay zero where the address
    /// was checked before (`pinnedAddress`): the check says nothing about where a redirect leads.
    public var maximumRedirects: Int
    /// Connect to this address whatever the URL's host name resolves to; the `Host` header, the TLS name and its
    /// verification stay those of the URL. Connections are shared only among requests pinned to the same address.
    public var pinnedAddress: IPAddress?
    /// Connect through this Unix domain socket.
    public var unixSocketPath: String?

    public init(
      method: String = "GET", url: String, headers: HTTPHeaders = [:], body: [UInt8] = [],
      timeout: Duration? = .seconds(30), connectTimeout: Duration = .seconds(5), idleTimeout: Duration? = nil,
      maximumResponseBytes: Int = 1 << 20, maximumRedirects: Int = 0, pinnedAddress: IPAddress? = nil,
      unixSocketPath: String? = nil
    ) {
      self.method = method
      self.url = url
      self.headers = headers
      self.body = body
      self.timeout = timeout
      self.connectTimeout = connectTimeout
      self.idleTimeout = idleTimeout
      self.maximumResponseBytes = maximumResponseBytes
      self.maximumRedirects = maximumRedirects
      self.pinnedAddress = pinnedAddress
      self.unixSocketPath = unixSocketPath
    }
  }

  /// A whole response; any status, 4xx and 5xx too, is a response and not an error.
  public struct Response: Sendable {
    public var status: Int
    public var headers: HTTPHeaders
    public var body: [UInt8]

    public init(status: Int, headers: HTTPHeaders = [:], body: [UInt8] = []) {
      self.status = status
      self.headers = headers
      self.body = body
    }
  }
}
