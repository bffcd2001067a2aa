import DeskCore
import Store

/// When a failing hook is reported to the operators, and when deliveries to it are paused so that its pending ones do not use up their
/// schedule.
struct HookPatience: Sendable, Equatable {
  /// What to do about a hook now.
  enum Verdict: Sendable, Equatable {
    case nothing
    /// The operators have not been notified yet.
    case notify
    /// Deliveries are paused, and then the operators are notified.
    case pause
  }

  var beforeNotice = NotifierBounds.failingBeforeNotice
  var beforePause = NotifierBounds.failingBeforePause
  /// A hook with little to deliver is attempted seldom, and one delivery that it refuses says little about it.
  var failuresBeforePause = NotifierBounds.failuresBeforePause

  func verdict(on state: HookState, now: Instant) -> Verdict {
    if state.pausedAt != nil { return state.notifiedAt == nil ? .notify : .nothing }
    guard let since = state.failingSince else { return .nothing }
    let failing = now - since
    if failing >= beforePause, state.failures >= failuresBeforePause { return .pause }
    return failing >= beforeNotice && state.notifiedAt == nil ? .notify : .nothing
  }
}
