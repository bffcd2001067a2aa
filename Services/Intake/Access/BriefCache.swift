import ServiceKit

/// Remembers answers for a short time, so that what is revoked stops working within that time and nobody is asked at every
/// request.
///
/// Questions that come at once share one look-up. Keys that were never answered with a value share a budget of look-ups, so that
/// guessing cannot load whoever answers.
actor BriefCache<Key: Hashable & Sendable, Value: Sendable> {
  /// Too many unknown keys were asked for lately.
  struct Exhausted: Error {}

  private struct Entry {
    var value: Value
    var heldUntil: ContinuousClock.Instant
  }

  private let lifetime: Duration
  private let capacity: Int
  private let lookUp: @Sendable (Key) async throws -> Value?
  private let now: @Sendable () -> ContinuousClock.Instant
  private var entries: [Key: Entry] = [:]
  private var running: [Key: Task<Value?, any Error>] = [:]
  private var guesses: TokenBucket

  /// - Parameters:
  ///   - lifetime: how long an answer is believed.
  ///   - capacity: keys remembered; beyond it all are forgotten and asked for again.
  ///   - unknownPerSecond: look-ups of keys that are not remembered, of everybody together.
  init(
    lifetime: Duration, capacity: Int, unknownPerSecond: Int,
    now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
    lookUp: @escaping @Sendable (Key) async throws -> Value?
  ) {
    self.lifetime = lifetime
    self.capacity = capacity
    self.lookUp = lookUp
    self.now = now
    guesses = TokenBucket(perSecond: Double(unknownPerSecond), burst: Double(unknownPerSecond), now: now())
  }

  /// The answer for a key; nil where there is none.
  /// - Throws: what the look-up throws, or `Exhausted`.
  func value(for key: Key) async throws -> Value? {
    let asked = now()
    if let entry = entries[key], entry.heldUntil > asked { return entry.value }
    if let task = running[key] { return try await task.value }
    guard entries[key] != nil || guesses.take(1, now: asked) == nil else { throw Exhausted() }
    let task = Task { [lookUp] in try await lookUp(key) }
    running[key] = task
    defer { running[key] = nil }
    // The answer counts from the question: what was revoked since then is noticed in time.
    let value = try await task.value
    if let value {
      if entries.count >= capacity { entries.removeAll(keepingCapacity: true) }
      entries[key] = Entry(value: value, heldUntil: asked + lifetime)
    } else {
      entries[key] = nil
    }
    return value
  }
}
