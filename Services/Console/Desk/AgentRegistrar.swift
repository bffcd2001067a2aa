import DeskCore
import Logging
import ServiceKit
import ServiceLifecycle
import Store

/// Gives every agent of the policy a row, and takes over capacities, whenever a policy is taken over.
struct AgentRegistrar: Service {
  static let retryPause: Duration = .seconds(1)

  let store: DeskStore
  let policy: PolicyFollower
  let logger: Logger

  func run() async throws {
    for await newest in await policy.changes().cancelOnGracefulShutdown() {
      await adopt(newest)
    }
  }

  private func adopt(_ newest: Policy) async {
    // A newer version ends the attempts for this one.
    while !Task.isCancelled, !Task.isShuttingDownGracefully, policy.current?.version == newest.version {
      do {
        try await store.adoptAgents(of: newest)
        return
      } catch {
        logger.debug("agents were not taken over yet", metadata: ["error": "\(error)"])
        try? await Task.sleep(for: AgentRegistrar.retryPause)
      }
    }
  }
}
