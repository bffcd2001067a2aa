internal import Crypto
internal import EventThread
internal import HTTPTypes
public import Hummingbird
internal import NIOCore

/// Bounds the bytes of bodies that have begun and are not complete: of the process, and of one key, so that one key cannot take what is
/// there for all.
public final class BodyBudget: Sendable {
  /// Whose bytes are counted together: the digest of the `Authorization` field; nil where there is none.
  typealias Owner = [UInt8]?

  /// What is used up.
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
    precondition(perOwner <= bytes, "one key may have a share of all")
    self.bytes = bytes
    bytesPerOwner = perOwner
  }

  /// Bytes taken and not given back.
  var taken: Int { state.withLock { $0.total } }

  /// Takes the right to hold so many bytes.
  /// - Returns: nil when it is granted, else whose budget is used up.
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

  /// Gives the right to hold so many bytes back.
  func give(_ count: Int, of owner: Owner) {
    guard count > 0 else { return }
    state.withLock { state in
      state.total -= count
      let rest = (state.byOwner[owner] ?? 0) - count
      state.byOwner[owner] = rest > 0 ? rest : nil
    }
  }

  /// What one request holds of the budget.
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
          detail: "The key has more bytes in unfinished requests than it may.")
      case .process:
        throw .retryLater(
          .serviceUnavailable, after: BodyBudget.pause, detail: "More bytes are in unfinished requests than may be.")
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

  /// When to come again.
  private static let pause: Duration = .seconds(2)
}

/// Counts bodies against a budget while they come, and has them read only when a route asks for them: no byte is read before the key is
/// known.
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
      channel.triggerUserOutboundEvent(BodyWanted(), promise: nil)
      guard let bytes = try await body.next() else {
        // What is complete is counted where it is worked on.
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
