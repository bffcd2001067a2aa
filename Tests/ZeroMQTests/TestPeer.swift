import EventThread
import TestKit

@testable import ZeroMQ

/// A socket on its own thread that a test drives: sends, and waits for messages.
actor TestPeer {
  nonisolated let owner: ZeroMQThread
  nonisolated let received = BatchQueue<Message>(limit: 100_000)
  nonisolated var unownedExecutor: UnownedSerialExecutor { owner.thread.asUnownedSerialExecutor() }
  private let socket: Socket
  private var registration: ZeroMQReactor.SocketID?
  private var backlog: [Message] = []

  init(_ kind: Socket.Kind, options: SocketOptions = SocketOptions()) throws {
    let context = try ZeroMQContext()
    owner = ZeroMQThread(name: "peer", context: context)
    socket = try Socket(kind, context: context, options: options)
  }

  func connect(to endpoint: String) throws {
    try socket.connect(to: endpoint)
    registration = owner.reactor.register(socket, interest: .readable) { [self] _ in assumeIsolated { $0.drain() } }
  }

  func bind(to endpoint: String) throws -> String {
    let endpoint = try socket.bind(to: endpoint)
    registration = owner.reactor.register(socket, interest: .readable) { [self] _ in assumeIsolated { $0.drain() } }
    return endpoint
  }

  func subscribe(to prefix: [UInt8]) throws { try socket.subscribe(to: prefix) }

  /// Sends as soon as there is a completed connection.
  func send(_ frames: [[UInt8]]) async throws {
    try await eventually("a connection with room for a message") { try socket.send(frames) }
  }

  func trySend(_ frames: [[UInt8]]) throws -> Bool { try socket.send(frames) }

  func next() async -> Message? {
    if backlog.isEmpty {
      var iterator = received.makeAsyncIterator()
      backlog = await iterator.next() ?? []
    }
    return backlog.isEmpty ? nil : backlog.removeFirst()
  }

  func close() async {
    if let registration { owner.reactor.remove(registration) }
    registration = nil
    received.finish()
  }

  private func drain() {
    var batch: [Message] = []
    while batch.count < 256, let message = (try? socket.receive()) ?? nil { batch.append(message) }
    received.push(batch)
  }
}
