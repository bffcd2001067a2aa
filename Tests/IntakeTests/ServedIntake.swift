import Crypto
import Curl
import DeskCore
import Dispatch
import HTTPService
import Hummingbird
import Logging
import Observability
import PostgreSQL
import ServiceProcess
import TestKit
import TestService
import TestStore
import Testing
import UseCases
import ZeroMQ

@testable import Intake
@testable import Store

/// Intake on its own database, served over HTTP and ZeroMQ as the process serves it; any bearer key belongs to the channel `web`.
struct ServedIntake: Sendable {
  let store: DeskStore
  private let client: HTTPClient
  private let url: String
  /// Where HTTP is served.
  let port: Int
  /// The one key that is not valid.
  static let wrongKey = "a-wrong-key-of-some-length"
  private let endpoint: String
  private let keys: CurveKeyPair
  private let server: CurvePublicKey

  /// Runs a body with both transports open.
  static func with(_ body: @escaping @Sendable (ServedIntake) async throws -> Void) async throws {
    try await TestDatabase.with(hasPartitions: true) { store in try await serve(store, body) }
  }

  /// Runs a body with both transports open.
  /// - Parameter limits: of its commits.
  static func serve(
    _ store: DeskStore, limits commits: CommitMachine.Limits = CommitMachine.Limits(),
    _ body: @escaping @Sendable (ServedIntake) async throws -> Void
  ) async throws {
    let metrics = IntakeMetrics(registry: MetricsRegistry())
    let logger = Logger.silent
    let clock = try await DatabaseClock(asking: store)
    let thread = ZeroMQThread(context: try ZeroMQContext())
    let committer = GroupCommitter(
      target: PlainTarget(store: store), timer: { thread.after($0, $1) }, metrics: metrics, logger: logger,
      limits: commits)
    let desk = MessageDesk(committer: committer, metrics: metrics, now: { clock.now() })

    let (serverKeys, channelKeys) = (try CurveKeyPair.generate(), try CurveKeyPair.generate())
    let names = ChannelKeys(logger: logger) {
      $0.contains(channelKeys.publicKey.bytes) ? [channelKeys.publicKey.bytes: "web"] : [:]
    }
    let authenticator = try await ZAPAuthenticator(on: thread) { await names.judge($0) }
    let router = try RouterEndpoint(
      on: thread,
      options: ChannelGateway.options(secretKey: serverKeys.secretKey, connections: (all: 64, perAddress: 64)))
    let bound = try await router.bind(to: "tcp://127.0.0.1:*")
    let gateway = ChannelGateway(
      endpoint: router, desk: desk, replies: store.replies, keys: names, limiter: RateLimiter(perSecond: 0, burst: 1),
      metrics: metrics,
      logger: logger)
    let serving = Task { try await gateway.run() }

    let routes = MessageRoutes(
      desk: desk, store: store,
      keys: ChannelKeyGuard { digests in
        let key = APIKey(
          id: Identifier(high: 1, low: 1), role: .channel, channel: "web", agent: nil, label: "test",
          createdAt: Instant(seconds: 0), expiresAt: nil, revokedAt: nil)
        let wrong = Array(SHA256.hash(data: Array(wrongKey.utf8)))
        return Dictionary(uniqueKeysWithValues: digests.filter { $0 != wrong }.map { ($0, key) })
      }, limiter: RateLimiter(perSecond: 0, burst: 1), metrics: metrics,
      gateway: ChannelGateway.Address(endpoint: bound, publicKey: serverKeys.publicKey),
      feedback: FeedbackRoute(
        stepper: TicketStepper(store: store, clock: clock, policy: PolicyFollower(store: store, logger: logger)) { _ in
        }, metrics: metrics, masksPersonalData: { _ in false }
      ))
    var limits = HTTPServerLimits()
    limits.readsBodiesOnDemand = true
    let outcome: Result<Void, any Error>
    do {
      try await LoopbackServer.with(routes.router(metrics: MetricsRegistry()), limits: limits) { port in
        let client = try HTTPClient()
        let intake = ServedIntake(
          store: store, client: client, url: "http://127.0.0.1:\(port)", port: port, endpoint: bound,
          keys: channelKeys, server: serverKeys.publicKey)
        do {
          try await body(intake)
        } catch {
          await client.shutDown()
          throw error
        }
        await client.shutDown()
      }
      outcome = .success(())
    } catch {
      outcome = .failure(error)
    }
    await router.close()
    _ = await serving.result
    await committer.drain()
    await authenticator.close()
    await thread.stop()
    try outcome.get()
  }

  /// Commits without handing over.
  private struct PlainTarget: CommitTarget {
    let store: DeskStore

    func accept(_ messages: [IncomingMessage], isCareful: Bool) async throws -> CommitReceipt {
      CommitReceipt(outcomes: try await store.inbox.accept(messages, owner: nil), owner: nil)
    }

    func handOver(_ messages: [AcceptedMessage], owner: InstanceID?) async {}
  }

  // MARK: Transports

  struct Answer: Sendable {
    /// 0 over ZeroMQ.
    var status = 0
    /// Whether the sender is asked to repeat.
    var hasRetryAfter = false
    let contentType: String
    let body: [UInt8]

    /// The JSON document.
    var json: JSONValue? { JSONValue(json: String(decoding: body, as: UTF8.self)) }

    /// The results in it; a single result is the only one.
    var results: [JSONValue] { json?["results"]?.list ?? (json?["status"]?.text == nil ? [] : [json ?? .null]) }
  }

  func post(
    _ body: [UInt8], type: String = "application/json", key: String? = nil
  ) async throws -> Answer {
    var headers: HTTPHeaders = ["Authorization": "Bearer a-key-of-some-length", "Content-Type": type]
    if let key { headers.add(name: "Idempotency-Key", value: key) }
    let response = try await client.send(
      HTTPClient.Request(method: "POST", url: url + "/v1/messages", headers: headers, body: body))
    return Answer(
      status: response.status, hasRetryAfter: response.headers["Retry-After"] != nil,
      contentType: response.headers["Content-Type"] ?? "", body: response.body)
  }

  /// Sends a request with the valid key.
  func send(
    _ method: String, _ path: String, body: [UInt8] = [], headers more: [(name: String, value: String)] = []
  ) async throws -> Answer {
    let response = try await client.send(request(method, path, body: body, headers: more))
    return Answer(
      status: response.status, hasRetryAfter: response.headers["Retry-After"] != nil,
      contentType: response.headers["Content-Type"] ?? "", body: response.body)
  }

  func get(_ path: String) async throws -> Answer { try await send("GET", path) }

  /// Opens a stream of events with the valid key.
  func events(_ path: String, headers more: [(name: String, value: String)] = []) async throws -> ResponseStream {
    try await client.stream(request("GET", path, headers: more))
  }

  private func request(
    _ method: String, _ path: String, body: [UInt8] = [], headers more: [(name: String, value: String)]
  ) -> HTTPClient.Request {
    var headers: HTTPHeaders = ["Authorization": "Bearer a-key-of-some-length"]
    if method == "POST" { headers.add(name: "Content-Type", value: "application/json") }
    for field in more { headers.add(name: field.name, value: field.value) }
    return HTTPClient.Request(method: method, url: url + path, headers: headers, body: body)
  }

  /// A DEALER of the channel `web`.
  final class Dealer {
    private let socket: Socket
    private let reactor = ZeroMQReactor()
    private let registration: ZeroMQReactor.SocketID
    private let deadline = ContinuousClock.now + HangLimit.duration

    fileprivate init(_ endpoint: String, _ security: SocketOptions.Security) throws {
      socket = try Socket(.dealer, context: try ZeroMQContext(), options: SocketOptions(security: security))
      registration = reactor.register(socket, interest: .writable) { _ in }
      try socket.connect(to: endpoint)
    }

    func send(_ id: String, _ type: String, _ body: String) throws {
      reactor.setInterest(.writable, for: registration)
      while try !socket.send([Array(id.utf8), Array(type.utf8), Array(body.utf8)]) {
        try #require(.now < deadline, "intake is not reading")
        reactor.turn(waitingAtMost: .seconds(1))
      }
    }

    func receive() throws -> (id: String, type: String, body: JSONValue) {
      reactor.setInterest(.readable, for: registration)
      while true {
        if let message = try socket.receive() {
          try #require(message.frames.count == 3)
          let text = message.frames.map { String(decoding: $0, as: UTF8.self) }
          return (text[0], text[1], try #require(JSONValue(json: text[2])))
        }
        try #require(.now < deadline, "intake sends nothing")
        reactor.turn(waitingAtMost: .seconds(1))
      }
    }
  }

  /// Runs a blocking conversation over a separate connection.
  func converse<Outcome: Sendable>(_ body: @escaping @Sendable (Dealer) throws -> Outcome) async throws -> Outcome {
    let (endpoint, security) = (endpoint, SocketOptions.Security.curveClient(keys: keys, server: server))
    return try await withCheckedThrowingContinuation { continuation in
      DispatchQueue.global().async {
        continuation.resume(with: Result { try body(Dealer(endpoint, security)) })
      }
    }
  }

  /// Sends all requests at once over one connection, and returns their answers in the same order.
  func ask(_ requests: [[UInt8]], type: String = "application/json") async throws -> [Answer] {
    try await ask(frames: requests.map { [Array(type.utf8), $0] })
  }

  /// The same with all frames after the request id.
  func ask(frames: [[[UInt8]]]) async throws -> [Answer] {
    let (endpoint, security) = (endpoint, SocketOptions.Security.curveClient(keys: keys, server: server))
    return try await withCheckedThrowingContinuation { continuation in
      DispatchQueue.global().async {
        continuation.resume(with: Result { try Self.converse(endpoint, security, frames) })
      }
    }
  }

  private static func converse(
    _ endpoint: String, _ security: SocketOptions.Security, _ requests: [[[UInt8]]]
  ) throws -> [Answer] {
    var options = SocketOptions(security: security)
    options.maximumFrameBytes = 16 << 20
    let socket = try Socket(.dealer, context: try ZeroMQContext(), options: options)
    let reactor = ZeroMQReactor()
    let registration = reactor.register(socket, interest: .writable) { _ in }
    try socket.connect(to: endpoint)
    let deadline = ContinuousClock.now + HangLimit.duration
    for (number, frames) in requests.enumerated() {
      let id = withUnsafeBytes(of: UInt32(number).bigEndian) { Array($0) }
      while try !socket.send([id] + frames) {
        try #require(.now < deadline, "intake is not reading")
        reactor.turn(waitingAtMost: .seconds(1))
      }
    }
    reactor.setInterest(.readable, for: registration)
    var answers: [Int: Answer] = [:]
    while answers.count < requests.count {
      guard let message = try socket.receive() else {
        try #require(.now < deadline, "intake is not answering")
        reactor.turn(waitingAtMost: .seconds(1))
        continue
      }
      try #require(message.frames.count == 3)
      let number = message.frames[0].reduce(0) { $0 << 8 | Int($1) }
      answers[number] = Answer(
        contentType: String(decoding: message.frames[1], as: UTF8.self), body: message.frames[2])
    }
    return requests.indices.compactMap { answers[$0] }
  }
}
