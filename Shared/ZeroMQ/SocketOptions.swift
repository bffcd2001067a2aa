/// The options set on a socket before it binds or connects. Linger is always zero: data that must not be lost is in the database, and a
/// process must be able to end at once.
public struct SocketOptions: Sendable {
  /// Which clients may connect, and which server this side trusts.
  public enum Security: Sendable {
    /// No authentication, no encryption: in-process endpoints and loopback tests.
    case none
    /// The side that checks clients: each connection is presented to the ZAP handler under `domain`, and refused when there is no
    /// handler.
    case curveServer(secretKey: CurveSecretKey, domain: String)
    /// The side that authenticates itself: it accepts only that one server.
    case curveClient(keys: CurveKeyPair, server: CurvePublicKey)
  }

  /// Limits on the TCP connections of a bound ROUTER; a connection that exceeds one is closed.
  public struct ConnectionLimits: Sendable, Equatable {
    /// Open connections of one IPv4 address, or of one /64 of IPv6. 1 or more.
    public var connectionsPerAddress: Int
    /// Open connections in total. 1 or more.
    public var connections: Int
    /// Bytes that one connection may have sent without their being read as whole messages: libzmq assembles a message of any number of
    /// frames before it delivers it.
    public var unreadBytesPerConnection: Int
    /// The same for all connections together; beyond it those with the most are closed.
    public var unreadBytes: Int

    public init(
      connectionsPerAddress: Int = 256, connections: Int = 1024, unreadBytesPerConnection: Int, unreadBytes: Int
    ) {
      self.connectionsPerAddress = connectionsPerAddress
      self.connections = connections
      self.unreadBytesPerConnection = unreadBytesPerConnection
      self.unreadBytes = unreadBytes
    }
  }

  /// Authentication and encryption.
  public var security: Security

  /// Whether messages are queued only to completed connections.
  public var sendsToCompletedConnectionsOnly = true

  /// Messages that may wait to be sent, per peer; a safety limit, as credit should control the flow. 1 or more.
  public var sendHighWaterMark: Int32 = 1000

  /// Messages that may wait to be received, per peer. 1 or more.
  public var receiveHighWaterMark: Int32 = 1000

  /// Bytes that the kernel buffers of a connection that is not read; zero leaves it to the kernel.
  public var receiveBufferBytes: Int32 = 0

  /// Limits on the TCP connections of a bound ROUTER; nil sets none.
  public var connectionLimits: ConnectionLimits?

  /// Bytes of one frame; a peer that sends a larger one is disconnected.
  public var maximumFrameBytes: Int64 = 4 << 20

  /// Time within which a handshake must be complete.
  public var handshakeTimeout: Duration = .seconds(5)

  /// Time before the first reconnection attempt.
  public var reconnectInterval: Duration = .milliseconds(100)

  /// The longest time between attempts, reached by doubling.
  public var reconnectIntervalMaximum: Duration = .seconds(2)

  /// Whether a ROUTER reports that a peer is not connected, instead of dropping messages addressed to it.
  public var reportsUnreachablePeers = true

  /// How long sent bytes may stay unacknowledged before the kernel ends the connection.
  public var acknowledgementTimeout: Duration = .seconds(5)

  /// Idle time before the kernel probes a TCP connection.
  public var keepaliveIdle: Duration = .seconds(5)

  /// Time between the kernel's probes.
  public var keepaliveInterval: Duration = .seconds(1)

  /// Unanswered probes before the connection counts as dead.
  public var keepaliveProbes: Int32 = 3

  /// Pending connections of a listener.
  public var backlog: Int32 = 256

  /// The defaults above with the given security.
  public init(security: Security = .none) {
    self.security = security
  }
}
