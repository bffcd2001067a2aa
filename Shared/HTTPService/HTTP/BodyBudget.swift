internal import Crypto
internal import HTTPTypes
public import Hummingbird
internal import NIOCore
internal import SystemPrimitives

/// Limits the bytes of incomplete request bodies, per process and per key, so that one key cannot use up the budget
/// of all.
public final class BodyBudget: Sendable {
  /// The owner that bytes are counted for: the digest of the `Authorization` header; nil if there is none.
  typealias Owner = [UInt8]?

  /// The budget that is exhausted.
  enum Refusal: Equatable, Sendable { case owner, process }

  private struct State {
    var total = 0
    var byOwner: [Owner: Int] = [:]
  }

  private let bytes: Int
  private let bytesPerOwner: Int
  private let state = PthreadMutex(State())

  init(
    bytes: Int = ConnectionBounds.unfinishedBodyBytes, perOwner: Int = ConnectionBounds.unfinishedBodyBytesPerKey
  ) {
    precondition(perOwner <= bytes, "one key's budget must not exceed the total")
    self.bytes = bytes
    bytesPerOwner = perOwner
  }

  /// Bytes reserved and not yet released.
  var taken: Int { state.withLock { $0.total } }

  /// Reserves a number of bytes.
  /// - Returns: nil when granted, else the budget that is exhausted.
  func take(_ count: Int, for owner: Owner) -> Refusal? {
    state.withLock { state in
      let own = state.byOwner[owner] ?? 0
      guard own + count <= bytesPerOwner else { return .owner }
      guard state.total + count <= bytes else { return .process }
      state.byOwner[owner] = own + count
      state.total += count
      return nil
    }
  }

  /// Releases a number of bytes.
  func give(_ count: Int, of owner: Owner) {
    guard count > 0 else { return }
    state.withLock { state in
      state.total -= count
      let rest = (state.byOwner[owner] ?? 0) - count
      state.byOwner[owner] = rest > 0 ? rest : nil
    }
  }

  /// The share of the budget that one request holds.
  final class Account: Sendable {
    private let budget: BodyBudget
    private let owner: Owner
    private let held = PthreadMutex(0)

    init(_ budget: BodyBudget, _ owner: Owner) {
      self.budget = budget
      self.owner = owner
    }

    func take(_ count: Int) throws(HTTPProblem) {
      switch budget.take(count, for: owner) {
      case nil: held.withLock { $0 += count }
      case .owner:
        throw .retryLater(
          .tooManyRequests, after: BodyBudget.pause,
          detail: "This key has too many bytes in unfinished requests. Retry later.")
      case .process:
        throw .retryLater(
          .serviceUnavailable, after: BodyBudget.pause,
          detail: "Too many bytes are in unfinished requests. Retry later.")
      }
    }

    func close() {
      let count = held.withLock { held in
        defer { held = 0 }
        return held
      }
      budget.give(count, of: owner)
    }
  }

  /// The value of `Retry-After`.
  private static let pause: Duration = .seconds(2)
}

/// Counts bodies against a budget while they arrive, and reads them only when a route asks for them: no byte is read before the key is
/// verified.
public struct BodyBudgetMiddleware: RouterMiddleware {
  private let budget: BodyBudget

  /// Goes innermost, next to the routes.
  public init(_ budget: BodyBudget) {
    self.budget = budget
  }

  @concurrent public func handle(
    _ request: Request, context: DeskRequestContext,
    next: @concurrent (Request, DeskRequestContext) async throws -> Response
  ) async throws -> Response {
    if JSONBody.isMissing(in: request) { return try await next(request, context) }
    let owner = request.headers[.authorization].map { Array(SHA256.hash(data: Array($0.utf8))) }
    let account = BodyBudget.Account(budget, owner)
    defer { account.close() }
    var metered = request
    metered.body = RequestBody(
      asyncSequence: MeteredBody(body: request.body, channel: context.channel, account: account))
    return try await next(metered, context)
  }
}

/// A body whose bytes are counted until it is complete.
private struct MeteredBody: AsyncSequence, Sendable {
  typealias Element = ByteBuffer

  let body: RequestBody
  let channel: any Channel
  let account: BodyBudget.Account

  struct AsyncIterator: AsyncIteratorProtocol {
    var body: RequestBody.AsyncIterator
    let channel: any Channel
    let account: BodyBudget.Account

    @concurrent mutating func next() async throws -> ByteBuffer? {
      channel.triggerUserOutboundEvent(BodyReadRequest(), promise: nil)
      guard let bytes = try await body.next() else {
        // Complete bodies are counted where they are processed.
        account.close()
        return nil
      }
      try account.take(bytes.readableBytes)
      return bytes
    }
  }

  func makeAsyncIterator() -> AsyncIterator {
    AsyncIterator(body: body.makeAsyncIterator(), channel: channel, account: account)
  }
}
