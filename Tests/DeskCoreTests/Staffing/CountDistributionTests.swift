import Testing

@testable import DeskCore

@Suite struct CountDistributionTests {
  private let normal = CountDistribution.normalQuantile(0.95)

  private func interval(_ mean: Double, _ dispersion: Double) -> ClosedRange<Double> {
    CountDistribution(mean: mean, dispersion: dispersion).interval(probability: 0.9, normal: normal)
  }

  @Test func normalQuantilesAreThoseOfTables() {
    #expect(abs(normal - 1.644854) < 1e-6)
    #expect(abs(CountDistribution.normalQuantile(0.975) - 1.959964) < 1e-6)
  }

  /// From tables of the Poisson distribution: P(X ≤ 4) = 0.0293 and P(X ≤ 5) = 0.0671, P(X ≤ 14) = 0.9165 and P(X ≤ 15) = 0.9513.
  @Test func poissonIntervalsAreExact() {
    #expect(interval(10, 0) == 5...15)
    #expect(interval(0.02, 0) == 0...0)
    #expect(interval(0, 0) == 0...0)
  }

  /// With dispersion 1 the negative binomial distribution is the geometric one: P(X ≤ k) = 1 - (m / (m + 1))^(k + 1).
  @Test func overdispersedIntervalsAreExact() {
    #expect(interval(4, 1) == 0...13)
    #expect(interval(19, 1) == 0...58)
  }

  @Test func sumsAndApproximationAgreeWhereTheyMeet() {
    for dispersion in [0, 0.01, 0.1, 0.5] {
      let (low, high) = (interval(60, dispersion), interval(60.001, dispersion))
      #expect(abs(low.lowerBound - high.lowerBound) <= 2 && abs(low.upperBound - high.upperBound) <= 3, "\(dispersion)")
    }
  }
}
