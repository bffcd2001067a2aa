import DeskCore
import Testing

/// Transcripts: events, then what the breaker admits and reports.
@Suite struct CircuitBreakerTests {
  private var random = SeededGenerator(seed: 1)
  private let start = Instant(microseconds: 1_000_000_000)

  private func breaker() -> CircuitBreaker {
    CircuitBreaker(threshold: 3, backOff: ExponentialBackOff(from: .seconds(5), upTo: .seconds(15), jitter: 0))
  }

  @Test mutating func successesKeepItClosed() {
    var breaker = breaker()
    for event in [CircuitBreaker.Event.failed, .failed, .succeeded, .failed, .failed] {
      #expect(breaker.admit(1, now: start) == 1)
      #expect(breaker.handle(event, now: start, using: &random).isEmpty)
    }
    #expect(!breaker.isOpen && breaker.admit(8, now: start) == 8)
  }

  @Test mutating func failuresInARowOpenItAndOneCallTriesAgain() {
    var breaker = breaker()
    _ = breaker.handle(.failed, now: start, using: &random)
    _ = breaker.handle(.failed, now: start, using: &random)
    #expect(breaker.handle(.failed, now: start, using: &random) == [.opened(.seconds(5))])
    #expect(breaker.isOpen && breaker.admit(4, now: start + .milliseconds(4_999)) == 0)
    // What was under way when it opened neither closes it nor prolongs the pause.
    #expect(breaker.handle(.succeeded, now: start, using: &random).isEmpty)
    #expect(breaker.handle(.failed, now: start + .seconds(4), using: &random).isEmpty)
    #expect(breaker.admit(4, now: start + .seconds(5)) == 1)
    #expect(breaker.admit(4, now: start + .seconds(60)) == 0)
    #expect(breaker.handle(.failed, now: start + .seconds(5), using: &random) == [.opened(.seconds(10))])
    #expect(breaker.admit(1, now: start + .seconds(14)) == 0)
    #expect(breaker.admit(1, now: start + .seconds(15)) == 1)
    #expect(breaker.handle(.succeeded, now: start + .seconds(15), using: &random) == [.closed])
    #expect(!breaker.isOpen && breaker.admit(4, now: start + .seconds(15)) == 4)
    // The next outage begins with the first pause again.
    for _ in 0..<2 { _ = breaker.handle(.failed, now: start + .seconds(20), using: &random) }
    #expect(breaker.handle(.failed, now: start + .seconds(20), using: &random) == [.opened(.seconds(5))])
  }

  @Test mutating func aWithdrawnTrialIsRepeated() {
    var breaker = breaker()
    for _ in 0..<3 { _ = breaker.handle(.failed, now: start, using: &random) }
    #expect(breaker.admit(0, now: start + .seconds(5)) == 0)
    #expect(breaker.admit(1, now: start + .seconds(5)) == 1)
    breaker.withdraw(now: start + .seconds(5))
    #expect(breaker.isOpen && breaker.admit(1, now: start + .seconds(5)) == 1)
  }
}
