/// A value that is computed for the first caller and shared with those who ask during the computation or soon after it.
///
/// Its lifetime begins when the computation ends, and is at least `WallboardBounds.restFactor` times as long as it took. A failure reaches
/// all who waited, and the next one computes again.
actor SharedComputation<Value: Sendable> {
  private let lifetime: Duration
  private let compute: @Sendable () async throws -> Value
  private var kept: (value: Value, until: ContinuousClock.Instant)?
  private var running: Task<Value, any Error>?

  /// - Parameters:
  ///   - lifetime: how long a value is shared.
  ///   - compute: reads the value. Must end by itself, as database statements with a timeout do.
  init(lifetime: Duration, _ compute: @escaping @Sendable () async throws -> Value) {
    self.lifetime = lifetime
    self.compute = compute
  }

  /// The value, at most as old as its lifetime.
  func value() async throws -> Value {
    if let kept, kept.until > .now { return kept.value }
    if let running { return try await running.value }
    let started = ContinuousClock.now
    let compute = compute
    // Not part of the request that asked first: its end must not fail the others.
    let task = Task { try await compute() }
    running = task
    defer { running = nil }
    let value = try await task.value
    kept = (value, .now + max(lifetime, (ContinuousClock.now - started) * WallboardBounds.restFactor))
    return value
  }
}
