import CZeroMQ
import Dispatch
import TestKit

@testable import ZeroMQ

/// Connects to a ZeroMQ socket and determines, from libzmq's monitor events, whether the handshake was completed. A refusal is an event,
/// too: the peer's ERROR command, or the end of the connection.
enum HandshakeProbe {
  /// - Parameter kind: a socket type compatible with the peer; an incompatible one is refused whatever the keys are.
  /// - Throws: `HangError` when the handshake neither succeeds nor fails.
  static func isLetIn(at endpoint: String, as kind: Socket.Kind, security: SocketOptions.Security) async throws -> Bool
  {
    try await withCheckedThrowingContinuation { continuation in
      DispatchQueue.global().async {
        continuation.resume(with: Result { try knock(endpoint, kind, security) })
      }
    }
  }

  private static func knock(
    _ endpoint: String, _ kind: Socket.Kind, _ security: SocketOptions.Security
  ) throws -> Bool {
    let context = try ZeroMQContext()
    let socket = try Socket(kind, context: context, options: SocketOptions(security: security))
    let succeeded = Int32(ZMQ_EVENT_HANDSHAKE_SUCCEEDED)
    let failed = [
      ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL, ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL, ZMQ_EVENT_HANDSHAKE_FAILED_AUTH,
      ZMQ_EVENT_DISCONNECTED,
    ].reduce(0) { $0 | Int32($1) }
    let place = "inproc://handshake"
    guard zmq_socket_monitor(socket.handle, place, succeeded | failed) == 0,
      let ear = zmq_socket(context.handle, ZMQ_PAIR)
    else { throw ZeroMQError.last("watch a handshake") }
    defer { zmq_close(ear) }
    var wait = HangLimit.milliseconds
    guard zmq_setsockopt(ear, ZMQ_RCVTIMEO, &wait, MemoryLayout<Int32>.size) == 0, zmq_connect(ear, place) == 0
    else { throw ZeroMQError.last("watch a handshake") }
    try socket.connect(to: endpoint)
    // The first frame of an event starts with its number, 16 bits in native byte order; the second names the endpoint.
    var report: UInt16 = 0
    guard zmq_recv(ear, &report, 2, 0) >= 2 else { throw HangError("the end of a handshake at \(endpoint)") }
    var rest = [UInt8](repeating: 0, count: 256)
    _ = zmq_recv(ear, &rest, rest.count, ZMQ_DONTWAIT)
    return Int32(report) == succeeded
  }
}
