import DeskCore
import Logging
import ServiceHealth
import ServiceLifecycle
import ServiceProcess
import Store
import SystemPrimitives

/// Creates a row for every agent of the policy, updates capacities, and ends the sessions of agents who are no longer in it, whenever a
/// policy is adopted.
final class AgentRegistrar: WatchedService {
  private static let pause: Duration = .seconds(1)

  private let store: DeskStore
  private let policy: PolicyFollower
  private let logger: Logger
  private let wakeUp = WakeUpSignal()
  /// The version whose agents have rows.
  private let registered = PthreadMutex<Int32?>(nil)
  let task = WatchedTask("agent_registrar")

  init(store: DeskStore, policy: PolicyFollower, logger: Logger) {
    self.store = store
    self.policy = policy
    self.logger = logger
  }

  var tasks: [WatchedTask] { [task] }

  func run() async throws {
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        for await _ in await self.policy.changes().cancelOnGracefulShutdown() { self.wakeUp.ring() }
      }
      group.addTask {
        await PeriodicTask(self.task, every: Self.pause, wokenBy: self.wakeUp, logger: self.logger).run {
          try await self.runOnce()
          return .regular
        }
      }
      await group.waitForAll()
    }
  }

  /// Registers the agents of the current policy, unless that was done.
  func runOnce() async throws {
    guard let newest = policy.current, registered.withLock({ $0 != newest.version }) else { return }
    try await store.matching.adoptAgents(of: newest)
    let ended = try await store.access.endSessions(ofOthersThan: newest.agents.keys.sorted())
    if ended > 0 {
      logger.notice("sessions of agents who are not in the policy were ended", metadata: ["sessions": "\(ended)"])
    }
    registered.withLock { $0 = newest.version }
  }
}
