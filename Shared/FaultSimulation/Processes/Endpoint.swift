import DeskCore
import Store

/// The endpoints of all hooks: they keep what they get, and drop repetitions by the id.
final class Endpoint {
  /// What arrived, in order, each once.
  private(set) var received: [ClaimedNotice] = []
  /// How often each arrived.
  private(set) var arrivals: [NoticeID: Int] = [:]
  private var failing: (share: Double, until: Duration) = (0, .zero)
  private var random: SeededGenerator

  init(random: SeededGenerator) { self.random = random }

  func fail(share: Double, until time: Duration) { failing = (share, time) }
  func heal() { failing = (0, .zero) }

  /// - Returns: whether it is accepted; nil when it is, and no answer comes.
  func take(_ notice: ClaimedNotice, at now: Duration) -> Bool? {
    let fails = failing.until > now && Double.random(in: 0..<1, using: &random) < failing.share
    if fails, Bool.random(using: &random) { return false }
    arrivals[notice.id, default: 0] += 1
    if arrivals[notice.id] == 1 { received.append(notice) }
    return fails ? nil : true
  }
}
