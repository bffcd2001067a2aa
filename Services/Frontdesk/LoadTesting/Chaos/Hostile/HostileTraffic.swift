import CommandLineTool
import Curl
import DeskCore
import EventThread
import Foundation
import NIOCore
import ZeroMQ

/// The traffic of hostile clients. All of it has valid protocol framing: nothing is refused for its format alone.
enum HostileTraffic {
  // MARK: On connections that never read

  /// Returns pipelined requests without a key whose answers are large.
  static func unreadRequests(_ count: Int) -> ByteBuffer {
    ByteBuffer(string: String(repeating: "GET /openapi.json HTTP/1.1\r\nHost: desk\r\n\r\n", count: count))
  }

  /// Returns a request that announces a body and sends all of it but the last byte.
  static func unfinishedRequest(key: String, bodyBytes: Int) -> ByteBuffer {
    var buffer = ByteBuffer(
      string: """
        POST /v1/messages HTTP/1.1\r
        Host: desk\r
        Authorization: Bearer \(key)\r
        Content-Type: application/json\r
        Content-Length: \(bodyBytes)\r
        \r

        """)
    buffer.writeRepeatingByte(UInt8(ascii: "["), count: bodyBytes - 1)
    return buffer
  }

  /// Returns a request for an agent's event stream.
  static func stream(key: String) -> ByteBuffer {
    ByteBuffer(
      string: "GET /v1/agents/me/stream HTTP/1.1\r\nHost: desk\r\nAuthorization: Bearer \(key)\r\n\r\n")
  }

  // MARK: At high rates

  /// Sends requests with invalid keys until cancelled.
  /// - Parameter perSecond: the rate; each request has another key.
  static func wrongKeys(at url: String, perSecond: Int) async throws {
    let client = try HTTPClient()
    let pause = Duration.seconds(1) / perSecond
    await withDiscardingTaskGroup { group in
      while !Task.isCancelled {
        group.addTask {
          // The answer is ignored: only the other clients' answers matter.
          _ = try? await client.send(
            HTTPClient.Request(
              method: "GET", url: "\(url)/v1/gateway",
              headers: ["Authorization": "Bearer \(KeySecret.random().text)"], timeout: LoadBounds.requestTimeout))
        }
        try? await Task.sleep(for: pause)
      }
      group.cancelAll()
    }
    await client.shutDown()
  }

  /// Sends batches of new messages as fast as they are accepted, until cancelled.
  /// - Parameters:
  ///   - connections: the number of concurrent requests.
  ///   - prefix: the prefix of their ids; each has its own customer.
  /// - Returns: the latencies of the answered requests.
  @discardableResult
  static func messages(at url: String, key: String, connections: Int, prefix: String) async throws -> [Duration] {
    let client = try HTTPClient(configuration: .init(maximumConnectionsPerHost: connections))
    let waits = await withTaskGroup(of: [Duration].self) { group in
      for number in 0..<connections {
        group.addTask {
          var round = 0
          var waits: [Duration] = []
          while !Task.isCancelled {
            round += 1
            let batch = (0..<ChaosBounds.floodBatch).map { "\(prefix)\(number)-\(round)-\($0)" }
            let body =
              "["
              + batch.map { #"{"id":"\#($0)","customer":"\#($0)","text":"Where is it?"}"# }
              .joined(separator: ",") + "]"
            // A refusal is followed by the next attempt at once, which makes it hostile.
            let begun = ContinuousClock.now
            let answer = try? await client.send(
              HTTPClient.Request(
                method: "POST", url: "\(url)/v1/messages",
                headers: ["Authorization": "Bearer \(key)", "Content-Type": "application/json"], body: Array(body.utf8),
                timeout: LoadBounds.requestTimeout, maximumResponseBytes: LoadBounds.answerBytes))
            if answer != nil { waits.append(begun.duration(to: .now)) }
          }
          return waits
        }
      }
      return await group.reduce(into: []) { $0 += $1 }
    }
    await client.shutDown()
    return waits
  }
}

/// A channel's socket that sends messages of many large frames and reads nothing.
actor ManyFrames {
  private let owner: ZeroMQThread
  private let socket: Socket

  nonisolated var unownedExecutor: UnownedSerialExecutor { owner.thread.asUnownedSerialExecutor() }

  init(on owner: ZeroMQThread, endpoint: String, server: CurvePublicKey, keys: CurveKeyPair) async throws {
    self.owner = owner
    socket = try Socket(
      .dealer, context: owner.context, options: SocketOptions(security: .curveClient(keys: keys, server: server)))
    try socket.connect(to: endpoint)
  }

  /// Queues one message; libzmq sends it in the background, and again after the server closed the connection.
  /// - Returns: whether there was room for it; there is none before the handshake is complete.
  func send(frames: Int, ofBytes bytes: Int) throws -> Bool {
    try socket.send(Array(repeating: [UInt8](repeating: UInt8(ascii: "["), count: bytes), count: frames))
  }

  /// Sends messages, each as soon as there is room, until cancelled or done.
  func flood(_ messages: Int, frames: Int, ofBytes bytes: Int) async throws {
    for _ in 0..<messages {
      while try !send(frames: frames, ofBytes: bytes) { try await Task.sleep(for: ChaosBounds.lookInterval) }
    }
  }

  /// Runs a body with a socket on its own thread, which ends afterwards.
  static func with(
    endpoint: String, server: CurvePublicKey, keys: CurveKeyPair, _ body: (ManyFrames) async throws -> Void
  ) async throws {
    let thread = ZeroMQThread(context: try ZeroMQContext())
    do {
      let frames = try await ManyFrames(on: thread, endpoint: endpoint, server: server, keys: keys)
      try await body(frames)
    } catch {
      await thread.stop()
      throw error
    }
    await thread.stop()
  }
}
