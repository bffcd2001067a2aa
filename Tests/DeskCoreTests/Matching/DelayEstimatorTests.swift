import Testing

@testable import DeskCore

@Suite("Estimates of the delay")
struct DelayEstimatorTests {
  private func queue(
    ahead: Int = 4, pace: Double = 0.5, places: Int = 10, patience: Double? = nil, head: Double? = 40,
    last: Double? = 30
  ) -> QueueObservation {
    QueueObservation(
      ahead: ahead, pace: pace, places: places, handlingSeconds: 60, patienceSeconds: patience, headWaited: head,
      lastWaited: last)
  }

  @Test func eachEstimatorReadsItsOwnEvidence() {
    #expect(DelayEstimator.position.seconds(queue()) == 10)
    #expect(DelayEstimator.queueLength.seconds(queue()) == 30)
    #expect(DelayEstimator.headOfLine.seconds(queue()) == 40)
    #expect(DelayEstimator.lastToEnterService.seconds(queue()) == 30)
  }

  @Test func whatIsNotKnownIsNotEstimated() {
    #expect(DelayEstimator.position.seconds(queue(pace: 0)) == nil)
    #expect(DelayEstimator.queueLength.seconds(queue(places: 0)) == nil)
    #expect(DelayEstimator.queueLengthWithAbandonment.seconds(queue(places: 0, patience: 100)) == nil)
    #expect(DelayEstimator.headOfLine.seconds(queue(head: nil)) == 0, "nobody waits")
    #expect(DelayEstimator.lastToEnterService.seconds(queue(last: nil)) == nil)
  }

  @Test func thoseWhoGiveUpShortenTheWaitOfThoseBehindThem() throws {
    let estimate = try #require(DelayEstimator.queueLengthWithAbandonment.seconds(queue(ahead: 200, patience: 100)))
    var sum = 0.0
    for position in 0...200 {
      let rate: Double = 10.0 / 60 + Double(position) / 100
      sum += 1 / rate
    }
    #expect(abs(estimate - sum) < 1e-9)
    let patient = DelayEstimator.queueLengthWithAbandonment.seconds(queue())
    #expect(patient == DelayEstimator.queueLength.seconds(queue()), "without patience they are the same")
  }

  @Test func theErrorIsSummarisedByBiasSizeAndNinthDecile() {
    let error = EstimateError([-1, 1, 2, -2, 3, 4, 5, 6, 7, 15, .infinity, .nan])
    #expect(error?.count == 10 && error?.biasSeconds == 4)
    #expect(error?.meanAbsoluteSeconds == 4.6 && error?.absolute90Seconds == 7)
    #expect(EstimateError([]) == nil && EstimateError([.nan]) == nil)
    #expect(EstimateError([-3])?.absolute90Seconds == 3)
  }
}
