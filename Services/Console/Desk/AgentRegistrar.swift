import DeskCore
import Logging
import ServiceKit
import ServiceLifecycle
import Store

/// Creates a row for every agent of the policy, and updates capacities, whenever a policy is adopted.
struct AgentRegistrar: WatchedService {
  static let retryPause: Duration = .seconds(1)

  let store: DeskStore
  let policy: PolicyFollower
  let logger: Logger
  let task = WatchedTask("agent_registrar")

  var tasks: [WatchedTask] { [task] }

  func run() async throws {
    for await newest in await policy.changes().cancelOnGracefulShutdown() {
      await adopt(newest)
    }
  }

  private func adopt(_ newest: Policy) async {
    // A newer version ends the attempts for this one.
    while !Task.isCancelled, !Task.isShuttingDownGracefully, policy.current?.version == newest.version {
      if await task.attempt(logger, { try await store.adoptAgents(of: newest) }) != nil { return }
      try? await Task.sleep(for: AgentRegistrar.retryPause)
    }
  }
}
