import SystemPrimitives

/// A monotonic clock that a test sets.
final class TestClock: Sendable {
  private let time = PthreadMutex(ContinuousClock.now)

  var now: ContinuousClock.Instant { time.withLock { $0 } }

  func advance(by duration: Duration) { time.withLock { $0 += duration } }
}
