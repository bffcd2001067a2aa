internal import HTTPTypes
public import Hummingbird
public import NIOCore

/// What a route knows of its request besides the request itself: where it came from.
public struct DeskRequestContext: RequestContext, RemoteAddressRequestContext {
  public var coreContext: CoreRequestContextStorage
  /// The other end of the connection; a proxy's where one stands in front.
  public let remoteAddress: SocketAddress?

  public init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
    remoteAddress = source.channel.remoteAddress
  }

  /// Whom requests are counted against: the address without its port.
  var peer: String { remoteAddress?.ipAddress ?? "unknown" }
}

/// Bounds what comes of one address: requests, and wrong keys apart from them, so that guessing is slowed before it costs anybody a
/// look-up.
public struct AddressLimitMiddleware: RouterMiddleware {
  /// What flows in and what may come at once, of one address.
  public struct Limits: Sendable, Equatable {
    public var requestsPerSecond: Int
    public var requestsAtOnce: Int
    public var refusalsPerSecond: Int
    public var refusalsAtOnce: Int

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

  private let requests: RateLimiter<String>
  private let refusals: RateLimiter<String>

  /// Goes inside of `ProblemMiddleware`, outside of the door.
  public init(_ limits: Limits) {
    requests = RateLimiter(perSecond: limits.requestsPerSecond, burst: limits.requestsAtOnce)
    refusals = RateLimiter(perSecond: limits.refusalsPerSecond, burst: limits.refusalsAtOnce)
  }

  @concurrent public func handle(
    _ request: Request, context: DeskRequestContext,
    next: @concurrent (Request, DeskRequestContext) async throws -> Response
  ) async throws -> Response {
    let peer = context.peer
    if let delay = requests.take(1, for: peer) {
      throw HTTPProblem.retryLater(
        .tooManyRequests, after: delay, detail: "More requests come from this address than may.")
    }
    if let delay = refusals.delay(before: 1, for: peer) {
      throw HTTPProblem.retryLater(
        .tooManyRequests, after: delay, detail: "More wrong keys came from this address than may.")
    }
    do {
      return try await next(request, context)
    } catch let problem as HTTPProblem where problem.status == .unauthorized {
      _ = refusals.take(1, for: peer)
      throw problem
    }
  }
}
