import EventThread

/// One connection that asks for admission (ZAP, RFC 27).
public struct ZAPRequest: Sendable {
  /// The authentication mechanism. PLAIN is refused without a decision.
  public enum Mechanism: Sendable {
    /// No authentication.
    case null
    /// The client's CURVE key.
    case curve
  }

  /// The authentication mechanism.
  public let mechanism: Mechanism

  /// The client's key; nil unless the mechanism is CURVE.
  public let publicKey: CurvePublicKey?

  /// The domain of the socket that the client connected to.
  public let domain: String

  /// The client's network address.
  public let address: String
}

/// The ZAP handler of a context: passes each new connection to an asynchronous decision.
///
/// It answers through a ROUTER, so decisions may be slow, complete in any order, and run concurrently.
public actor ZAPAuthenticator {
  /// Decides on a connection: returns the user id that its messages carry from now on, or nil to refuse it.
  public typealias Decision = @Sendable (ZAPRequest) async -> UserID?

  private let owner: ZeroMQThread
  private let decide: Decision
  private let socket: Socket
  private var registration: ZeroMQReactor.SocketID?
  private var outstandingCount = 0

  /// Connections refused so far, including those that could not be decided for lack of capacity.
  public private(set) var refusedCount = 0

  /// The event thread that owns the socket.
  public nonisolated var unownedExecutor: UnownedSerialExecutor { owner.thread.asUnownedSerialExecutor() }

  /// Creates the handler of the thread's context and starts serving. Throws `addressInUse` if there is one already.
  public init(on owner: ZeroMQThread, decide: @escaping Decision) async throws(ZeroMQError) {
    self.owner = owner
    self.decide = decide
    socket = try Socket(.router, context: owner.context)
    try start()
  }

  /// Stops the handler; sockets with CURVE in this context refuse every new connection from now on.
  public func close() {
    if let registration { owner.reactor.remove(registration) }
    registration = nil
  }

  private func start() throws(ZeroMQError) {
    try socket.bind(to: "inproc://zeromq.zap.01")
    registration = owner.reactor.register(socket, interest: .readable) { [self] _ in assumeIsolated { $0.drain() } }
  }

  private func drain() {
    for _ in 0..<ZeroMQBounds.messagesPerReadiness {
      guard let message = (try? socket.receive()) ?? nil else { return }
      guard let envelope = ZAPEnvelope(message.frames) else { continue }
      handle(envelope)
    }
  }

  private func handle(_ envelope: ZAPEnvelope) {
    guard let request = envelope.request else { return answer(envelope, .refused) }
    guard outstandingCount < ZeroMQBounds.outstandingAuthentications else { return answer(envelope, .busy) }
    outstandingCount += 1
    Task { [decide] in
      let userID = await decide(request)
      finish(envelope, userID)
    }
  }

  private func finish(_ envelope: ZAPEnvelope, _ userID: UserID?) {
    outstandingCount -= 1
    answer(envelope, userID.map { .accepted($0) } ?? .refused)
  }

  private func answer(_ envelope: ZAPEnvelope, _ verdict: ZAPEnvelope.Verdict) {
    if case .accepted = verdict {} else { refusedCount += 1 }
    guard registration != nil else { return }
    // A connection that has closed meanwhile needs no answer.
    _ = try? socket.send(envelope.answer(verdict))
  }
}

/// The frames of ZAP 1.0 as a ROUTER sees them.
struct ZAPEnvelope: Sendable {
  enum Verdict {
    case accepted(UserID)
    case refused
    case busy
  }

  private static let version = Array("1.0".utf8)

  private let routingID: [UInt8]
  private let requestID: [UInt8]

  /// Nil for a mechanism or version that is refused without a decision.
  let request: ZAPRequest?

  /// Frames: routing id, empty, version, request id, domain, address, identity, mechanism, credentials.
  init?(_ frames: [[UInt8]]) {
    guard frames.count >= 8, frames[1].isEmpty else { return nil }
    routingID = frames[0]
    requestID = frames[3]
    let domain = String(decoding: frames[4], as: UTF8.self)
    let address = String(decoding: frames[5], as: UTF8.self)
    switch String(decoding: frames[7], as: UTF8.self) {
    case _ where frames[2] != Self.version:
      request = nil
    case "NULL":
      request = ZAPRequest(mechanism: .null, publicKey: nil, domain: domain, address: address)
    case "CURVE":
      request = frames.dropFirst(8).first.flatMap { CurvePublicKey(bytes: $0) }.map { key in
        ZAPRequest(mechanism: .curve, publicKey: key, domain: domain, address: address)
      }
    default:
      request = nil
    }
  }

  /// Frames: routing id, empty, version, request id, status, status text, user id, metadata.
  func answer(_ verdict: Verdict) -> [[UInt8]] {
    let (status, text, user) =
      switch verdict {
      case .accepted(let userID): ("200", "OK", userID.name)
      case .refused: ("400", "not allowed", "")
      case .busy: ("300", "too many at once", "")
      }
    return [routingID, [], Self.version, requestID, Array(status.utf8), Array(text.utf8), Array(user.utf8), []]
  }
}
