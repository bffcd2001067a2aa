import DeskCore
import Logging
import ServiceHealth
import ServiceProcess
import Store
import SystemPrimitives

/// Opens a crisis case when the policy's signs of one appear: several hot kinds at once, a surge over all kinds, many angry customers, or
/// grave words. The leader does it; people end cases.
struct CrisisWatcher: LeaderService {
  let store: DeskStore
  let clock: DatabaseClock
  let policy: PolicyFollower
  let leadership: Leadership
  let logger: Logger
  /// Is called when something was added to the outbox.
  let wakeOutbox: @Sendable () async -> Void
  let task = WatchedTask("crises")

  var periodic: PeriodicTask {
    PeriodicTask(
      task, every: SLAWatcherBounds.learningPause, limitedTo: SLAWatcherBounds.watchingShare, logger: logger)
  }

  func round(fencedBy _: Fence) async throws -> PeriodicTask.Pause {
    try await round()
    return .regular
  }

  /// Runs one round.
  /// - Returns: the cases that it opened.
  @discardableResult
  func round() async throws -> [CrisisCase] {
    guard let policy = policy.current else { return [] }
    let rules = policy.life.crisis
    let causes = rules.causes(in: try await store.crises.signals(expecting: rules.surge))
    guard !causes.isEmpty else { return [] }
    let resting = try await store.crises.restingCauses(rest: rules.rest)
    var opened: [CrisisCase] = []
    var failures = FirstFailure()
    var random = SystemRandom()
    let now = clock.now()
    for (cause, evidence) in causes where !resting.contains(cause) {
      let crisis = CrisisCase(
        id: IdentifierSource.process.next(at: now, using: &random), cause: cause, evidence: evidence,
        by: .service(SLAWatcherService.name), under: rules, now: now)
      let notices = crisis.notices(of: .crisisOpened, under: policy, at: now, using: &random)
      await failures.attempt {
        if try await store.crises.open(crisis, notifying: notices) { opened.append(crisis) }
      }
    }
    if !opened.isEmpty {
      // Topics are names of the policy, not customers' text.
      logger.warning("crisis cases were opened", metadata: ["causes": "\(opened.map(\.cause.text).sorted())"])
      await wakeOutbox()
    }
    try failures.rethrow()
    return opened
  }
}
