import DeskCore
import Logging
import ServiceHealth
import Store

/// The open crisis cases of which an answer is switched on.
///
/// Read from the database periodically, so an answer is sent, or no longer sent, at most one pause after a lead switched it. While reading
/// fails, the last known cases remain in use, and deciding does not wait for it.
actor CrisisAnswers {
  /// The reading task, as operators see it.
  nonisolated let task = WatchedTask("crisis_answers")
  private var cases: [AnsweringCrisis] = []
  private var readAt: ContinuousClock.Instant?

  /// The cases that answer now, as far as is known. Nothing is read under a policy without prepared answers.
  func current(
    under policy: Policy, in store: DeskStore, _ logger: Logger, at now: ContinuousClock.Instant = .now
  ) async -> [AnsweringCrisis] {
    guard !policy.life.crisis.answers.isEmpty else { return [] }
    if readAt.map({ now - $0 >= RouterBounds.crisisPause }) ?? true {
      // Set first: concurrent callers use the previous cases.
      readAt = now
      let read = await task.attempt(logger) {
        try await store.crises.answering(limit: RouterBounds.openCrises)
      }
      if let read { cases = read }
    }
    return cases
  }
}
