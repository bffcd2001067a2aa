internal import EventThread

/// Bounds how much a second comes of each key: messages of a sender, requests of an address.
public final class RateLimiter<Key: Hashable & Sendable>: Sendable {
  /// Keys that have a bucket of their own unless a limiter is made for more.
  public static var keysToldApart: Int { 10_000 }

  private let perSecond: Int
  private let burst: Int
  private let buckets: PthreadMutex<RecentlyUsed<Key, TokenBucket>>

  /// - Parameters:
  ///   - perSecond: how much a second of one key; 0 sets no bound.
  ///   - burst: how much at once.
  ///   - capacity: keys that have a bucket; beyond it the least recently used key starts again with a full one, so that a sender with many
  ///     keys cannot refill its own bucket while it uses it.
  public init(perSecond: Int, burst: Int, capacity: Int = RateLimiter.keysToldApart) {
    self.perSecond = perSecond
    self.burst = burst
    buckets = PthreadMutex(RecentlyUsed(capacity: capacity))
  }

  /// Takes the right to so much.
  /// - Returns: nil when it is granted, else the time after which it will be.
  public func take(_ count: Int, for key: Key, now: ContinuousClock.Instant = .now) -> Duration? {
    guard perSecond > 0 else { return nil }
    return buckets.withLock { buckets in
      var bucket =
        buckets.value(for: key)
        ?? TokenBucket(perSecond: Double(perSecond), burst: Double(max(1, burst)), now: now)
      defer { buckets.set(bucket, for: key) }
      return bucket.take(count, now: now)
    }
  }
}
