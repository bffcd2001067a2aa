import CZeroMQ
import EventThread

extension SocketOptions {
  /// Sets every option on a fresh socket.
  func apply(to handle: UnsafeMutableRawPointer, isRouter: Bool) throws(ZeroMQError) {
    let target = Target(handle: handle)
    try target.set(ZMQ_LINGER, 0, named: "linger")
    try target.set(ZMQ_SNDHWM, sendHighWaterMark, named: "send high-water mark")
    try target.set(ZMQ_RCVHWM, receiveHighWaterMark, named: "receive high-water mark")
    if receiveBufferBytes > 0 { try target.set(ZMQ_RCVBUF, receiveBufferBytes, named: "receive buffer") }
    try target.set(ZMQ_MAXMSGSIZE, withUnsafeBytes(of: maximumFrameBytes) { Array($0) }, named: "maximum frame size")
    try target.set(ZMQ_IMMEDIATE, Int32(sendsToCompletedConnectionsOnly ? 1 : 0), named: "immediate")
    // Router handover stays off: any accepted peer could take over another's routing id.
    if isRouter { try target.set(ZMQ_ROUTER_MANDATORY, reportsUnreachablePeers ? 1 : 0, named: "router mandatory") }
    try applyTimes(to: target)
    try applyKeepalive(to: target)
    try apply(security, to: target)
  }

  private func applyTimes(to target: Target) throws(ZeroMQError) {
    // No heartbeats of libzmq (4.3.4 and 4.3.5): where a connection ends while its input is stopped at the high-water mark, its next one
    // aborts the process (`Assertion failed: !_io_error`). Links have their own; for all others the kernel watches the connection.
    try target.set(ZMQ_HEARTBEAT_IVL, 0, named: "heartbeat interval")
    try target.set(ZMQ_HANDSHAKE_IVL, handshakeTimeout, named: "handshake timeout")
    try target.set(ZMQ_RECONNECT_IVL, reconnectInterval, named: "reconnect interval")
    try target.set(ZMQ_RECONNECT_IVL_MAX, reconnectIntervalMaximum, named: "longest reconnect interval")
  }

  private func applyKeepalive(to target: Target) throws(ZeroMQError) {
    try target.set(ZMQ_BACKLOG, backlog, named: "backlog")
    try target.set(ZMQ_TCP_MAXRT, acknowledgementTimeout, named: "acknowledgement timeout")
    try target.set(ZMQ_TCP_KEEPALIVE, 1, named: "keepalive")
    try target.set(ZMQ_TCP_KEEPALIVE_IDLE, Int32(clamping: keepaliveIdle.components.seconds), named: "keepalive idle")
    let interval = Int32(clamping: keepaliveInterval.components.seconds)
    try target.set(ZMQ_TCP_KEEPALIVE_INTVL, interval, named: "keepalive interval")
    try target.set(ZMQ_TCP_KEEPALIVE_CNT, keepaliveProbes, named: "keepalive probes")
  }

  private func apply(_ security: Security, to target: Target) throws(ZeroMQError) {
    switch security {
    case .none:
      break
    case .curveServer(let secretKey, let domain):
      try target.set(ZMQ_CURVE_SERVER, 1, named: "CURVE server")
      try target.set(ZMQ_CURVE_SECRETKEY, secretKey.bytes, named: "CURVE secret key")
      try target.set(ZMQ_ZAP_DOMAIN, Array(domain.utf8), named: "ZAP domain")
      // Without it a missing ZAP handler would accept any key.
      try target.set(ZEROMQ_ZAP_ENFORCE_DOMAIN, 1, named: "ZAP enforce domain")
    case .curveClient(let keys, let server):
      try target.set(ZMQ_CURVE_SERVERKEY, server.bytes, named: "CURVE server key")
      try target.set(ZMQ_CURVE_PUBLICKEY, keys.publicKey.bytes, named: "CURVE public key")
      try target.set(ZMQ_CURVE_SECRETKEY, keys.secretKey.bytes, named: "CURVE secret key")
    }
  }
}

/// Setters by type of value.
private struct Target {
  let handle: UnsafeMutableRawPointer

  func set(_ option: Int32, _ value: Int32, named name: String) throws(ZeroMQError) {
    var value = value
    guard zmq_setsockopt(handle, option, &value, MemoryLayout<Int32>.size) == 0 else { throw .last("set \(name)") }
  }

  func set(_ option: Int32, _ value: Duration, named name: String) throws(ZeroMQError) {
    try set(option, value.millisecondsRoundedUp, named: name)
  }

  func set(_ option: Int32, _ value: [UInt8], named name: String) throws(ZeroMQError) {
    guard zmq_setsockopt(handle, option, value, value.count) == 0 else { throw .last("set \(name)") }
  }
}
