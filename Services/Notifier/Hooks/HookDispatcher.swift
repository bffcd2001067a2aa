import DeskCore
import Logging
import Messaging
import ServiceHealth
import ServiceLifecycle
import ServiceProcess
import Store
import SystemPrimitives
import ZeroMQ

/// Runs one worker for each hook of the policy that is neither paused nor held.
final class HookDispatcher: WatchedService {
  private let store: DeskStore
  private let policy: PolicyFollower
  private let hintSubscriber: HintSubscriber
  private let held: HeldHooks
  private let logger: Logger
  private let makeWorker: @Sendable (Hook) -> HookWorker
  private let pausing = WatchedTask("paused_hooks")
  private let workers = PthreadMutex<[HookID: HookWorker]>([:])

  init(
    store: DeskStore, policy: PolicyFollower, hintSubscriber: HintSubscriber, held: HeldHooks, logger: Logger,
    makeWorker: @escaping @Sendable (Hook) -> HookWorker
  ) {
    self.store = store
    self.policy = policy
    self.hintSubscriber = hintSubscriber
    self.held = held
    self.logger = logger
    self.makeWorker = makeWorker
  }

  var tasks: [WatchedTask] { [pausing, held.task] + atWork.flatMap(\.tasks) }

  /// The current workers, by hook.
  var atWork: [HookWorker] { workers.withLock { $0.values.sorted { $0.hook.id < $1.hook.id } } }

  private var periodic: PeriodicTask { PeriodicTask(pausing, every: NotifierBounds.settlePause, logger: logger) }

  /// Ends when every delivery in progress has ended.
  func run() async throws {
    let (started, start) = AsyncStream.makeStream(of: HookWorker.self)
    await withDiscardingTaskGroup { group in
      group.addTask {
        await self.periodic.run { try await self.settle { start.yield($0) } }
        for worker in self.atWork { worker.stop() }
        start.finish()
        await self.hintSubscriber.close()
      }
      group.addTask {
        for await _ in self.hintSubscriber.hints {
          for worker in self.atWork { worker.wake() }
        }
      }
      for await worker in started {
        group.addTask { await worker.run() }
      }
    }
  }

  /// Runs one turn of the loop.
  /// - Parameter start: is given each new worker, to run it.
  func runOnce(starting start: (HookWorker) -> Void) async -> PeriodicTask.Turn {
    await periodic.runOnce { try await settle(starting: start) }
  }

  /// Adapts the workers to the policy and to the hooks' switches. The current ones continue while the database does not respond.
  private func settle(starting start: (HookWorker) -> Void) async throws -> PeriodicTask.Pause {
    guard let policy = policy.current else { return .regular }
    // One that ended after a 410 has recorded a pause by then, unless that failed. It is replaced only in the latter case.
    let ended = Set(atWork.filter(\.hasEnded).map(\.hook.id))
    await held.update(policy.hooks.compactMapValues(\.holdReason))
    let paused = try await store.hooks.pausedHooks()
    let wanted = policy.hooks.filter { !paused.contains($0.key) && $0.value.holdReason == nil }
    var current = workers.withLock { $0 }
    for (id, worker) in current where wanted[id] != worker.hook || ended.contains(id) {
      worker.stop()
      current[id] = nil
    }
    for (id, hook) in wanted where current[id] == nil {
      let worker = makeWorker(hook)
      current[id] = worker
      start(worker)
    }
    workers.withLock { [current] in $0 = current }
    return .regular
  }
}
