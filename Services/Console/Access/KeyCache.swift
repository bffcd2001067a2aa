import Store

/// Remembers for a moment what the database said of a key, so that a revoked key stops working at once and nobody is asked at
/// every request.
actor KeyCache {
  /// Too many look-ups are under way.
  struct Busy: Error {}

  private struct Answer {
    var key: APIKey?
    var heldUntil: ContinuousClock.Instant
  }

  private let lookUp: @Sendable (_ digest: [UInt8]) async throws -> APIKey?
  private let now: @Sendable () -> ContinuousClock.Instant
  private var answers: [[UInt8]: Answer] = [:]
  private var running: [[UInt8]: Task<APIKey?, any Error>] = [:]

  init(
    now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
    lookUp: @escaping @Sendable (_ digest: [UInt8]) async throws -> APIKey?
  ) {
    self.now = now
    self.lookUp = lookUp
  }

  /// The key with a digest, if it holds. Questions that come at once share one look-up.
  /// - Throws: `Busy`, or what the look-up throws.
  func key(digest: [UInt8]) async throws -> APIKey? {
    let asked = now()
    if let answer = answers[digest], answer.heldUntil > asked { return answer.key }
    if let task = running[digest] { return try await task.value }
    guard running.count < ConsoleBounds.keyLookUps else { throw Busy() }
    let task = Task { [lookUp] in try await lookUp(digest) }
    running[digest] = task
    defer { running[digest] = nil }
    let key = try await task.value
    if answers.count >= ConsoleBounds.keysRemembered { answers.removeAll(keepingCapacity: true) }
    // Counted from the question: what was revoked since then is noticed in time.
    answers[digest] = Answer(key: key, heldUntil: asked + ConsoleBounds.keyLifetime)
    return key
  }
}
