import Store
import Synchronization
import Testing

@testable import ServiceProcess

@Suite struct WorkMeterTests {
  /// A clock that the test sets.
  private final class Hand: Sendable {
    private let start = ContinuousClock.now
    private let passed = Mutex(Duration.zero)

    var now: ContinuousClock.Instant { start + passed.withLock { $0 } }

    func advance(_ duration: Duration) { passed.withLock { $0 += duration } }
  }

  @Test func theShareIsThatOfThePlacesOverTheLastSeconds() {
    let hand = Hand()
    let meter = WorkMeter(now: { hand.now })
    meter.begin(5)
    meter.end(5, items: 5)
    #expect(meter.read() == nil, "nothing was opened")
    meter.open(places: 10)
    #expect(meter.read() == nil, "the first reading has none before it")
    meter.begin(5)
    hand.advance(.milliseconds(500))
    meter.end(5, items: 5)
    hand.advance(.milliseconds(500))
    #expect(meter.read() == ServiceInstance.Load(busyShare: 0.25, itemsPerSecond: 5))
    // Work that is still going on counts, more of it than there are places as all of them.
    meter.begin(30)
    for _ in 0..<3 {
      hand.advance(.seconds(1))
      _ = meter.read()
    }
    hand.advance(.seconds(1))
    #expect(meter.read() == ServiceInstance.Load(busyShare: 1, itemsPerSecond: 0))
    meter.end(30, items: 30)
    for _ in 0..<4 {
      hand.advance(.seconds(1))
      _ = meter.read()
    }
    #expect(meter.read() == ServiceInstance.Load(busyShare: 0, itemsPerSecond: 0))
  }
}
