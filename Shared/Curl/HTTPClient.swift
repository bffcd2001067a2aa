internal import EventThread

/// Sends HTTP requests with libcurl, all on one dedicated thread, with shared connections.
///
/// Nothing happens implicitly: no redirects, cookies, environment proxies or retries. Cancelling the waiting task
/// ends its transfer. A client without references shuts itself down; `shutDown()` also waits for its thread.
public final class HTTPClient: Sendable {
  /// Settings for all requests of a client.
  public struct Configuration: Sendable {
    /// The `User-Agent` of requests that set none.
    public var userAgent: String
    /// Open connections to one host and port. Further requests wait, and the wait counts towards their `timeout`.
    public var maximumConnectionsPerHost: Int
    /// Open connections to all hosts together.
    public var maximumConnections: Int
    /// Requests and streams in progress, including waiting ones; more are rejected as `overloaded`.
    public var maximumTransfers: Int
    /// A PEM file of trusted certificate authorities, replacing the system's.
    public var trustedCertificatesFile: String?
    /// A proxy for every request, for instance `http://proxy.internal:3128`.
    public var proxy: String?
    /// Whether `http_proxy`, `https_proxy` and the like are used. A proxy chooses its own target, so that
    /// `pinnedAddress` then has no effect.
    public var usesEnvironmentProxies: Bool

    /// The defaults suit a service that delivers web hooks to many hosts.
    public init(
      userAgent: String = "frontdesk", maximumConnectionsPerHost: Int = 16, maximumConnections: Int = 256,
      maximumTransfers: Int = 1024, trustedCertificatesFile: String? = nil, proxy: String? = nil,
      usesEnvironmentProxies: Bool = false
    ) {
      self.userAgent = userAgent
      self.maximumConnectionsPerHost = maximumConnectionsPerHost
      self.maximumConnections = maximumConnections
      self.maximumTransfers = maximumTransfers
      self.trustedCertificatesFile = trustedCertificatesFile
      self.proxy = proxy
      self.usesEnvironmentProxies = usesEnvironmentProxies
    }
  }

  let engine: TransferEngine

  /// Starts the thread. Throws `internalFailure` if libcurl cannot be initialised.
  public init(configuration: Configuration = Configuration()) throws {
    engine = try TransferEngine(configuration: configuration)
  }

  deinit {
    let engine = engine
    Task {
      await engine.shutDown()
      await engine.thread.stop()
    }
  }

  /// Sends a request and collects its response, whatever the status.
  ///
  /// Throws `HTTPClientError`, or `CancellationError` when the task is cancelled.
  public func send(_ request: Request) async throws -> Response {
    try await engine.send(request)
  }

  /// Sends a request and returns when the response head has arrived; the body is then streamed.
  ///
  /// Throws like `send`; so does reading the stream.
  public func stream(_ request: Request) async throws -> ResponseStream {
    let (identifier, head) = try await engine.stream(request)
    return ResponseStream(
      status: head.status, headers: head.headers, reading: StreamReading(client: self, identifier: identifier))
  }

  /// Ends every transfer with `aborted`, rejects new ones and joins the thread.
  public func shutDown() async {
    await engine.shutDown()
    await engine.thread.stop()
  }
}
