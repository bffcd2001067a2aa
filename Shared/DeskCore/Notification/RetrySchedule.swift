/// When a failed delivery is retried.
///
/// The delays follow the schedule that Standard Webhooks recommends (about 75 hours in all); each has full jitter over its last fifth, so
/// that recovering endpoints are not hit by all senders at the same time. A table rather than an `ExponentialBackOff`, because receivers
/// know the recommended delays and they do not double.
public struct RetrySchedule: Hashable, Sendable {
  /// The delay after the first, second, … failed attempt.
  public let delays: [Duration]
  /// The share of a delay, 0 to 1, that is randomised.
  public let jitter: Double

  /// Describes a schedule. `jitter` lies in 0...1.
  public init(delays: [Duration], jitter: Double) {
    precondition((0...1).contains(jitter), "a share lies in 0...1")
    self.delays = delays
    self.jitter = jitter
  }

  /// 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h.
  public static let standardWebhooks = RetrySchedule(
    delays: [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400].map { .seconds($0) }, jitter: 0.2)

  /// What to do after `attempts` failed attempts (1 or more).
  ///
  /// - Parameters:
  ///   - attempts: how many attempts have failed so far.
  ///   - asked: a delay that the receiver requested (`Retry-After`); the longer of the two applies.
  ///   - random: the source of the jitter.
  /// - Returns: the delay until the next attempt; nil when the schedule is exhausted.
  public func delay(
    afterAttempts attempts: Int, askedFor asked: Duration? = nil, using random: inout some RandomNumberGenerator
  ) -> Duration? {
    precondition(attempts >= 1, "a schedule begins after the first attempt")
    guard attempts <= delays.count else { return nil }
    let base = delays[attempts - 1]
    let spread = Double.random(in: (1 - jitter)...1, using: &random)
    let chosen = Duration.microseconds(Int64(Double(base.wholeMicroseconds) * spread))
    return max(chosen, min(asked ?? .zero, delays[delays.count - 1]))
  }
}
