import Testing

@testable import Frontdesk

@Suite struct RestartBackOffTests {
  @Test func pausesDoubleWithEachDeathUpToTheMaximum() {
    var backOff = RestartBackOff()
    let pauses = (0..<10).map { _ in backOff.pause(afterLife: .zero, jitter: 1) }
    #expect(pauses.prefix(4) == [.milliseconds(200), .milliseconds(400), .milliseconds(800), .milliseconds(1600)])
    #expect(pauses.last == UpBounds.restartPauseMaximum)
    #expect(zip(pauses, pauses.dropFirst()).allSatisfy { $0 <= $1 })
  }

  @Test func aLongEnoughRunResetsThePause() {
    var backOff = RestartBackOff()
    for _ in 0..<6 { _ = backOff.pause(afterLife: .seconds(1), jitter: 1) }
    #expect(backOff.pause(afterLife: .seconds(29), jitter: 1) > UpBounds.restartPauseMinimum)
    #expect(backOff.pause(afterLife: UpBounds.steadyLife, jitter: 1) == UpBounds.restartPauseMinimum)
    #expect(backOff.deaths == 1)
  }

  @Test func halfOfAPauseIsFixedAndJitterNeverExceedsTheWhole() {
    for jitter in [-1, 0, 0.5, 1, 7] {
      var backOff = RestartBackOff()
      let pause = backOff.pause(afterLife: .zero, jitter: jitter)
      #expect(pause >= UpBounds.restartPauseMinimum / 2)
      #expect(pause <= UpBounds.restartPauseMinimum)
    }
  }

  @Test func aThousandDeathsOverflowNothing() {
    var backOff = RestartBackOff()
    for _ in 0..<1000 { #expect(backOff.pause(afterLife: .zero, jitter: 1) <= UpBounds.restartPauseMaximum) }
  }
}
