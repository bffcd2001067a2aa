public import DeskCore

/// A process of the desk, as the others find it.
public struct ServiceInstance: Sendable, Hashable {
  /// What the process does now.
  public enum State: String, Sendable, Hashable, CaseIterable {
    case starting, ready, draining
  }

  /// Something that goes wrong in a process again and again.
  public struct Problem: Sendable, Hashable {
    /// The background task that fails, or what else is wrong.
    public let task: String
    /// What kind of failure it is, without anybody's data.
    public let kind: String
    /// How many times in a row.
    public let failures: Int64
    /// How long it had lasted when the process last said so, in seconds.
    public let seconds: Double

    /// Describes a problem.
    public init(task: String, kind: String, failures: Int64, seconds: Double) {
      self.task = task
      self.kind = kind
      self.failures = failures
      self.seconds = seconds
    }
  }

  /// Its identifier, fresh at each start.
  public let id: InstanceID
  /// Which service it is: `intake`, `router`, …
  public let service: String
  /// The build it runs.
  public let build: String
  /// The machine it runs on.
  public let host: String
  /// Its process id there.
  public let processID: Int32
  /// What it does now.
  public var state: State
  /// Where it hands out work, `tcp://…`; nil when it does not.
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
  /// When it last said that it lives.
  public let heartbeatAt: Instant
  /// What goes wrong in it, worst first; at most `StoreBounds.problemsPerInstance`.
  public let problems: [Problem]

  /// Describes an instance.
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
