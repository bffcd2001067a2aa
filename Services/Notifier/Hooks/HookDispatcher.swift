import DeskCore
import EventThread
import Logging
import Messaging
import ServiceKit
import ServiceLifecycle
import Store
import ZeroMQ

/// Runs one worker for each hook of the policy that is neither paused nor held.
struct HookDispatcher: WatchedService {
  let store: DeskStore
  let policy: PolicyFollower
  let hintSubscriber: HintSubscriber
  let held: HeldHooks
  let logger: Logger
  let makeWorker: @Sendable (Hook) -> HookWorker
  let pausing = WatchedTask("paused_hooks")
  private let atWork = PthreadMutex<[HookWorker]>([])

  var tasks: [WatchedTask] { [pausing, held.task] + atWork.withLock { $0 }.flatMap(\.tasks) }

  private enum Signal {
    /// Check whether the policy or the hooks' switches have changed.
    case settle
    /// Something may be due.
    case wake
  }

  /// Ends when every delivery in progress has ended.
  func run() async throws {
    let (signals, signal) = AsyncStream.makeStream(of: Signal.self, bufferingPolicy: .bufferingNewest(8))
    await withDiscardingTaskGroup { group in
      group.addTask {
        await cancelWhenGracefulShutdown {
          while !Task.isCancelled {
            signal.yield(.settle)
            try? await Task.sleep(for: NotifierBounds.settlePause)
          }
        }
        signal.finish()
        await hintSubscriber.close()
      }
      group.addTask {
        for await _ in hintSubscriber.hints { signal.yield(.wake) }
      }
      var workers: [HookID: HookWorker] = [:]
      for await next in signals {
        switch next {
        case .wake:
          for worker in workers.values { worker.wake() }
        case .settle:
          let wanted = await wantedHooks(besides: workers.mapValues(\.hook))
          for (id, worker) in workers where wanted[id] != worker.hook {
            worker.stop()
            workers[id] = nil
          }
          for (id, hook) in wanted where workers[id] == nil {
            let worker = makeWorker(hook)
            workers[id] = worker
            group.addTask { await worker.run() }
          }
          atWork.withLock { [workers] in $0 = workers.values.sorted { $0.hook.id < $1.hook.id } }
        }
      }
      for worker in workers.values { worker.stop() }
    }
  }

  /// The hooks to deliver to; the current ones while the database does not respond.
  private func wantedHooks(besides current: [HookID: Hook]) async -> [HookID: Hook] {
    guard let policy = policy.current else { return current }
    await held.update(policy.hooks.compactMapValues(\.holdReason))
    guard let paused = await pausing.attempt(logger, { try await store.pausedHooks() }) else { return current }
    return policy.hooks.filter { !paused.contains($0.key) && $0.value.holdReason == nil }
  }
}
