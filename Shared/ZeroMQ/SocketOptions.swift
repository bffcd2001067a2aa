/// What a socket is told before it binds or connects. Linger is always zero: whatever must not be lost is in the
/// database, and a process must be able to end at once.
public struct SocketOptions: Sendable {
  /// Who may connect, and whom this side trusts.
  public enum Security: Sendable {
    /// No authentication, no encryption: in-process endpoints and loopback tests.
    case none
    /// The side that checks clients: each connection is put before the ZAP handler under `domain`, and refused when
    /// there is no handler.
    case curveServer(secretKey: CurveSecretKey, domain: String)
    /// The side that proves itself: it accepts that one server only.
    case curveClient(keys: CurveKeyPair, server: CurvePublicKey)
  }

  /// What the TCP connections of a bound ROUTER may take; a connection beyond it is ended.
  public struct ConnectionLimits: Sendable, Equatable {
    /// Open connections of one IPv4 address, or of one /64 of IPv6. 1 or more.
    public var connectionsPerAddress: Int
    /// Open connections of all. 1 or more.
    public var connections: Int
    /// Bytes that one connection may have sent without their being read as whole messages: libzmq assembles a message of any number of
    /// frames before it shows it.
    public var unreadBytesPerConnection: Int
    /// The same for all connections together; beyond it those with the most are ended.
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

  /// Whether messages queue only to connections that are complete.
  public var sendsToCompletedConnectionsOnly = true

  /// Messages that may wait for sending, per peer; a fuse, the flow is to be controlled by credit. 1 or more.
  public var sendHighWaterMark: Int32 = 1000

  /// Messages that may wait for receiving, per peer. 1 or more.
  public var receiveHighWaterMark: Int32 = 1000

  /// Bytes that the kernel keeps of a connection that is not read; zero leaves it to the kernel.
  public var receiveBufferBytes: Int32 = 0

  /// What the TCP connections of a bound ROUTER may take; nil sets no bound.
  public var connectionLimits: ConnectionLimits?

  /// Bytes of one frame; a peer that sends a bigger one is disconnected.
  public var maximumFrameBytes: Int64 = 4 << 20

  /// Time between transport heartbeats; zero sends none.
  public var heartbeatInterval: Duration = .milliseconds(500)

  /// A peer that does not answer a heartbeat within this time is disconnected.
  public var heartbeatTimeout: Duration = .milliseconds(1500)

  /// Time in which a handshake must be complete.
  public var handshakeTimeout: Duration = .seconds(5)

  /// Time before the first attempt to connect again.
  public var reconnectInterval: Duration = .milliseconds(100)

  /// The longest time between attempts, reached by doubling.
  public var reconnectIntervalMaximum: Duration = .seconds(2)

  /// Whether a ROUTER says that a peer is not connected, instead of dropping what is addressed to it.
  public var reportsUnreachablePeers = true

  /// Idle time before the kernel probes a TCP connection.
  public var keepaliveIdle: Duration = .seconds(30)

  /// Time between the kernel's probes.
  public var keepaliveInterval: Duration = .seconds(10)

  /// Probes without an answer before the connection counts as dead.
  public var keepaliveProbes: Int32 = 3

  /// Pending connections of a listener.
  public var backlog: Int32 = 256

  /// The defaults above with the given security.
  public init(security: Security = .none) {
    self.security = security
  }
}
