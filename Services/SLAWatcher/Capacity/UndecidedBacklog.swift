import DeskCore
import ServiceHealth
import SystemPrimitives

/// Whether messages wait for their decision, as `CapacityKeeper` last saw it: background work yields to them.
///
/// A sight that is not renewed ends: no failure of the observation holds such work back.
final class UndecidedBacklog: Sendable {
  private let seen = PthreadMutex<ContinuousClock.Instant?>(nil)

  /// Records what was observed.
  func note(_ observation: CapacityObservation, at now: ContinuousClock.Instant = .now) {
    // A few old messages are being retried, many new ones are on their way: neither is a backlog.
    let waits =
      observation.backlog >= SLAWatcherBounds.backlogThatWaits
      && observation.oldestAge >= SLAWatcherBounds.ageThatWaits
    seen.withLock { $0 = waits ? now : nil }
  }

  /// Whether messages wait.
  func isWaiting(at now: ContinuousClock.Instant = .now) -> Bool {
    seen.withLock { $0 }.map { now - $0 < SLAWatcherBounds.backlogSightHolds } ?? false
  }
}

extension UndecidedBacklog {
  /// A share of the time for bulk work, a fifth of it while messages wait.
  func share(_ share: Double) -> WorkShare {
    WorkShare(share, longestRest: SLAWatcherBounds.longestBulkRest).yielding(to: share / 5) { self.isWaiting() }
  }
}
