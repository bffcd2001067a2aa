import DeskCore
import Testing

@Suite struct RetryPacingTests {
  private let start = ContinuousClock.now
  private var random = SeededGenerator(seed: 1)

  private func pacing() -> RetryPacing {
    RetryPacing(
      ExponentialBackOff(from: .seconds(1), upTo: .seconds(8), jitter: 0), longestAsked: .seconds(60))
  }

  @Test mutating func pausesGrowUntilASuccess() {
    var pacing = pacing()
    #expect(!pacing.isFailing && pacing.pause(at: start) == .zero)
    var now = start
    for expected in [1, 2, 4, 8, 8] {
      pacing.fail(askedFor: nil, at: now, using: &random)
      #expect(pacing.isFailing && pacing.pause(at: now) == .seconds(expected))
      now += .seconds(expected)
      #expect(pacing.pause(at: now) == .zero)
    }
    pacing.succeed()
    #expect(!pacing.isFailing)
    pacing.fail(askedFor: nil, at: now, using: &random)
    #expect(pacing.pause(at: now) == .seconds(1))
  }

  @Test mutating func aRequestedPauseReplacesAShorterOneUpToALimit() {
    var pacing = pacing()
    pacing.fail(askedFor: .seconds(30), at: start, using: &random)
    #expect(pacing.pause(at: start) == .seconds(30))
    pacing.fail(askedFor: .seconds(5), at: start, using: &random)
    #expect(pacing.pause(at: start) == .seconds(30), "never shorter")
    pacing.fail(askedFor: .seconds(3600), at: start, using: &random)
    #expect(pacing.pause(at: start) == .seconds(60))
  }

  @Test mutating func failuresDuringAPauseCountOnce() {
    var once = pacing()
    once.fail(askedFor: nil, at: start, using: &random)
    var often = once
    for _ in 0..<3 { often.fail(askedFor: nil, at: start + .milliseconds(1), using: &random) }
    #expect(often == once)
  }
}
