import RealModule

/// The distribution of a count whose mean is itself uncertain: a Poisson number whose rate has a gamma distribution, which is the negative
/// binomial one (Greenwood and Yule, 1920). Its variance is `mean + dispersion · mean²`; without dispersion it is Poisson's.
struct CountDistribution: Hashable, Sendable {
  let mean: Double
  let dispersion: Double

  /// Up to this mean quantiles are exact sums; above, those of the gamma distribution with the same mean and variance.
  private static let summed = 60.0
  private static let terms = 20_000

  /// The smallest interval of whole numbers between the quantiles that leave out equal shares on both sides.
  /// - Parameter normal: the standard normal quantile of the upper side, 1.645 for a probability of 0.9.
  func interval(probability: Double, normal: Double) -> ClosedRange<Double> {
    guard mean > 0 else { return 0...0 }
    return mean <= Self.summed ? summed(probability) : gamma(normal)
  }

  private func summed(_ probability: Double) -> ClosedRange<Double> {
    let tail = (1 - probability) / 2
    let spread = dispersion * mean
    var term: Double
    var ratio: Double
    var shape: Double
    if spread > 1e-9 {
      shape = 1 / dispersion
      term = Double.exp(-shape * Double.log(onePlus: spread))
      ratio = spread / (1 + spread)
    } else {
      (shape, term, ratio) = (0, Double.exp(-mean), mean)
    }
    var sum = term
    var count = 0.0
    var low: Double?
    while count < Double(Self.terms) {
      if low == nil, sum >= tail { low = count }
      if sum >= 1 - tail { break }
      term *= (spread > 1e-9 ? ratio * (count + shape) : ratio) / (count + 1)
      count += 1
      sum += term
    }
    return (low ?? 0)...count
  }

  /// Wilson and Hilferty's approximation of the gamma distribution's quantiles (1931).
  private func gamma(_ normal: Double) -> ClosedRange<Double> {
    let shape = mean / (1 + dispersion * mean)
    func quantile(_ z: Double) -> Double {
      let root = max(0, 1 - 1 / (9 * shape) + z / (3 * Double.sqrt(shape)))
      return mean * root * root * root
    }
    let low = quantile(-normal).rounded(.down)
    return low...max(low, quantile(normal).rounded(.up))
  }

  /// The standard normal quantile of a probability from 0.5 to below 1, by bisection.
  static func normalQuantile(_ probability: Double) -> Double {
    var (low, high) = (0.0, 9.0)
    for _ in 0..<60 {
      let middle = (low + high) / 2
      let below = (1 + Double.erf(middle / Double.sqrt(2))) / 2
      if below < probability { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
}
