import Foundation
import SwiftProtobuf
import Wire
public import ZeroMQ

/// Sends wake-ups to its subscribers: "check the database, something of this topic has changed".
///
/// They may be lost, so only the time until the next check may depend on them. Equal hints within a millisecond are merged. Call
/// `close()` before releasing the publisher.
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

  private let owner: ZeroMQThread
  private let socket: Socket
  private var pending: Set<Hint> = []
  private var isOpen = true
  private var isFlushScheduled = false

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

  /// Sends hints to the current subscribers.
  public func publish(_ hints: [Hint]) {
    guard isOpen else { return }
    for hint in hints {
      pending.insert(hint)
      if pending.count >= MessagingBounds.hintsAwaitingFlush { flush() }
    }
    guard !pending.isEmpty, !isFlushScheduled else { return }
    isFlushScheduled = true
    owner.reactor.after(MessagingBounds.hintFlushInterval) { [weak self] in
      self?.assumeIsolated {
        $0.isFlushScheduled = false
        $0.flush()
      }
    }
  }

  /// Stops sending.
  public func close() {
    flush()
    isOpen = false
  }

  private func flush() {
    guard isOpen else { return }
    for hint in pending {
      let body = WireHint.with {
        $0.topic = hint.topic
        $0.key = hint.key
        $0.id = Data(hint.id)
      }
      guard let bytes: [UInt8] = try? body.serializedBytes() else { continue }
      let isSent = (try? socket.send([HintTopic.frame(hint.topic), bytes])) ?? false
      if isSent { sentTotal += 1 }
    }
    pending.removeAll(keepingCapacity: true)
  }
}

/// The first frame of a hint. Subscriptions match by prefix, so a NUL ends the name: `ticket` is not `tickets`.
enum HintTopic {
  static func frame(_ topic: String) -> [UInt8] { Array(topic.utf8) + [0] }
}
