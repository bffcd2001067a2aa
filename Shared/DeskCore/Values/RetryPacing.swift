/// When something that fails may be tried again: after the growing pauses of an `ExponentialBackOff`, or after the longer one that the
/// other side asked for (`Retry-After`).
public struct RetryPacing: Hashable, Sendable {
  private var backOff: ExponentialBackOff
  private let longestAsked: Duration
  private var resumesAt: ContinuousClock.Instant?

  /// - Parameters:
  ///   - backOff: the pauses when nothing is asked for.
  ///   - longestAsked: a longer pause that is asked for is cut to this.
  public init(_ backOff: ExponentialBackOff, longestAsked: Duration) {
    self.backOff = backOff
    self.longestAsked = longestAsked
  }

  /// Whether the last attempt failed.
  public var isFailing: Bool { backOff.failures > 0 }

  /// The time until the next attempt; zero after a success.
  public func pause(at now: ContinuousClock.Instant) -> Duration {
    resumesAt.map { max(.zero, $0 - now) } ?? .zero
  }

  /// An attempt succeeded.
  public mutating func succeed() {
    backOff.reset()
    resumesAt = nil
  }

  /// An attempt failed. Attempts that were in progress together count once, unless a later one asks for a pause.
  /// - Parameter asked: the pause that the other side asked for, if any. Never shortens the pause.
  public mutating func fail(
    askedFor asked: Duration?, at now: ContinuousClock.Instant, using random: inout some RandomNumberGenerator
  ) {
    if pause(at: now) > .zero, asked == nil { return }
    let rest = max(backOff.next(using: &random), min(asked ?? .zero, longestAsked))
    resumesAt = max(resumesAt ?? now, now + rest)
  }
}
