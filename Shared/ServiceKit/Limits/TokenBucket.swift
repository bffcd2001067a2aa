/// Lets through so much a second on average, and a burst at once.
public struct TokenBucket: Sendable {
  private let perSecond: Double
  private let burst: Double
  private var tokens: Double
  private var filledAt: ContinuousClock.Instant

  /// A full bucket.
  /// - Parameters:
  ///   - perSecond: what flows in, above 0.
  ///   - burst: what it holds, 1 or more.
  public init(perSecond: Double, burst: Double, now: ContinuousClock.Instant) {
    precondition(perSecond > 0 && burst >= 1, "a bucket lets something through")
    self.perSecond = perSecond
    self.burst = burst
    tokens = burst
    filledAt = now
  }

  /// Takes tokens, all or none. What asks for more than the bucket can ever hold gets through when it is full, and leaves it in debt.
  /// - Returns: nil when they were there, else the time until they will be.
  public mutating func take(_ count: Int, now: ContinuousClock.Instant) -> Duration? {
    if let delay = delay(before: count, now: now) { return delay }
    tokens -= Double(count)
    return nil
  }

  /// How long it takes until so many tokens could be taken; nil when they could be now.
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
