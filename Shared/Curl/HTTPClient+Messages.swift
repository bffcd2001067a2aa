extension HTTPClient {
  /// One request. Everything not listed here is disabled: protocols other than http and https, cookies, stored passwords,
  /// proxies from the environment, and unverified TLS.
  public struct Request: Sendable {
    public var method: String
    /// An absolute http or https URL, percent-encoded.
    public var url: String
    public var headers: HTTPHeaders
    public var body: [UInt8]
    /// From the call until the last byte, including the wait for a free connection. For a stream: until the head.
    /// Nil waits forever.
    public var timeout: Duration?
    /// For name resolution, TCP and TLS together.
    public var connectTimeout: Duration
    /// How long a body may arrive at less than one byte per second. Whole seconds; nil disables it.
    public var idleTimeout: Duration?
    /// A larger body ends the transfer with `tooLarge`. Does not apply to streams, whose memory is bounded anyway.
    public var maximumResponseBytes: Int
    /// Redirects to follow. Zero, the default, returns the 3xx response to the caller. Must stay zero if the address
    /// was checked before (`pinnedAddress`): the check does not cover the target of a redirect.
    public var maximumRedirects: Int
    /// Connects to this address regardless of what the URL's host name resolves to; the `Host` header, the TLS name and its
    /// verification stay those of the URL. Connections are shared only among requests pinned to the same address.
    public var pinnedAddress: IPAddress?
    /// Connects through this Unix domain socket.
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

  /// A complete response; any status, including 4xx and 5xx, is a response and not an error.
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
