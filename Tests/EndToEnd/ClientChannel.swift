import Dispatch
import TestKit
import ZeroMQ

/// A ZeroMQ client as a channel might write it: it knows intake's framing and nothing else of Frontdesk.
enum ClientChannel {
  /// Sends each request after the answer to the previous one, over one connection.
  static func ask(
    _ requests: [[[UInt8]]], at endpoint: String, kind: Socket.Kind = .dealer, security: SocketOptions.Security
  ) async throws -> [[[UInt8]]?] {
    try await onThread {
      try converse(endpoint, kind, security) { talk in
        try requests.map { try talk.ask($0) }
      }
    }
  }

  private static func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      DispatchQueue.global().async { continuation.resume(with: Result { try body() }) }
    }
  }

  private static func converse<Value>(
    _ endpoint: String, _ kind: Socket.Kind, _ security: SocketOptions.Security,
    _ body: (borrowing Talk) throws -> Value
  ) throws -> Value {
    var options = SocketOptions(security: security)
    options.maximumFrameBytes = 16 << 20
    let socket = try Socket(kind, context: try ZeroMQContext(), options: options)
    try socket.connect(to: endpoint)
    return try body(Talk(socket: socket))
  }

  /// A socket with its reactor, both on the thread that created them.
  private struct Talk: ~Copyable {
    private let socket: Socket
    private let reactor = ZeroMQReactor()
    private let name: ZeroMQReactor.SocketID

    init(socket: consuming Socket) {
      name = reactor.register(socket, interest: []) { _ in }
      self.socket = socket
    }

    func ask(_ frames: [[UInt8]]) throws -> [[UInt8]]? {
      guard try send(frames) else { return nil }
      let deadline = ContinuousClock.now + HangLimit.duration
      reactor.setInterest(.readable, for: name)
      while true {
        if let message = try socket.receive() { return message.frames }
        guard wait(until: deadline) else { return nil }
      }
    }

    func send(_ frames: [[UInt8]]) throws -> Bool {
      let deadline = ContinuousClock.now + HangLimit.duration
      reactor.setInterest(.writable, for: name)
      while try !socket.send(frames) {
        guard wait(until: deadline) else { return false }
      }
      return true
    }

    private func wait(until deadline: ContinuousClock.Instant) -> Bool {
      let left = deadline - .now
      guard left > .zero else { return false }
      reactor.turn(waitingAtMost: left)
      return true
    }
  }
}
