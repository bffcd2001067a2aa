/// Lets one database poll run at a time, so that the result of an earlier one never overwrites that of a later one. Requests made in the
/// meantime are merged into one further poll, because the running one may have read too early for them.
struct CoalescingTurn: Sendable {
  private enum State {
    case idle
    case looking(isWished: Bool)
  }

  private var state = State.idle

  /// Requests a poll.
  /// - Returns: whether to begin one; otherwise the running poll is followed by another.
  mutating func wish() -> Bool {
    switch state {
    case .idle:
      state = .looking(isWished: false)
      return true
    case .looking:
      state = .looking(isWished: true)
      return false
    }
  }

  /// Ends a poll, successful or not.
  /// - Returns: whether to begin another one.
  mutating func ended() -> Bool {
    guard case .looking(isWished: true) = state else {
      state = .idle
      return false
    }
    state = .looking(isWished: false)
    return true
  }
}
