import DeskCore

/// What is known about a replica, and whether it may answer. Pure: times are the primary's, given by the caller.
struct ReplicaState: Sendable, Equatable {
  /// What its data is dated by: everything that was committed on the primary until then is there.
  private(set) var asOf: Instant?
  /// When it was dated last; nil while it does not answer.
  private var seen: Instant?

  /// Whether it answered lately.
  func isReachable(at now: Instant) -> Bool {
    guard let seen else { return false }
    return now - seen <= ReplicaBounds.silence
  }

  /// How old its data is at most; nil before it was dated.
  func age(at now: Instant) -> Duration? {
    asOf.map { max(.zero, now - $0) }
  }

  /// Whether it may answer.
  func mayAnswer(at now: Instant, limit: Duration) -> Bool {
    guard isReachable(at: now), let age = age(at: now) else { return false }
    return age <= limit
  }

  /// Notes the newest heartbeat that was found there.
  /// - Parameter heartbeat: the primary's time when it was written. It was made before its transaction was committed, so nothing that was
  ///   committed before it is missing.
  mutating func found(_ heartbeat: Instant, at now: Instant) {
    // The extrapolated clock of the caller may be a little slow.
    asOf = min(heartbeat, now)
    seen = now
  }

  /// Notes that it could not be dated.
  mutating func lost() { seen = nil }
}
