import EventThread
import ZeroMQ

/// A channel's DEALER socket to intake: many concurrent requests, whose answers are matched by request id.
///
/// Call `close()` before releasing it.
actor ChannelSocket {
  /// The reason a request has no answer.
  enum Failure: Error, Equatable {
    /// No answer in time; whether the messages were accepted is unknown.
    case timedOut
    /// The socket was closed, or the task cancelled.
    case closed
  }

  /// Intake's answer.
  struct Answer: Sendable {
    let contentType: String
    let body: [UInt8]
  }

  private struct Pending {
    let continuation: CheckedContinuation<Answer, any Error>
    let timer: TimerID
  }

  private let owner: ZeroMQThread
  private let socket: Socket
  private var registration: ZeroMQReactor.SocketID?
  private var pending: [UInt64: Pending] = [:]
  private var unsent: [(id: UInt64, frames: [[UInt8]])] = []
  private var lastID: UInt64 = 0
  private var isClosed = false

  nonisolated var unownedExecutor: UnownedSerialExecutor { owner.thread.asUnownedSerialExecutor() }

  /// Creates the socket and connects it in the background.
  init(on owner: ZeroMQThread, endpoint: String, server: CurvePublicKey, keys: CurveKeyPair) async throws(ZeroMQError) {
    self.owner = owner
    var options = SocketOptions(security: .curveClient(keys: keys, server: server))
    options.maximumFrameBytes = Int64(LoadBounds.answerBytes)
    options.reconnectIntervalMaximum = .milliseconds(500)
    socket = try Socket(.dealer, context: owner.context, options: options)
    try open(endpoint)
  }

  private func open(_ endpoint: String) throws(ZeroMQError) {
    try socket.connect(to: endpoint)
    registration = owner.reactor.register(socket, interest: .readable) { [self] _ in assumeIsolated { $0.serve() } }
  }

  /// Sends a request and waits for its answer.
  /// - Throws: `Failure`.
  func request(contentType: String, body: [UInt8], timeout: Duration) async throws -> Answer {
    lastID += 1
    let id = lastID
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        guard !isClosed else { return continuation.resume(throwing: Failure.closed) }
        let timer = owner.reactor.after(timeout) { [self] in assumeIsolated { $0.end(id, .failure(.timedOut)) } }
        pending[id] = Pending(continuation: continuation, timer: timer)
        let name = withUnsafeBytes(of: id.bigEndian) { Array($0) }
        unsent.append((id, [name, Array(contentType.utf8), body]))
        flush()
      }
    } onCancel: {
      Task { await self.end(id, .failure(.closed)) }
    }
  }

  /// Ends all requests and stops reading.
  func close() {
    isClosed = true
    if let registration { owner.reactor.remove(registration) }
    registration = nil
    for id in pending.keys.sorted() { end(id, .failure(.closed)) }
  }

  private func serve() {
    for _ in 0..<ZeroMQBounds.messagesPerReadiness {
      guard let message = (try? socket.receive()) ?? nil else { break }
      guard message.frames.count == 3, message.frames[0].count == 8 else { continue }
      let id = message.frames[0].reduce(0) { $0 << 8 | UInt64($1) }
      end(
        id, .success(Answer(contentType: String(decoding: message.frames[1], as: UTF8.self), body: message.frames[2])))
    }
    flush()
  }

  /// Sends as much as there is room for; the rest waits until the connection is complete.
  private func flush() {
    var sent = 0
    while sent < unsent.count, (try? socket.send(unsent[sent].frames)) ?? true { sent += 1 }
    unsent.removeFirst(sent)
    if let registration {
      owner.reactor.setInterest(unsent.isEmpty ? .readable : [.readable, .writable], for: registration)
    }
  }

  private func end(_ id: UInt64, _ result: Result<Answer, Failure>) {
    guard let request = pending.removeValue(forKey: id) else { return }
    owner.reactor.cancel(request.timer)
    unsent.removeAll { $0.id == id }
    request.continuation.resume(with: result.mapError { $0 as any Error })
  }
}
