public import DeskCore

/// A process of the desk, as registered.
public struct ServiceInstance: Sendable, Hashable {
  /// The state of the process.
  public enum State: String, Sendable, Hashable, CaseIterable {
    case starting, ready, draining
  }

  /// A recurring problem of a process.
  public struct Problem: Sendable, Hashable {
    /// The source of the problem of commits that no synchronous standby has confirmed.
    public static let unconfirmedCommits = "unconfirmed_commits"
    /// The source of the problem of settings that make commits less durable than promised.
    public static let weakCommits = "weak_commits"

    /// The failing background task, or another source of the problem.
    public let task: String
    /// The kind of failure, without any data.
    public let kind: String
    /// The number of consecutive failures.
    public let failures: Int64
    /// How long it had lasted at the last heartbeat, in seconds.
    public let seconds: Double

    /// Creates a problem.
    public init(task: String, kind: String, failures: Int64, seconds: Double) {
      self.task = task
      self.kind = kind
      self.failures = failures
      self.seconds = seconds
    }
  }

  /// How busy a process was between two heartbeats.
  public struct Load: Sendable, Hashable {
    /// The mean share of its places for work that were in use, 0 to 1.
    public let busyShare: Double
    /// The items that it finished per second.
    public let itemsPerSecond: Double

    /// Describes a load. Values outside of the range become its nearest limit.
    public init(busyShare: Double, itemsPerSecond: Double) {
      self.busyShare = busyShare.isNaN ? 0 : min(max(busyShare, 0), 1)
      self.itemsPerSecond = itemsPerSecond.isNaN ? 0 : min(max(itemsPerSecond, 0), 1e9)
    }
  }

  /// Its identifier, new at each start.
  public let id: InstanceID
  /// Which service it is: `intake`, `router`, …
  public let service: String
  /// The build it runs.
  public let build: String
  /// The machine it runs on.
  public let host: String
  /// Its process id there.
  public let processID: Int32
  /// Its state.
  public var state: State
  /// Where it distributes work, `tcp://…`; nil when it does not.
  public var linkEndpoint: String?
  /// Where it publishes hints, `tcp://…`; nil when it does not.
  public var hintEndpoint: String?
  /// Where it serves HTTP, `http://…`; nil when it does not.
  public var httpEndpoint: String?
  /// Where it serves health and metrics, `http://…`.
  public var operationsEndpoint: String?
  /// The CURVE public key of its sockets, 32 bytes.
  public let curvePublicKey: [UInt8]
  /// When it registered.
  public let startedAt: Instant
  /// When it last sent a heartbeat.
  public let heartbeatAt: Instant
  /// Its problems, worst first; at most `StoreBounds.problemsPerInstance`.
  public let problems: [Problem]

  /// Creates an instance.
  public init(
    id: InstanceID, service: String, build: String, host: String, processID: Int32, state: State,
    linkEndpoint: String?, hintEndpoint: String?, httpEndpoint: String?, operationsEndpoint: String?,
    curvePublicKey: [UInt8], startedAt: Instant, heartbeatAt: Instant, problems: [Problem] = []
  ) {
    self.id = id
    self.service = service
    self.build = build
    self.host = host
    self.processID = processID
    self.state = state
    self.linkEndpoint = linkEndpoint
    self.hintEndpoint = hintEndpoint
    self.httpEndpoint = httpEndpoint
    self.operationsEndpoint = operationsEndpoint
    self.curvePublicKey = curvePublicKey
    self.startedAt = startedAt
    self.heartbeatAt = heartbeatAt
    self.problems = problems
  }
}

/// The identifier of a process of the desk.
public typealias InstanceID = Identifier<ServiceInstance>
