internal import Crypto
internal import HTTPTypes
public import Hummingbird
public import NIOCore

/// What a route knows of its request besides the request itself: where it came from.
public struct DeskRequestContext: RequestContext, RemoteAddressRequestContext {
  public var coreContext: CoreRequestContextStorage
  /// The other end of the connection; a proxy's where one stands in front.
  public let remoteAddress: SocketAddress?
  /// The connection.
  let channel: any Channel

  public init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
    channel = source.channel
    remoteAddress = source.channel.remoteAddress
  }
}

/// Bounds what comes of one address: requests, and wrong keys apart from them.
///
/// A valid key is never refused because of what others send from the same address: requests are counted for each address and key, and wrong
/// keys are charged only after they were found to be wrong. What looking them up costs is bounded by `KeyLookUps`.
public struct AddressLimitMiddleware: RouterMiddleware {
  /// What flows in and what may come at once, of one address.
  public struct Limits: Sendable, Equatable {
    public var requestsPerSecond: Int
    public var requestsAtOnce: Int
    public var refusalsPerSecond: Int
    public var refusalsAtOnce: Int
    /// Whose `X-Forwarded-For` is believed.
    public var trustedProxies = TrustedProxies()

    /// The defaults let through what a partner behind one address may send on a sale day. 0 a second sets no bound.
    public init(
      requestsPerSecond: Int = 50_000, requestsAtOnce: Int = 100_000, refusalsPerSecond: Int = 5,
      refusalsAtOnce: Int = 200
    ) {
      self.requestsPerSecond = requestsPerSecond
      self.requestsAtOnce = requestsAtOnce
      self.refusalsPerSecond = refusalsPerSecond
      self.refusalsAtOnce = refusalsAtOnce
    }
  }

  private struct Sender: Sendable, Hashable {
    let address: ClientAddress?
    /// The digest of the `Authorization` field; nil where there is none.
    let key: [UInt8]?
  }

  private let requests: RateLimiter<Sender>
  private let refusals: RateLimiter<ClientAddress?>
  private let trustedProxies: TrustedProxies

  /// Goes inside of `ProblemMiddleware`, outside of the door.
  public init(_ limits: Limits) {
    requests = RateLimiter(perSecond: limits.requestsPerSecond, burst: limits.requestsAtOnce)
    refusals = RateLimiter(perSecond: limits.refusalsPerSecond, burst: limits.refusalsAtOnce)
    trustedProxies = limits.trustedProxies
  }

  @concurrent public func handle(
    _ request: Request, context: DeskRequestContext,
    next: @concurrent (Request, DeskRequestContext) async throws -> Response
  ) async throws -> Response {
    let address = client(of: request, context)
    let key = request.headers[.authorization].map { Array(SHA256.hash(data: Array($0.utf8))) }
    if let delay = requests.take(1, for: Sender(address: address, key: key)) {
      throw HTTPProblem.retryLater(
        .tooManyRequests, after: delay, detail: "More requests come from this address than may.")
    }
    do {
      return try await next(request, context)
    } catch let problem as HTTPProblem where problem.status == .unauthorized {
      guard let delay = refusals.take(1, for: address) else { throw problem }
      throw HTTPProblem.retryLater(
        .tooManyRequests, after: delay, detail: "More wrong keys came from this address than may.")
    }
  }

  private func client(of request: Request, _ context: DeskRequestContext) -> ClientAddress? {
    let peer = ClientAddress(context.remoteAddress)
    guard let name = HTTPField.Name("X-Forwarded-For") else { return peer?.network }
    return trustedProxies.client(of: peer, forwardedFor: request.headers[values: name])?.network
  }
}
