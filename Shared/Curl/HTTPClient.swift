internal import EventThread

/// Sends HTTP requests with libcurl, all on one thread of its own, with connections shared among them.
///
/// Nothing is done that was not asked for: no redirects, cookies, proxies of the environment or retries. Cancelling the
/// task that waits ends its transfer. A client that is no longer referred to shuts itself down; `shutDown()` also waits
/// for its thread.
public final class HTTPClient: Sendable {
  /// What holds for all requests of a client.
  public struct Configuration: Sendable {
    /// The `User-Agent` of requests that bring none.
    public var userAgent: String
    /// Open connections to one host and port. Further requests wait, and their `timeout` goes on meanwhile.
    public var maximumConnectionsPerHost: Int
    /// Open connections to all hosts together.
    public var maximumConnections: Int
    /// Requests and streams under way, waiting ones included; more are refused as `overloaded`.
    public var maximumTransfers: Int
    /// A PEM file of the authorities to trust, in place of the system's.
    public var trustedCertificatesFile: String?
    /// A proxy for every request, for instance `http://proxy.internal:3128`.
    public var proxy: String?
    /// Whether `http_proxy`, `https_proxy` and the like are followed. A proxy goes where it likes, so that
    /// `pinnedAddress` then says nothing.
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

  /// Starts the thread. Throws `internalFailure` where libcurl cannot be started.
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

  /// Sends a request and returns when the head of the response has come; the body then arrives piece by piece.
  ///
  /// Throws as `send` does; reading the stream throws likewise.
  public func stream(_ request: Request) async throws -> ResponseStream {
    let (identifier, head) = try await engine.stream(request)
    return ResponseStream(
      status: head.status, headers: head.headers, reading: StreamReading(client: self, identifier: identifier))
  }

  /// Ends every transfer with `aborted`, refuses new ones and joins the thread.
  public func shutDown() async {
    await engine.shutDown()
    await engine.thread.stop()
  }
}
