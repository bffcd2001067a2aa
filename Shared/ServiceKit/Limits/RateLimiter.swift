internal import EventThread

/// Bounds how much a second comes of each key: messages of a sender, requests of an address.
public final class RateLimiter<Key: Hashable & Sendable>: Sendable {
  /// Keys that are told apart unless a limiter is made for more.
  public static var keysToldApart: Int { 10_000 }

  private let perSecond: Int
  private let burst: Int
  private let capacity: Int
  private let buckets = PthreadMutex<[Key: TokenBucket]>([:])

  /// - Parameters:
  ///   - perSecond: how much a second of one key; 0 sets no bound.
  ///   - burst: how much at once.
  ///   - capacity: keys that are told apart; beyond it all begin anew with a full bucket.
  public init(perSecond: Int, burst: Int, capacity: Int = RateLimiter.keysToldApart) {
    self.perSecond = perSecond
    self.burst = burst
    self.capacity = capacity
  }

  /// Takes the right to so much.
  /// - Returns: nil when it is granted, else the time after which it will be.
  public func take(_ count: Int, for key: Key, now: ContinuousClock.Instant = .now) -> Duration? {
    withBucket(of: key, now: now) { $0.take(count, now: now) } ?? nil
  }

  /// How long it will be until so much may be taken; nil when it may be now. Nothing is taken.
  public func delay(before count: Int, for key: Key, now: ContinuousClock.Instant = .now) -> Duration? {
    withBucket(of: key, now: now) { $0.delay(before: count, now: now) } ?? nil
  }

  private func withBucket<Result>(
    of key: Key, now: ContinuousClock.Instant, _ body: (inout TokenBucket) -> Result
  ) -> Result? {
    guard perSecond > 0 else { return nil }
    return buckets.withLock { buckets in
      if buckets[key] == nil && buckets.count >= capacity { buckets.removeAll(keepingCapacity: true) }
      var bucket = buckets[key] ?? TokenBucket(perSecond: Double(perSecond), burst: Double(max(1, burst)), now: now)
      defer { buckets[key] = bucket }
      return body(&bucket)
    }
  }
}
