import DeskCore

/// How much may be sent to a hook now, given its earlier outcomes.
///
/// A failing hook is left alone for a while, then tried with one delivery; when that succeeds, all its lanes open again. So an endpoint
/// that is down costs one attempt at a time, and its deliveries do not use up their schedules all at once.
struct HookBackOff: Sendable, Equatable {
  private var backOff = ExponentialBackOff(
    from: NotifierBounds.firstRest, upTo: NotifierBounds.longestRest, jitter: NotifierBounds.restJitter)
  private var until: ContinuousClock.Instant?

  /// Returns how many more deliveries may be in progress.
  /// - Parameters:
  ///   - limit: the policy's limit.
  ///   - underWay: the number in progress.
  func room(limit: Int, underWay: Int, now: ContinuousClock.Instant) -> Int {
    guard backOff.failures > 0 else { return max(0, limit - underWay) }
    if let until, until > now { return 0 }
    return max(0, 1 - underWay)
  }

  /// A delivery succeeded.
  mutating func succeeded() {
    backOff.reset()
    until = nil
  }

  /// A delivery failed.
  /// - Parameter asked: the delay that the endpoint requested.
  mutating func failed(
    askedFor asked: Duration?, now: ContinuousClock.Instant, using random: inout some RandomNumberGenerator
  ) {
    // Concurrent deliveries that fail together count once.
    if let until, until > now, asked == nil { return }
    let rest = max(backOff.next(using: &random), min(asked ?? .zero, NotifierBounds.longestAskedRest))
    until = max(until ?? now, now + rest)
  }
}
