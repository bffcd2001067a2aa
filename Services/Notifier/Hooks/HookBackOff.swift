/// How much may be sent to a hook now, after how it went before.
///
/// A hook that fails is left alone for a while, then tried with one delivery; when that arrives, all its lanes open again. So
/// an endpoint that is down costs one attempt in a while, and its deliveries do not use up their schedules all at once.
struct HookRest: Sendable, Equatable {
  private var failures = 0
  private var until: ContinuousClock.Instant?

  /// How many more may be under way.
  /// - Parameters:
  ///   - limit: what the policy allows.
  ///   - underWay: how many are.
  func room(limit: Int, underWay: Int, now: ContinuousClock.Instant) -> Int {
    guard failures > 0 else { return max(0, limit - underWay) }
    if let until, until > now { return 0 }
    return max(0, 1 - underWay)
  }

  /// A delivery arrived.
  mutating func succeeded() {
    failures = 0
    until = nil
  }

  /// A delivery did not arrive.
  /// - Parameter asked: what the endpoint asked for.
  mutating func failed(askedFor asked: Duration?, now: ContinuousClock.Instant) {
    // Deliveries that were under way together and fail together count once.
    if let until, until > now, asked == nil { return }
    failures += 1
    let doubled = NotifierBounds.firstRest * (1 << min(failures - 1, 10))
    let rest = max(min(doubled, NotifierBounds.longestRest), min(asked ?? .zero, NotifierBounds.longestAskedRest))
    until = max(until ?? now, now + rest)
  }
}
