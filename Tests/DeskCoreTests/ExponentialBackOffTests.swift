import DeskCore
import Testing

@Suite struct ExponentialBackOffTests {
  @Test func pausesDoubleUpToTheLongest() {
    var backOff = ExponentialBackOff(from: .milliseconds(100), upTo: .seconds(1), jitter: 0)
    var random = SeededGenerator(seed: 1)
    let pauses = (0..<6).map { _ in backOff.next(using: &random) }
    #expect(pauses == [100, 200, 400, 800, 1000, 1000].map { .milliseconds($0) })
    backOff.reset()
    #expect(backOff.next(using: &random) == .milliseconds(100))
  }

  @Test func onlyTheGivenShareIsRandom() {
    var random = SeededGenerator(seed: 2)
    var seen: Set<Duration> = []
    for _ in 0..<200 {
      var backOff = ExponentialBackOff(from: .seconds(4), upTo: .seconds(4), jitter: 0.25)
      let pause = backOff.next(using: &random)
      #expect((.seconds(3) ... .seconds(4)).contains(pause))
      seen.insert(pause)
    }
    #expect(seen.count > 100)
  }

  @Test func manyFailuresNeitherOverflowNorShortenThePause() {
    var backOff = ExponentialBackOff(from: .nanoseconds(1), upTo: .seconds(3600), jitter: 0)
    var random = SeededGenerator(seed: 3)
    var last = Duration.zero
    for _ in 0..<500 {
      let pause = backOff.next(using: &random)
      #expect(pause >= last)
      last = pause
    }
    #expect(last == .seconds(3600))
  }
}
