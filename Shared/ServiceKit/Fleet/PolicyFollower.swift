public import DeskCore
internal import EventThread
public import Logging
internal import ServiceLifecycle
public import Store

/// Holds the newest policy and takes over the next one while the service runs.
///
/// A version that this build cannot read is reported and left aside; the desk goes on with the one it has.
public actor PolicyFollower: WatchedService {
  private let store: DeskStore
  private let logger: Logger
  private let task = WatchedTask("policy")
  private let held = PthreadMutex<Policy?>(nil)
  private var newestSeen: Int32 = 0
  private var watchers: [Int: AsyncStream<Policy>.Continuation] = [:]
  private var nextWatcher = 0

  /// How often the database is asked for a newer version.
  public static let interval: Duration = .seconds(1)

  /// Holds nothing until the first look.
  public init(store: DeskStore, logger: Logger) {
    self.store = store
    self.logger = logger
  }

  public nonisolated var tasks: [WatchedTask] { [task] }

  /// The policy that holds; nil until one has been applied.
  public nonisolated var current: Policy? {
    held.withLock { $0 }
  }

  /// Each policy that is taken over, beginning with the current one; only the newest is kept for a slow reader.
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

  /// Looks once for a newer version.
  /// - Throws: `PostgresError`; the version is then looked at again.
  public func look() async throws {
    guard try await store.newestPolicyVersion() > newestSeen, let stored = try await store.newestPolicy() else {
      return
    }
    do {
      let policy = try await stored.policyInForce(in: store)
      held.withLock { $0 = policy }
      logger.info("policy taken over", metadata: ["version": "\(stored.version)", "by": "\(stored.appliedBy)"])
      for continuation in watchers.values { continuation.yield(policy) }
    } catch let error as PolicyMistakes {
      logger.error(
        "policy not taken over: this build cannot read it",
        metadata: ["version": "\(stored.version)", "mistakes": "\(error)"])
    }
    newestSeen = stored.version
  }

  /// Looks every second until shutdown begins.
  public func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        await self.task.attempt(self.logger) { try await self.look() }
        try? await Task.sleep(for: PolicyFollower.interval)
      }
    }
    for continuation in watchers.values { continuation.finish() }
  }
}
