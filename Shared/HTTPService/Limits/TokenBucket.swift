/// Limits an average rate per second and a burst.
public struct TokenBucket: Sendable {
  private let perSecond: Double
  private let burst: Double
  private var tokens: Double
  private var filledAt: ContinuousClock.Instant

  /// A full bucket.
  /// - Parameters:
  ///   - perSecond: the refill rate, above 0.
  ///   - burst: the bucket's size, 1 or more.
  public init(perSecond: Double, burst: Double, now: ContinuousClock.Instant) {
    precondition(perSecond > 0 && burst >= 1, "rate and burst must be positive")
    self.perSecond = perSecond
    self.burst = burst
    tokens = burst
    filledAt = now
  }

  /// Takes tokens, all or none. A request for more than the bucket can ever hold succeeds when it is full, and leaves it in debt.
  /// - Returns: nil when they were available, else the time until they will be.
  public mutating func take(_ count: Int, now: ContinuousClock.Instant) -> Duration? {
    if let delay = delay(before: count, now: now) { return delay }
    tokens -= Double(count)
    return nil
  }

  /// Returns the time until a number of tokens can be taken; nil when they can be taken now.
  public mutating func delay(before count: Int, now: ContinuousClock.Instant) -> Duration? {
    let passed = filledAt.duration(to: now)
    if passed > .zero {
      tokens = min(burst, tokens + passed / .seconds(1) * perSecond)
      filledAt = now
    }
    let needed = min(Double(count), burst)
    return tokens >= needed ? nil : .seconds((needed - tokens) / perSecond)
  }
}
