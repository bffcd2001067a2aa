import Testing

@testable import DeskCore

@Suite("Expected waits")
struct WaitEstimatorTests {
  @Test func expectedWaitIsPositionDividedByPace() {
    var estimator = WaitEstimator(now: .at(0))
    #expect(estimator.pace(now: .at(10)) == 0)
    #expect(WaitEstimator.expectedWait(atPosition: 1, pace: 0) == nil)
    for second in 0..<300 { _ = estimator.served([.number(UInt64(second))], now: .at(Int64(second))) }
    let pace = estimator.pace(now: .at(299))
    #expect((0.9...1.2).contains(pace))
    #expect(WaitEstimator.expectedWait(atPosition: 30, pace: 0.5) == .seconds(60))
    #expect(estimator.pace(now: .at(700)) == 0, "old data does not count")
  }

  @Test func theErrorIsTheActualMinusTheExpectedWait() {
    var estimator = WaitEstimator(now: .at(0))
    for second in 0..<270 { _ = estimator.served([.number(UInt64(1_000 + second))], now: .at(Int64(second))) }
    let expected = WaitEstimator.expectedWait(atPosition: 2, pace: estimator.pace(now: .at(270)))
    estimator.saw([.number(1), .number(2)], now: .at(270))
    estimator.saw([.number(2)], now: .at(280))
    let errors = estimator.served([.number(2), .number(3)], now: .at(290))
    #expect(errors == [.seconds(20) - (expected ?? .zero)])
    estimator.forget(madeBefore: .at(300))
    #expect(estimator.served([.number(1)], now: .at(301)).isEmpty)
  }

  @Test func memoryIsBounded() {
    var estimator = WaitEstimator(now: .at(0))
    _ = estimator.served([.number(0)], now: .at(1))
    estimator.saw((1...1_000).map { .number(UInt64($0)) }, now: .at(2))
    #expect(
      estimator.served((1...1_000).map { .number(UInt64($0)) }, now: .at(3)).count == WaitEstimator.predictionsKept)
  }
}
