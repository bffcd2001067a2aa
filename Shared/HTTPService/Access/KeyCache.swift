/// Caches valid keys for a short time, so that the database is not queried for every request and a revoked key stops working within that
/// time. `KeyLookUps` decides what is looked up when.
///
/// Only valid keys are cached: a newly created key works immediately.
public actor KeyCache<Key: Hashable & Sendable, Value: Sendable> {
  /// Finds the values of valid keys; keys that are not valid are left out.
  public typealias LookUp = @Sendable (_ keys: [Key]) async throws -> [Key: Value]

  private let lookUp: LookUp
  private let now: @Sendable () -> ContinuousClock.Instant
  private var lookUps: KeyLookUps<Key, Value>
  private var waiting: [Int: CheckedContinuation<Value?, any Error>] = [:]
  private var nextTicket = 0

  /// - Parameters:
  ///   - now: the clock for cache expiry and lookup pacing.
  ///   - lookUp: queries the database for up to `AccessBounds.keysPerLookUp` keys at once.
  public init(now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }, lookUp: @escaping LookUp) {
    self.init(limits: .standard, now: now, lookUp: lookUp)
  }

  init(
    limits: KeyLookUps<Key, Value>.Limits, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
    lookUp: @escaping LookUp
  ) {
    self.lookUp = lookUp
    self.now = now
    lookUps = KeyLookUps(limits)
  }

  /// Returns the value of a key; nil if the key is not valid.
  /// - Throws: any error of the lookup, or `KeyLookUpsExhausted` when too many unknown keys are pending.
  public func value(for key: Key) async throws -> Value? {
    try await withCheckedThrowingContinuation { continuation in
      let ticket = nextTicket
      nextTicket += 1
      waiting[ticket] = continuation
      carryOut(lookUps.ask(key, ticket: ticket, now: now()))
    }
  }

  private func carryOut(_ effects: [KeyLookUps<Key, Value>.Effect]) {
    for effect in effects {
      switch effect {
      case .answer(let ticket, let result): waiting.removeValue(forKey: ticket)?.resume(with: result)
      case .lookUp(let lane, let keys):
        Task { await self.run(lane, keys) }
      case .wake(let time):
        Task { await self.wake(after: self.now().duration(to: time)) }
      }
    }
  }

  private func run(_ lane: KeyLookUps<Key, Value>.Lane, _ keys: [Key]) async {
    do {
      let values = try await lookUp(keys)
      carryOut(lookUps.found(values, lane, now: now()))
    } catch {
      carryOut(lookUps.failed(error, lane, now: now()))
    }
  }

  private func wake(after delay: Duration) async {
    // Never cancelled: the task belongs to the cache.
    try? await Task.sleep(for: delay)
    carryOut(lookUps.timePassed(now: now()))
  }
}

extension KeyLookUps.Limits {
  /// The limits of `AccessBounds`.
  static var standard: Self {
    Self(
      lifetime: AccessBounds.keyLifetime, keysRemembered: AccessBounds.keysRemembered,
      keysPerLookUp: AccessBounds.keysPerLookUp, interval: AccessBounds.lookUpInterval,
      keysWaiting: AccessBounds.keysWaiting)
  }
}
