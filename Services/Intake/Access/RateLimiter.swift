import EventThread

/// Bounds the messages a second of each key.
final class RateLimiter<Key: Hashable & Sendable>: Sendable {
  private let perSecond: Int
  private let burst: Int
  private let capacity: Int
  private let buckets = PthreadMutex<[Key: TokenBucket]>([:])

  /// - Parameters:
  ///   - perSecond: messages a second of one key; 0 sets no bound.
  ///   - burst: messages at once.
  ///   - capacity: keys that are told apart; beyond it all begin anew with a full bucket.
  init(perSecond: Int, burst: Int, capacity: Int = IntakeBounds.keysRemembered) {
    self.perSecond = perSecond
    self.burst = burst
    self.capacity = capacity
  }

  /// Takes the right to send messages.
  /// - Returns: nil when they may come, else the time after which they may.
  func take(_ messages: Int, for key: Key, now: ContinuousClock.Instant = .now) -> Duration? {
    guard perSecond > 0 else { return nil }
    return buckets.withLock { buckets in
      if buckets[key] == nil && buckets.count >= capacity { buckets.removeAll(keepingCapacity: true) }
      var bucket = buckets[key] ?? TokenBucket(perSecond: Double(perSecond), burst: Double(max(1, burst)), now: now)
      defer { buckets[key] = bucket }
      return bucket.take(messages, now: now)
    }
  }
}
