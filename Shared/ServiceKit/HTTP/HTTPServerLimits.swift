public import Hummingbird
internal import HummingbirdCore
internal import HummingbirdTLS
public import Logging
internal import NIOCore

/// What an HTTP server of ours grants its peers. Hummingbird's own defaults have no idle time-out.
public struct HTTPServerLimits: Sendable {
  /// Between requests, and while a request is being read; not while one is answered.
  public var idleTimeout: Duration
  /// From the first byte of a request, or the end of the answer before it, to the first byte of its answer, however steadily the rest
  /// trickles in.
  public var answerTimeout: Duration
  /// All header fields of a request together, in bytes.
  public var maximumHeaderBytes: Int
  public var maximumHeaderCount: Int
  /// Further connections wait in the kernel's queue.
  public var maximumConnections: Int
  /// Of one address, of IPv6 of one /64; further ones are closed at once.
  public var maximumConnectionsPerAddress = 1024
  /// A peer that takes less of its answers in each such time than `ConnectionBounds.bytesPerWriteWindow` is cut off.
  public var writeWindow = ConnectionBounds.writeWindow
  /// Whose connections are not counted by address.
  public var trustedProxies = TrustedProxies()
  /// Whether a body is read only as its route asks for it; the routes must be behind `BodyBudgetMiddleware`.
  public var readsBodiesOnDemand = false
  /// Where closed and refused connections are counted.
  public var metrics: MetricsRegistry?
  /// What the server proves itself with; nil serves plain HTTP.
  public var certificate: HTTPCertificate?

  /// The defaults suit services that few, known clients speak to.
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

  /// A server for the router with these limits. Port 0 takes a free one; `onBound` is told which.
  public func application<Context: RequestContext>(
    router: Router<Context>, host: String, port: Int, logger: Logger,
    onBound: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
  ) -> Application<RouterResponder<Context>> where Context.Source == ApplicationRequestContextSource {
    Application(
      router: router,
      server: server,
      configuration: ApplicationConfiguration(
        address: .hostname(host, port: port),
        availableConnectionsDelegate: MaximumAvailableConnections(maximumConnections, logger: logger)),
      onServerRunning: { channel in await onBound(channel.localAddress?.port ?? port) },
      logger: logger)
  }
}
