/// A value that another host has: fetched when it is needed, by one caller for all that wait, and kept for a while.
actor FetchedValue<Value: Sendable> {
  private let now: @Sendable () -> ContinuousClock.Instant
  private let fetch: @Sendable () async throws -> Value
  private var last: (value: Value, at: ContinuousClock.Instant)?
  private var failure: (error: any Error, at: ContinuousClock.Instant)?
  private var running: Task<Value, any Error>?

  init(now: @escaping @Sendable () -> ContinuousClock.Instant, fetch: @escaping @Sendable () async throws -> Value) {
    self.now = now
    self.fetch = fetch
  }

  /// The value, not older than `CompanyBounds.freshness`; while it cannot be fetched, than `CompanyBounds.staleness`.
  /// - Throws: what the last attempt threw.
  func value() async throws -> Value {
    if let last, now() - last.at < CompanyBounds.freshness { return last.value }
    do {
      return try await refetched()
    } catch {
      if let last, now() - last.at < CompanyBounds.staleness { return last.value }
      throw error
    }
  }

  /// Fetches the value again, unless that was tried within `CompanyBounds.refetchPause`.
  /// - Throws: what the last attempt threw.
  func refetched() async throws -> Value {
    if let running { return try await running.value }
    if let failure, now() - failure.at < CompanyBounds.refetchPause { throw failure.error }
    if failure == nil, let last, now() - last.at < CompanyBounds.refetchPause { return last.value }
    // Not the task of one caller, who may go away.
    let task = Task { try await fetch() }
    running = task
    defer { running = nil }
    do {
      let value = try await task.value
      (last, failure) = ((value, now()), nil)
      return value
    } catch {
      failure = (error, now())
      throw error
    }
  }
}
