import SystemPrimitives

/// Limits the time of the second stage: a share of the clock, accumulated up to a small amount while unused. So a lone uncertain message
/// always goes through it, and under load the others do not wait for it.
struct SecondStageBudget: Sendable {
  /// Between 0 and 1.
  let share: Double
  private var available = ClassifierBounds.secondLookBurst
  private var last: ContinuousClock.Instant

  init(share: Double, now: ContinuousClock.Instant) {
    self.share = share
    last = now
  }

  /// Returns whether another few messages may go through the second stage.
  mutating func mayGoOn(now: ContinuousClock.Instant) -> Bool {
    if now > last {
      available = min(ClassifierBounds.secondLookBurst, available + (now - last) * share)
      last = now
    }
    return share > 0 && available > .zero
  }

  /// Deducts the time of a second stage. The balance may become negative, and is then waited for.
  mutating func spend(_ time: Duration) { available -= time }
}

/// One budget shared by all batches of a process.
final class SharedSecondStageBudget: Sendable {
  private let budget: PthreadMutex<SecondStageBudget>

  init(share: Double) {
    budget = PthreadMutex(SecondStageBudget(share: share, now: .now))
  }

  /// One batch's use of the budget. The last grant is paid for at the next request, and at the end.
  struct Turn {
    fileprivate let shared: SharedSecondStageBudget
    private var began: ContinuousClock.Instant?

    fileprivate init(_ shared: SharedSecondStageBudget) { self.shared = shared }

    mutating func mayGoOn() -> Bool {
      let now = ContinuousClock.now
      pay(now)
      let isGranted = shared.budget.withLock { $0.mayGoOn(now: now) }
      if isGranted { began = now }
      return isGranted
    }

    mutating func end() { pay(.now) }

    private mutating func pay(_ now: ContinuousClock.Instant) {
      guard let began else { return }
      shared.budget.withLock { $0.spend(now - began) }
      self.began = nil
    }
  }

  func turn() -> Turn { Turn(self) }
}
