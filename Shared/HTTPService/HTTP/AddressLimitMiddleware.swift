internal import Crypto
internal import HTTPTypes
public import Hummingbird
public import NIOCore

/// The context of a request: where it came from.
public struct DeskRequestContext: RequestContext, RemoteAddressRequestContext {
  public var coreContext: CoreRequestContextStorage
  /// The address of the connection's peer; the proxy's if there is one in front.
  public let remoteAddress: SocketAddress?
  /// The connection.
  let channel: any Channel

  public init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
    channel = source.channel
    remoteAddress = source.channel.remoteAddress
  }
}

/// Limits the rate of requests per address, and separately the rate of wrong keys.
///
/// A valid key is never refused because of other traffic from the same address: requests are counted per address and key, and wrong
/// keys are charged only after they were found to be wrong. `KeyLookUps` bounds the cost of looking them up.
public struct AddressLimitMiddleware: RouterMiddleware {
  /// Rate and burst for one address.
  public struct Limits: Sendable, Equatable {
    public var requestsPerSecond: Int
    public var requestsAtOnce: Int
    public var refusalsPerSecond: Int
    public var refusalsAtOnce: Int
    /// The proxies whose `X-Forwarded-For` is trusted.
    public var trustedProxies = TrustedProxies()

    /// The defaults admit what a partner behind one address may send on a peak sales day. 0 per second means no limit.
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
    /// The digest of the `Authorization` header; nil if there is none.
    let key: [UInt8]?
  }

  private let requests: RateLimiter<Sender>
  private let refusals: RateLimiter<ClientAddress?>
  private let trustedProxies: TrustedProxies

  /// Goes inside `ProblemMiddleware`, outside the routes.
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
        .tooManyRequests, after: delay, detail: "Too many requests from this address. Retry later.")
    }
    do {
      return try await next(request, context)
    } catch let problem as HTTPProblem where problem.status == .unauthorized {
      guard let delay = refusals.take(1, for: address) else { throw problem }
      throw HTTPProblem.retryLater(
        .tooManyRequests, after: delay, detail: "Too many wrong keys from this address. Retry later.")
    }
  }

  private func client(of request: Request, _ context: DeskRequestContext) -> ClientAddress? {
    let peer = ClientAddress(context.remoteAddress)
    guard let name = HTTPField.Name("X-Forwarded-For") else { return peer?.network }
    return trustedProxies.client(of: peer, forwardedFor: request.headers[values: name])?.network
  }
}
