import EventThread

/// How much time second looks may take: a share of the clock, gathered up to a small amount while none are needed. So a lone
/// message in doubt is always looked at again, and under load the others do not wait for it.
struct SecondLookBudget: Sendable {
  /// Between 0 and 1.
  let share: Double
  private var available = ClassifierBounds.secondLookBurst
  private var last: ContinuousClock.Instant

  init(share: Double, now: ContinuousClock.Instant) {
    self.share = share
    last = now
  }

  /// Whether another few messages may be looked at again.
  mutating func mayGoOn(now: ContinuousClock.Instant) -> Bool {
    if now > last {
      available = min(ClassifierBounds.secondLookBurst, available + (now - last) * share)
      last = now
    }
    return share > 0 && available > .zero
  }

  /// Notes what a look took. It may go below nothing, and is then waited for.
  mutating func spend(_ time: Duration) { available -= time }
}

/// One budget that all batches of a process share.
final class SharedSecondLookBudget: Sendable {
  private let budget: PthreadMutex<SecondLookBudget>

  init(share: Double) {
    budget = PthreadMutex(SecondLookBudget(share: share, now: .now))
  }

  /// One batch's view of it. What was granted last is paid for when it is asked again, and at the end.
  struct Turn {
    fileprivate let shared: SharedSecondLookBudget
    private var began: ContinuousClock.Instant?

    fileprivate init(_ shared: SharedSecondLookBudget) { self.shared = shared }

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
