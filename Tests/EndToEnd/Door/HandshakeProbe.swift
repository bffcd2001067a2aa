import CZeroMQ
import Dispatch

@testable import ZeroMQ

/// Connects to a ZeroMQ socket and determines, from libzmq's monitor events, whether the handshake was completed.
enum HandshakeProbe {
  /// How long to wait for a silent socket before counting it as refusing, in milliseconds.
  private static let patience: Int32 = 3000

  /// - Parameter kind: a socket type compatible with the peer; an incompatible one is refused whatever the keys are.
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
    var wait = patience
    guard zmq_setsockopt(ear, ZMQ_RCVTIMEO, &wait, MemoryLayout<Int32>.size) == 0, zmq_connect(ear, place) == 0
    else { throw ZeroMQError.last("watch a handshake") }
    try socket.connect(to: endpoint)
    // The first frame of an event starts with its number, 16 bits in native byte order; the second names the endpoint.
    var report: UInt16 = 0
    guard zmq_recv(ear, &report, 2, 0) >= 2 else { return false }
    var rest = [UInt8](repeating: 0, count: 256)
    _ = zmq_recv(ear, &rest, rest.count, ZMQ_DONTWAIT)
    return Int32(report) == succeeded
  }
}
