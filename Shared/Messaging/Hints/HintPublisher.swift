import Foundation
import SwiftProtobuf
import SystemPrimitives
import Wire
public import ZeroMQ

/// Sends wake-ups to its subscribers: "check the database, something of this topic has changed".
///
/// They may be lost, so only the time until the next check may depend on them. Hints are sent a millisecond after the
/// first, and `MessagingBounds.hintFlushPause` after those before; equal ones are merged. Call `close()` before releasing the publisher.
public actor HintPublisher {
  /// One wake-up.
  public struct Hint: Hashable, Sendable {
    /// What changed, such as `outbox`; without NUL.
    public let topic: String
    /// Narrows the topic, such as a queue's name; may be empty.
    public let key: String
    /// The id of what changed; may be empty.
    public let id: [UInt8]

    /// Creates a wake-up.
    public init(topic: String, key: String = "", id: [UInt8] = []) {
      self.topic = topic
      self.key = key
      self.id = id
    }
  }

  /// Hints sent since the start, after merging equal ones.
  public private(set) var sentTotal = 0

  private struct Pending {
    var hints: Set<Hint> = []
    var isOpen = true
  }

  private let owner: ZeroMQThread
  private let socket: Socket
  private let pending = PthreadMutex(Pending())
  private var lastFlush: ContinuousClock.Instant?

  /// The event thread that owns the socket.
  public nonisolated var unownedExecutor: UnownedSerialExecutor { owner.thread.asUnownedSerialExecutor() }

  /// Creates the socket.
  public init(on owner: ZeroMQThread, security: SocketOptions.Security) throws(ZeroMQError) {
    self.owner = owner
    var options = SocketOptions(security: security)
    options.maximumFrameBytes = MessagingBounds.hintFrameBytes
    socket = try Socket(.publisher, context: owner.context, options: options)
  }

  /// Binds and returns the endpoint with its concrete port, to be announced afterwards.
  public func bind(to endpoint: String) throws(ZeroMQError) -> String {
    try socket.bind(to: endpoint)
  }

  /// Sends hints to the current subscribers, soon. May be called from any thread, which it does not hold up: in a stream of hints most
  /// calls only add to those that are sent next.
  public nonisolated func publish(_ hints: [Hint]) {
    let (isFirst, isMany) = pending.withLock { pending in
      guard pending.isOpen else { return (false, false) }
      let before = pending.hints.count
      for hint in hints where pending.hints.count < MessagingBounds.hintsKept { pending.hints.insert(hint) }
      let many = MessagingBounds.hintsAwaitingFlush
      return (before == 0 && !pending.hints.isEmpty, before < many && pending.hints.count >= many)
    }
    guard isFirst || isMany else { return }
    Task(executorPreference: owner.tasks) { await isMany ? self.flush() : self.scheduleFlush() }
  }

  /// Later hints until then go with these.
  private func scheduleFlush() {
    let rest = lastFlush.map { MessagingBounds.hintFlushPause - (.now - $0) } ?? .zero
    owner.reactor.after(max(MessagingBounds.hintFlushInterval, rest)) { [weak self] in
      self?.assumeIsolated { $0.flush() }
    }
  }

  /// Sends what is pending, and stops sending.
  public func close() {
    flush()
    pending.withLock { $0.isOpen = false }
  }

  private func flush() {
    let hints = pending.withLock { pending -> Set<Hint> in
      guard pending.isOpen else { return [] }
      defer { pending.hints = [] }
      return pending.hints
    }
    lastFlush = .now
    for hint in hints {
      let body = WireHint.with {
        $0.topic = hint.topic
        $0.key = hint.key
        $0.id = Data(hint.id)
      }
      guard let bytes: [UInt8] = try? body.serializedBytes() else { continue }
      let isSent = (try? socket.send([HintTopic.frame(hint.topic), bytes])) ?? false
      if isSent { sentTotal += 1 }
    }
  }
}

/// The first frame of a hint. Subscriptions match by prefix, so a NUL ends the name: `ticket` is not `tickets`.
enum HintTopic {
  static func frame(_ topic: String) -> [UInt8] { Array(topic.utf8) + [0] }
}
