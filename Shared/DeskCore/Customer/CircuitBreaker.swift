/// Keeps calls from an endpoint that fails (Nygard, "Release It!"): after some failures in a row none is made for a while, then a single
/// one tries. Its success admits all again; its failure doubles the pause.
public struct CircuitBreaker: Hashable, Sendable {
  /// What happened to an admitted call.
  public enum Event: Hashable, Sendable {
    case succeeded
    case failed
  }

  /// What has changed, for those who watch.
  public enum Effect: Hashable, Sendable {
    /// No calls for this long.
    case opened(Duration)
    /// Calls are admitted again.
    case closed
  }

  private enum State: Hashable, Sendable {
    case closed(failures: Int)
    case open(until: Instant)
    case trying
  }

  private let threshold: Int
  private var backOff: ExponentialBackOff
  private var state = State.closed(failures: 0)

  /// - Parameters:
  ///   - threshold: the failures in a row that open it, 1 or more.
  ///   - backOff: the pauses.
  public init(threshold: Int, backOff: ExponentialBackOff) {
    precondition(threshold >= 1, "something must fail before it opens")
    self.threshold = threshold
    self.backOff = backOff
  }

  /// Whether it keeps calls away.
  public var isOpen: Bool { if case .closed = state { false } else { true } }

  /// Returns how many of the wanted calls may be made now; each must be followed by an event.
  public mutating func admit(_ wanted: Int, now: Instant) -> Int {
    switch state {
    case .closed: return wanted
    case .trying: return 0
    case .open(let until):
      guard now >= until, wanted > 0 else { return 0 }
      state = .trying
      return 1
    }
  }

  /// Takes an admitted call back that was not made.
  public mutating func withdraw(now: Instant) {
    if state == .trying { state = .open(until: now) }
  }

  /// Records what happened to a call. Calls that were under way when it opened change nothing.
  public mutating func handle(
    _ event: Event, now: Instant, using random: inout some RandomNumberGenerator
  ) -> [Effect] {
    switch (state, event) {
    case (.closed, .succeeded):
      state = .closed(failures: 0)
      return []
    case (.closed(let failures), .failed):
      guard failures + 1 >= threshold else {
        state = .closed(failures: failures + 1)
        return []
      }
      return [open(now, &random)]
    case (.trying, .succeeded):
      state = .closed(failures: 0)
      backOff.reset()
      return [.closed]
    case (.trying, .failed): return [open(now, &random)]
    case (.open, _): return []
    }
  }

  private mutating func open(_ now: Instant, _ random: inout some RandomNumberGenerator) -> Effect {
    let pause = backOff.next(using: &random)
    state = .open(until: now + pause)
    return .opened(pause)
  }
}
