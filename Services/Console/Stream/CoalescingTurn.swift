/// Lets one look at the database run at a time, so that what an earlier look found never overwrites what a later one did. Wishes that come
/// meanwhile are merged into one further look, because the running one may have read before what they are about.
struct LookTurn: Sendable {
  private enum State {
    case idle
    case looking(isWished: Bool)
  }

  private var state = State.idle

  /// Somebody wishes for a look.
  /// - Returns: whether to begin one; otherwise the look that runs is followed by another.
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

  /// The look is over, whether it found anything or failed.
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
