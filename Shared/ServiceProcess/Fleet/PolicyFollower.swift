public import DeskCore
public import Logging
internal import PolicyReading
public import ServiceHealth
internal import ServiceLifecycle
public import Store
internal import SystemPrimitives

/// Holds the current policy and adopts newer versions while the service runs.
///
/// A version that this build cannot read is reported and ignored; the desk keeps the one it has.
public actor PolicyFollower: WatchedService {
  private let store: DeskStore
  private let logger: Logger
  private let task = WatchedTask("policy")
  private let held = PthreadMutex<Policy?>(nil)
  private var newestSeen: Int32 = 0
  private var watchers: [Int: AsyncStream<Policy>.Continuation] = [:]
  private var nextWatcher = 0

  /// The polling interval for a newer version.
  public static let interval: Duration = .seconds(1)

  /// Holds nothing until the first poll.
  public init(store: DeskStore, logger: Logger) {
    self.store = store
    self.logger = logger
  }

  public nonisolated var tasks: [WatchedTask] { [task] }

  /// The policy in force; nil until one has been applied.
  public nonisolated var current: Policy? {
    held.withLock { $0 }
  }

  /// Each adopted policy, starting with the current one; only the newest is buffered for a slow reader.
  public func changes() -> AsyncStream<Policy> {
    let (stream, continuation) = AsyncStream.makeStream(of: Policy.self, bufferingPolicy: .bufferingNewest(1))
    let watcher = nextWatcher
    nextWatcher += 1
    watchers[watcher] = continuation
    if let current { continuation.yield(current) }
    continuation.onTermination = { [weak self] _ in
      Task { await self?.forget(watcher) }
    }
    return stream
  }

  private func forget(_ watcher: Int) {
    watchers[watcher] = nil
  }

  /// Polls once for a newer version.
  /// - Throws: `PostgresError`; the version is then read again.
  public func look() async throws {
    // The first time there is nothing to compare with, which saves a round trip of the start.
    if newestSeen > 0 {
      guard try await store.access.newestPolicyVersion() > newestSeen else { return }
    }
    guard let stored = try await store.access.newestPolicy() else { return }
    do {
      let policy = try await stored.policyInForce(in: store)
      held.withLock { $0 = policy }
      logger.info("policy adopted", metadata: ["version": "\(stored.version)", "by": "\(stored.appliedBy)"])
      for continuation in watchers.values { continuation.yield(policy) }
    } catch let error as PolicyMistakes {
      logger.error(
        "policy not adopted: this build cannot read it",
        metadata: ["version": "\(stored.version)", "mistakes": "\(error)"])
    }
    newestSeen = stored.version
  }

  /// Polls every second until shutdown begins.
  public func run() async throws {
    await PeriodicTask(task, every: PolicyFollower.interval, logger: logger).run {
      try await self.look()
      return .regular
    }
    for continuation in watchers.values { continuation.finish() }
  }
}
