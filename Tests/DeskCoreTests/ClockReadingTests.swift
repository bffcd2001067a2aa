import DeskCore
import Testing

@Suite struct ClockReadingTests {
  private static let start = ContinuousClock.now
  private static let noon = Instant(seconds: 1_800_000_000)

  private static func at(_ seconds: Double) -> ContinuousClock.Instant { start + .seconds(seconds) }

  @Test func anAnswerIsDatedHalfWayBetweenQuestionAndAnswer() {
    let reading = ClockReading(Self.noon, askedAt: Self.at(0), answeredAt: Self.at(3))
    #expect(reading.now(at: Self.at(3)) == Self.noon + .seconds(1.5))
    #expect(reading.now(at: Self.at(10)) == Self.noon + .seconds(8.5))
  }

  @Test func anAnswerThatWaitedDoesNotReplaceABetterOne() {
    var reading = ClockReading(Self.noon, askedAt: Self.at(0), answeredAt: Self.at(0.5))
    reading.set(Self.noon + .seconds(60), askedAt: Self.at(1), answeredAt: Self.at(5))
    #expect(reading.now(at: Self.at(5)) == Self.noon + .seconds(4.75))
    reading.set(Self.noon + .seconds(60), askedAt: Self.at(5), answeredAt: Self.at(5.25))
    #expect(reading.now(at: Self.at(6)) == Self.noon + .seconds(60.875))
  }

  @Test func aReadingThatNobodyDatedIsReplacedByAnyAnswerOfSeconds() {
    var reading = ClockReading(Self.noon, at: Self.at(0))
    reading.set(Self.noon + .seconds(60), askedAt: Self.at(0), answeredAt: Self.at(2))
    #expect(reading.now(at: Self.at(2)) == Self.noon + .seconds(61))
  }
}
