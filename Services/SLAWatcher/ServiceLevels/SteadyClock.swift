import DeskCore
import Logging
import Observability
import ServiceProcess
import SystemPrimitives

/// The database's clock, for decisions that a jump of it must not cause: a jump of an hour would breach every target due within that hour.
///
/// A jump is logged when it occurs, and when it has lasted so long that it is accepted.
final class SteadyClock: Sendable {
  private struct State {
    var jumps = ClockJumpGuard(tolerance: SLAWatcherBounds.clockTolerance, patience: SLAWatcherBounds.jumpPatience)
    var isHeld = false
  }

  private let clock: DatabaseClock
  private let metrics: SLAWatcherMetrics
  private let logger: Logger
  private let counter: @Sendable () -> Duration
  private let state = PthreadMutex(State())

  /// - Parameter counter: the monotonic counter with which the clock is compared, with any origin.
  init(
    _ clock: DatabaseClock, metrics: SLAWatcherMetrics, logger: Logger,
    counter: @escaping @Sendable () -> Duration = SteadyClock.elapsed
  ) {
    self.clock = clock
    self.metrics = metrics
    self.logger = logger
    self.counter = counter
  }

  /// Returns the database's time; nil from a jump until it is reverted or has lasted `SLAWatcherBounds.jumpPatience`.
  func now() -> Instant? {
    let (now, verdict, wasHeld) = state.withLock { state in
      let now = clock.now()
      let verdict = state.jumps.judge(now, counter: counter())
      let wasHeld = state.isHeld
      if case .held = verdict { state.isHeld = true } else { state.isHeld = false }
      return (now, verdict, wasHeld)
    }
    switch verdict {
    case .held(let leap):
      if !wasHeld {
        logger.error(
          "the database's clock jumped; deadlines are suspended until it has been stable",
          metadata: ["seconds": "\(leap.inSeconds)", "patience_seconds": "\(SLAWatcherBounds.jumpPatience.inSeconds)"])
      }
      metrics.clockLeap.set(leap.inSeconds)
      return nil
    case .followed(let leap):
      logger.error("the database's clock was set; deadlines follow it now", metadata: ["seconds": "\(leap.inSeconds)"])
    case .steady: break
    }
    metrics.clockLeap.set(0)
    return now
  }

  /// The database's time as it is, for measurements.
  var latest: Instant { clock.now() }

  private static let start = ContinuousClock.now

  @Sendable static func elapsed() -> Duration { ContinuousClock.now - start }
}
