import DeskCore
import Store

/// When a hook that fails is brought to the operators' notice, and when deliveries to it are paused so that what it is owed does not use
/// up its schedule.
struct HookPatience: Sendable, Equatable {
  /// What is to be done about a hook now.
  enum Verdict: Sendable, Equatable {
    case nothing
    /// The operators do not know yet.
    case notify
    /// Deliveries are paused; the operators hear of it next.
    case pause
  }

  var beforeNotice = NotifierBounds.failingBeforeNotice
  var beforePause = NotifierBounds.failingBeforePause
  /// A hook with little to deliver is attempted seldom, and one delivery that it will not take says little about it.
  var failuresBeforePause = NotifierBounds.failuresBeforePause

  func verdict(on state: HookState, now: Instant) -> Verdict {
    if state.pausedAt != nil { return state.noticedAt == nil ? .notify : .nothing }
    guard let since = state.failingSince else { return .nothing }
    let failing = now - since
    if failing >= beforePause, state.failures >= failuresBeforePause { return .pause }
    return failing >= beforeNotice && state.noticedAt == nil ? .notify : .nothing
  }
}
