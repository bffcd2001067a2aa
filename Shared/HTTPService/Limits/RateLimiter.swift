internal import SystemPrimitives

/// Limits the rate per key: messages of a sender, requests of an address.
public final class RateLimiter<Key: Hashable & Sendable>: Sendable {
  /// The default number of keys with their own bucket.
  public static var keysTracked: Int { 10_000 }

  private let perSecond: Int
  private let burst: Int
  private let buckets: PthreadMutex<RecentlyUsed<Key, TokenBucket>>

  /// - Parameters:
  ///   - perSecond: the rate per second and key; 0 means no limit.
  ///   - burst: the burst size.
  ///   - capacity: keys with a bucket; beyond it the least recently used key starts over with a full one, so that a sender with many
  ///     keys cannot refill its own bucket while it uses it.
  public init(perSecond: Int, burst: Int, capacity: Int = RateLimiter.keysTracked) {
    self.perSecond = perSecond
    self.burst = burst
    buckets = PthreadMutex(RecentlyUsed(capacity: capacity))
  }

  /// Takes a number of tokens.
  /// - Returns: nil when granted, else the time after which they will be.
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
