import DeskCore
import Testing

@testable import Notifier

@Suite struct HookBackOffTests {
  private let start = ContinuousClock.now
  private var random = SeededGenerator(seed: 1)

  @Test mutating func allLanesAreOpenInitially() {
    let rest = HookBackOff()
    #expect(rest.room(limit: 4, underWay: 0, now: start) == 4)
    #expect(rest.room(limit: 4, underWay: 3, now: start) == 1)
    #expect(rest.room(limit: 4, underWay: 5, now: start) == 0)
  }

  @Test mutating func pausesAfterAFailureThenTriesOne() {
    var rest = HookBackOff()
    rest.failed(askedFor: nil, now: start, using: &random)
    #expect(rest.room(limit: 4, underWay: 0, now: start) == 0)
    let later = start + NotifierBounds.firstRest
    #expect(rest.room(limit: 4, underWay: 0, now: later) == 1)
    #expect(rest.room(limit: 4, underWay: 1, now: later) == 0)
    rest.succeeded()
    #expect(rest.room(limit: 4, underWay: 0, now: later) == 4)
  }

  @Test mutating func pausesGrowUpToALimit() {
    var rest = HookBackOff()
    var now = start
    var rests: [Duration] = []
    for _ in 0..<20 {
      rest.failed(askedFor: nil, now: now, using: &random)
      var length: Duration = .zero
      while rest.room(limit: 1, underWay: 0, now: now + length) == 0 { length += .milliseconds(50) }
      rests.append(length)
      now += length
    }
    var full = NotifierBounds.firstRest
    for rest in rests {
      #expect(rest >= full * (1 - NotifierBounds.restJitter) && rest <= full + .milliseconds(50))
      full = min(full * 2, NotifierBounds.longestRest)
    }
    #expect(Set(rests.suffix(10)).count > 1, "several notifiers do not try together")
  }

  @Test mutating func simultaneousFailuresCountOnce() {
    var once = HookBackOff()
    once.failed(askedFor: nil, now: start, using: &random)
    var often = once
    for _ in 0..<5 { often.failed(askedFor: nil, now: start + .milliseconds(1), using: &random) }
    #expect(often == once)
  }

  @Test mutating func honoursRequestedPausesWithinALimit() {
    var rest = HookBackOff()
    rest.failed(askedFor: .seconds(60), now: start, using: &random)
    #expect(rest.room(limit: 1, underWay: 0, now: start + .seconds(59)) == 0)
    #expect(rest.room(limit: 1, underWay: 0, now: start + .seconds(60)) == 1)
    rest.failed(askedFor: .seconds(86_400), now: start + .seconds(60), using: &random)
    #expect(rest.room(limit: 1, underWay: 0, now: start + .seconds(60) + NotifierBounds.longestAskedRest) == 1)
  }
}
