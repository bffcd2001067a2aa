import Foundation
import Testing

@testable import DeskCore

@Suite("Patience from censored waits")
struct PatienceTests {
  /// Waits of customers with exponential patience, answered after a time that is exponential too.
  private func waits(patience: Double, answeredAfter: Double, count: Int, seed: UInt64) -> [WaitOutcome] {
    var random = SeededGenerator(seed: seed)
    func exponential(_ mean: Double) -> Double { -mean * log(1 - Double.random(in: 0..<1, using: &random)) }
    return (0..<count).map { _ in
      let (gives, answered) = (exponential(patience), exponential(answeredAfter))
      return WaitOutcome(seconds: min(gives, answered), abandoned: gives < answered)
    }
  }

  @Test func theMeanIsAllTimeWaitedDividedByThoseWhoGaveUp() {
    let estimate = PatienceEstimate([
      WaitOutcome(seconds: 10, abandoned: true), WaitOutcome(seconds: 50, abandoned: false),
      WaitOutcome(seconds: 60, abandoned: true), WaitOutcome(seconds: .nan, abandoned: true),
      WaitOutcome(seconds: -5, abandoned: true),
    ])
    #expect(estimate?.meanSeconds == 60 && estimate?.abandoned == 2 && estimate?.waits == 3)
  }

  @Test func nothingIsKnownOfPatienceThatNeverEnded() {
    #expect(PatienceEstimate([WaitOutcome(seconds: 10, abandoned: false)]) == nil)
    #expect(PatienceEstimate([]) == nil && PatienceEstimate([WaitOutcome(seconds: 0, abandoned: true)]) == nil)
    #expect(PatienceCurve([WaitOutcome(seconds: 10, abandoned: false)]).steps.isEmpty)
  }

  @Test func theTruePatienceIsFoundAmongManyWhoAreAnsweredFirst() throws {
    let waits = waits(patience: 300, answeredAfter: 40, count: 20_000, seed: 3)
    let estimate = try #require(PatienceEstimate(waits))
    #expect(abs(estimate.meanSeconds - 300) < 20 && estimate.interval.contains(300))
    let gaveUp = waits.filter(\.abandoned)
    let naive = gaveUp.reduce(0) { $0 + $1.seconds } / Double(gaveUp.count)
    #expect(naive < 60, "the mean wait of those who gave up says nothing")
    let tenth = try #require(PatienceCurve(waits).seconds(untilShare: 0.9))
    #expect(abs(tenth - -300 * log(0.9)) < 4)
  }

  @Test func theCurveIsThatOfKaplanAndMeier() {
    // The remission times of Freireich's trial, as in textbooks: 6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+.
    let times: [(Double, Bool)] = [
      (6, true), (6, true), (6, true), (6, false), (7, true), (9, false), (10, true), (10, false), (11, false),
      (13, true), (16, true), (17, false), (19, false), (20, false), (22, true), (23, true), (25, false), (32, false),
      (32, false), (34, false), (35, false),
    ]
    let curve = PatienceCurve(times.map { WaitOutcome(seconds: $0, abandoned: $1) })
    let shares = curve.steps.map { ($0.share * 1000).rounded() / 1000 }
    #expect(curve.steps.map(\.seconds) == [6, 7, 10, 13, 16, 22, 23])
    #expect(shares == [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448])
    #expect(curve.seconds(untilShare: 0.5) == 23 && curve.seconds(untilShare: 0.4) == nil)
  }
}
