public import Hummingbird
internal import HummingbirdCore
internal import HummingbirdTLS
public import Logging
internal import NIOCore
public import Observability

/// The limits of our HTTP servers. Hummingbird's own defaults have no idle timeout.
public struct HTTPServerLimits: Sendable {
  /// The idle timeout between requests, and while a request is being read; not while one is answered.
  public var idleTimeout: Duration
  /// From the first byte of a request, or the end of the previous answer, to the first byte of its answer, however steadily the rest
  /// trickles in.
  public var answerTimeout: Duration
  /// The total size of a request's header fields, in bytes.
  public var maximumHeaderBytes: Int
  public var maximumHeaderCount: Int
  /// The maximum number of connections; further ones wait in the kernel's queue.
  public var maximumConnections: Int
  /// Per address (IPv6: per /64); further connections are closed immediately.
  public var maximumConnectionsPerAddress = 1024
  /// A peer that reads less of its answers in each such window than `ConnectionBounds.bytesPerWriteWindow` is disconnected.
  public var writeWindow = ConnectionBounds.writeWindow
  /// Addresses whose connections are not counted per address.
  public var trustedProxies = TrustedProxies()
  /// Whether a body is read only as its route asks for it; the routes must be behind `BodyBudgetMiddleware`.
  public var readsBodiesOnDemand = false
  /// Where closed and refused connections are counted.
  public var metrics: MetricsRegistry?
  /// The server's certificate; nil serves plain HTTP.
  public var certificate: HTTPCertificate?

  /// The defaults suit services with few, known clients.
  public init(
    idleTimeout: Duration = .seconds(60), answerTimeout: Duration = .seconds(30), maximumHeaderBytes: Int = 16 << 10,
    maximumHeaderCount: Int = 100,
    maximumConnections: Int = 4096
  ) {
    self.idleTimeout = idleTimeout
    self.answerTimeout = answerTimeout
    self.maximumHeaderBytes = maximumHeaderBytes
    self.maximumHeaderCount = maximumHeaderCount
    self.maximumConnections = maximumConnections
  }

  private var server: HTTPServerBuilder {
    let configuration = HTTP1Channel.Configuration(
      idleTimeout: .nanoseconds(Int64(idleTimeout.seconds * 1e9)),
      httpDecoderConfiguration: .init(
        maxHeaderFieldSize: maximumHeaderBytes, maxHeaderListSize: maximumHeaderBytes,
        maxHeaderFieldCount: maximumHeaderCount))
    ConnectionBounds.check()
    var limits = ConnectionTimes.Limits(answerTimeout: answerTimeout)
    limits.writeWindow = writeWindow
    limits.readsBodiesOnDemand = readsBodiesOnDemand
    let addresses = AddressConnections(most: maximumConnectionsPerAddress, exempt: trustedProxies)
    let metrics = metrics.map { ConnectionMetrics($0) }
    return HTTPServerBuilder { [certificate, limits] responder in
      let channel = GuardedHTTP1Channel(
        http: HTTP1Channel(responder: responder, configuration: configuration), limits: limits, addresses: addresses,
        metrics: metrics)
      guard let certificate else { return channel }
      return try TLSChannel(channel, tlsConfiguration: certificate.configuration)
    }
  }

  /// Returns a server for the router with these limits. Port 0 selects a free one, which `onBound` receives. The router gets answers for
  /// the methods that its paths do not have.
  /// - Parameter loops: the threads that serve its connections; by default those that all servers of the process share.
  public func application<Context: RequestContext>(
    router: Router<Context>, host: String, port: Int, on loops: EventLoopGroupProvider = .singleton, logger: Logger,
    onBound: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
  ) -> Application<RouterResponder<Context>> where Context.Source == ApplicationRequestContextSource {
    router.refuseOtherMethods()
    return Application(
      router: router,
      server: server,
      configuration: ApplicationConfiguration(
        address: .hostname(host, port: port),
        availableConnectionsDelegate: MaximumAvailableConnections(maximumConnections, logger: logger)),
      onServerRunning: { channel in await onBound(channel.localAddress?.port ?? port) },
      eventLoopGroupProvider: loops,
      logger: logger)
  }
}
