/// Pauses that double while something keeps failing, up to a longest one.
///
/// The last part of each pause is random, so that many that failed together do not try again together. See "Exponential Backoff And
/// Jitter" (Brooker, 2015), "equal jitter" for a share of one half.
///
/// ```swift
/// var backOff = ExponentialBackOff(from: .milliseconds(100), upTo: .seconds(5))
/// while !(await attempt()) { try await Task.sleep(for: backOff.next(using: &random)) }
/// backOff.reset()
/// ```
public struct ExponentialBackOff: Hashable, Sendable {
  /// The pause after the first failure, before jitter. More than zero.
  public let first: Duration
  /// No pause is longer. At least `first`.
  public let longest: Duration
  /// The share of each pause that is random, 0 to 1.
  public let jitter: Double
  /// Consecutive failures so far.
  public private(set) var failures = 0

  public init(from first: Duration, upTo longest: Duration, jitter: Double = 0.5) {
    precondition(first > .zero && longest >= first, "pauses are positive and grow")
    precondition((0...1).contains(jitter), "a share lies in 0...1")
    self.first = first
    self.longest = longest
    self.jitter = jitter
  }

  /// Counts a failure.
  /// - Returns: how long to wait before the next attempt, from `(1 - jitter)` of the full pause up to all of it.
  public mutating func next(using random: inout some RandomNumberGenerator) -> Duration {
    var full = first
    for _ in 0..<min(failures, Self.mostDoublings) where full < longest { full *= 2 }
    full = min(full, longest)
    failures = min(failures + 1, Self.mostDoublings)
    return jitter == 0 ? full : full * Double.random(in: (1 - jitter)...1, using: &random)
  }

  /// Something succeeded: the next failure is the first again.
  public mutating func reset() { failures = 0 }

  /// More than any pair of bounds needs.
  private static let mostDoublings = 62
}
