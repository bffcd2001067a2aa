/// When a failed delivery is retried.
///
/// A chat is over in minutes, a mail is read within hours, and a subscriber's system can wait: so the schedule of what a customer is sent
/// depends on the channel. All last for more than two days, and each delay has full jitter over its last fifth, so that senders do not
/// hit a recovering endpoint all at once. Tables rather than an `ExponentialBackOff`, because receivers know the delays that Standard
/// Webhooks recommends, and they do not double.
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

  /// For customers who wait online: seconds within the first minute, minutes within the first half-hour, then hours; about 57 hours in all.
  public static let chat = RetrySchedule(
    delays: [
      1, 2, 4, 8, 15, 30, 30, 60, 60, 120, 300, 300, 600, 900, 1_800, 1_800, 3_600, 3_600, 7_200, 7_200, 14_400, 21_600,
      28_800, 36_000, 36_000, 43_200,
    ].map { .seconds($0) }, jitter: 0.2)

  /// For customers who read later: 1, 2, 5, 10 and 30 min, 1, 2, 4, 8 and 12 h, then twice a day; about 76 hours in all.
  public static let mail = RetrySchedule(
    delays: [60, 120, 300, 600, 1_800, 3_600, 7_200, 14_400, 28_800, 43_200, 86_400, 86_400].map { .seconds($0) },
    jitter: 0.2)

  /// The schedule of a kind of notice.
  /// - Parameter channel: the channel of the customer whom the notice is for; nil for one that the policy no longer has.
  public static func of(_ kind: NoticeKind?, on channel: ChannelPolicy?) -> RetrySchedule {
    guard kind?.isForCustomer == true, let channel else { return .standardWebhooks }
    return channel.isChat ? .chat : .mail
  }

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
