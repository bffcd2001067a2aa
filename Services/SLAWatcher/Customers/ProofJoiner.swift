import DeskCore
import Logging
import ServiceHealth
import ServiceProcess
import Store

/// Makes customers one person who have the same verified email address, telephone number or account. The leader does it, after their
/// messages were accepted: accepting only records a proof, so that no message waits for a comparison.
struct ProofJoiner: LeaderService {
  let store: DeskStore
  let policy: PolicyFollower
  let leadership: Leadership
  let metrics: SLAWatcherMetrics
  let logger: Logger
  let task = WatchedTask("proof_joiner")

  var periodic: PeriodicTask { PeriodicTask(task, every: SLAWatcherBounds.proofPause, logger: logger) }

  func round(fencedBy _: Fence) async throws -> PeriodicTask.Pause {
    try await round() == SLAWatcherBounds.proofsPerRound ? .none : .regular
  }

  /// Settles the new proofs, each in its own transaction. Without a policy nothing is trusted, so they wait.
  /// - Returns: how many were settled.
  /// - Throws: the first failure, after every proof was tried.
  @discardableResult
  func round() async throws -> Int {
    guard let policy = policy.current else { return 0 }
    let trusted = policy.trustedProofs
    var settled = 0
    var failures = FirstFailure()
    for proof in try await store.privacy.newProofs(limit: SLAWatcherBounds.proofsPerRound) {
      await failures.attempt {
        for outcome in try await store.privacy.join(by: proof, trusted: trusted) { metrics.compared(outcome) }
        settled += 1
      }
    }
    try failures.rethrow()
    return settled
  }
}
