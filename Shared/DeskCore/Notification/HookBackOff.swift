/// How much may be sent to a hook now, given its earlier outcomes.
///
/// A failing hook is left alone for a while, then tried with one delivery; when that succeeds, all its lanes open again. So an endpoint
/// that is down costs one attempt at a time, and its deliveries do not use up their schedules all at once.
package struct HookBackOff: Sendable, Equatable {
  private var pacing: RetryPacing

  /// - Parameter pacing: the pauses of a failing hook.
  package init(_ pacing: RetryPacing) { self.pacing = pacing }

  /// Returns how many more deliveries may be in progress.
  /// - Parameters:
  ///   - limit: the policy's limit.
  ///   - underWay: the number in progress.
  package func room(limit: Int, underWay: Int, now: ContinuousClock.Instant) -> Int {
    guard pacing.isFailing else { return max(0, limit - underWay) }
    return pacing.pause(at: now) > .zero ? 0 : max(0, 1 - underWay)
  }

  /// A delivery succeeded.
  package mutating func succeeded() {
    pacing.succeed()
  }

  /// A delivery failed.
  /// - Parameter asked: the delay that the endpoint requested.
  package mutating func failed(
    askedFor asked: Duration?, now: ContinuousClock.Instant, using random: inout some RandomNumberGenerator
  ) {
    pacing.fail(askedFor: asked, at: now, using: &random)
  }
}
