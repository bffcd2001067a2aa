internal import SystemPrimitives

/// Caches valid keys for a short time, so that the database is not queried for every request and a revoked key stops working within that
/// time. `KeyLookUps` decides what is looked up when.
///
/// Only valid keys are cached: a newly created key works immediately.
public final class KeyCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  /// Finds the values of valid keys; keys that are not valid are left out.
  public typealias LookUp = @Sendable (_ keys: [Key]) async throws -> [Key: Value]

  private struct State {
    var lookUps: KeyLookUps<Key, Value>
    var waiting: [Int: CheckedContinuation<Value?, any Error>] = [:]
    var nextTicket = 0
  }

  private let lookUp: LookUp
  private let now: @Sendable () -> ContinuousClock.Instant
  private let state: PthreadMutex<State>

  /// - Parameters:
  ///   - now: the clock for cache expiry and lookup pacing.
  ///   - lookUp: queries the database for up to `AccessBounds.keysPerLookUp` keys at once.
  public convenience init(
    now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }, lookUp: @escaping LookUp
  ) {
    self.init(limits: .standard, now: now, lookUp: lookUp)
  }

  init(
    limits: KeyLookUps<Key, Value>.Limits, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
    lookUp: @escaping LookUp
  ) {
    self.lookUp = lookUp
    self.now = now
    state = PthreadMutex(State(lookUps: KeyLookUps(limits)))
  }

  /// Returns the value of a key that is cached, without waiting for anything; nil says nothing about the key.
  public func cached(_ key: Key) -> Value? {
    let now = now()
    return state.withLock { $0.lookUps.known(key, now: now) }
  }

  /// Returns the value of a key; nil if the key is not valid.
  /// - Throws: any error of the lookup, or `KeyLookUpsExhausted` when too many unknown keys are pending.
  public func value(for key: Key) async throws -> Value? {
    try await withCheckedThrowingContinuation { continuation in
      let now = now()
      carryOut { state in
        let ticket = state.nextTicket
        state.nextTicket += 1
        state.waiting[ticket] = continuation
        return state.lookUps.ask(key, ticket: ticket, now: now)
      }
    }
  }

  /// Changes the state, and carries out what follows with the lock released.
  private func carryOut(_ change: (inout State) -> [KeyLookUps<Key, Value>.Effect]) {
    var answers: [(CheckedContinuation<Value?, any Error>, Result<Value?, any Error>)] = []
    let effects = state.withLock { state in
      let effects = change(&state)
      for case .answer(let ticket, let result) in effects {
        if let continuation = state.waiting.removeValue(forKey: ticket) { answers.append((continuation, result)) }
      }
      return effects
    }
    for (continuation, result) in answers { continuation.resume(with: result) }
    for effect in effects {
      switch effect {
      case .answer: break
      case .lookUp(let lane, let keys): Task { await run(lane, keys) }
      case .wake(let time): Task { await wake(after: now().duration(to: time)) }
      }
    }
  }

  private func run(_ lane: KeyLookUps<Key, Value>.Lane, _ keys: [Key]) async {
    let outcome: Result<[Key: Value], any Error>
    do {
      outcome = .success(try await lookUp(keys))
    } catch {
      outcome = .failure(error)
    }
    let now = now()
    carryOut { state in
      switch outcome {
      case .success(let values): state.lookUps.found(values, lane, now: now)
      case .failure(let error): state.lookUps.failed(error, lane, now: now)
      }
    }
  }

  private func wake(after delay: Duration) async {
    // Never cancelled: the task belongs to the cache.
    try? await Task.sleep(for: delay)
    let now = now()
    carryOut { $0.lookUps.timePassed(now: now) }
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
