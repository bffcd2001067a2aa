internal import DeskCore

/// When the next export may begin. Pure: time and randomness are arguments.
struct ExportPace: Sendable, Equatable {
  private var backOff = ExponentialBackOff(from: TracingBounds.firstPause, upTo: TracingBounds.longestPause)
  private var resumesAt: ContinuousClock.Instant?

  /// The time until the next export may begin; zero after a success.
  func pause(at now: ContinuousClock.Instant) -> Duration {
    resumesAt.map { max(.zero, $0 - now) } ?? .zero
  }

  /// - Parameter asked: the collector's `Retry-After`, which replaces a shorter pause.
  mutating func fail(
    at now: ContinuousClock.Instant, asked: Duration?, using random: inout some RandomNumberGenerator
  ) {
    let own = backOff.next(using: &random)
    resumesAt = now + max(own, min(asked ?? .zero, TracingBounds.longestAskedPause))
  }

  mutating func succeed() {
    backOff.reset()
    resumesAt = nil
  }
}
