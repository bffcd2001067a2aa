import SwiftProtobuf
import Wire
public import ZeroMQ

/// Receives wake-ups of some topics from the publishers of all given instances.
///
/// When its consumer does not keep up, further hints are dropped: a consumer that is woken checks the database anyway. Call `close()`
/// before releasing the subscriber.
public actor HintSubscriber {
  /// Wake-ups in batches, each hint once per batch of a publisher, for one consumer.
  public nonisolated let hints: BatchQueue<HintPublisher.Hint>

  /// Hints dropped since the start, because the consumer did not keep up.
  public private(set) var droppedTotal = 0

  private let owner: ZeroMQThread
  private let keys: CurveKeyPair?
  private let topics: [[UInt8]]
  private var connections: [LinkPeer: WorkerConnection] = [:]

  /// The event thread that owns the sockets.
  public nonisolated var unownedExecutor: UnownedSerialExecutor { owner.thread.asUnownedSerialExecutor() }

  /// Creates a subscriber without publishers.
  /// - Parameters:
  ///   - topics: the topics to subscribe to, as whole names.
  ///   - keys: the process's CURVE keys; nil connects without CURVE, for tests.
  public init(on owner: ZeroMQThread, topics: [String], keys: CurveKeyPair?) {
    self.owner = owner
    self.keys = keys
    self.topics = topics.map { HintTopic.frame($0) }
    hints = BatchQueue(limit: MessagingBounds.hintsAwaitingTask)
  }

  /// Connects to new instances, and disconnects from those no longer listed.
  public func update(peers: [LinkPeer]) {
    let wanted = Set(peers.prefix(MessagingBounds.upstreamsPerSink))
    for (peer, connection) in connections where !wanted.contains(peer) {
      connection.close()
      connections[peer] = nil
    }
    for peer in wanted where connections[peer] == nil {
      // If connecting to an endpoint fails immediately, it is retried with the next update.
      connections[peer] = try? WorkerConnection(
        .subscriber, to: peer, keys: keys, owner: owner, topics: topics
      ) { [weak self] in self?.assumeIsolated { $0.serve(peer) } }
    }
  }

  /// Disconnects from all publishers and ends `hints`.
  public func close() {
    for connection in connections.values { connection.close() }
    connections = [:]
    hints.finish()
  }

  private func serve(_ peer: LinkPeer) {
    var received: Set<HintPublisher.Hint> = []
    for _ in 0..<ZeroMQBounds.messagesPerReadiness {
      guard let message = connections[peer]?.receive() else { break }
      guard message.frames.count == 2, let hint = try? WireHint(serializedBytes: message.frames[1]) else { continue }
      received.insert(HintPublisher.Hint(topic: hint.topic, key: hint.key, id: Array(hint.id)))
    }
    let room = max(0, hints.limit - hints.count)
    droppedTotal += max(0, received.count - room)
    hints.push(received.prefix(room))
  }
}
