/// The state of a source at one point in time, for metrics and operators.
public struct WorkSourceSnapshot: Equatable, Sendable {
  /// One connected worker.
  public struct Worker: Equatable, Sendable {
    /// The instance's name.
    public var service: String
    /// Its instance.
    public var instanceID: String
    /// Items that it holds.
    public var heldCount: Int
    /// Items that it would accept at once.
    public var credit: Int
  }

  /// Items waiting for a worker.
  public var waitingCount = 0
  /// Items held by workers.
  public var inFlightCount = 0
  /// Finished items whose outcome the service has not consumed yet.
  public var unreportedCount = 0
  /// The age of the oldest item, in seconds; 0 without items.
  public var oldestAge: Duration = .zero
  /// The connected workers.
  public var workers: [Worker] = []
  /// Since the start: items handed out again after a refusal or a lost worker.
  public var redeliveredTotal = 0
  /// Since the start: items offered again while they were held.
  public var duplicateTotal = 0
  /// Since the start: DONE for items that were no longer held.
  public var lateDoneTotal = 0
  /// Since the start: finished items.
  public var doneTotal = 0
  /// Since the start: items reported as failed.
  public var failedTotal = 0
  /// Since the start: items reported as expired.
  public var expiredTotal = 0
  /// Since the start: workers that fell silent or were unreachable.
  public var lostWorkersTotal = 0
  /// Since the start: messages that were not link messages.
  public var malformedTotal = 0

  /// Creates a snapshot of a source without items and workers.
  public init() {}

  /// Whether a worker has asked for items.
  public var hasWorker: Bool { workers.contains { $0.credit > 0 || $0.heldCount > 0 } }

  /// The total credit of all workers.
  public var credit: Int { workers.reduce(0) { $0 + $1.credit } }
}
