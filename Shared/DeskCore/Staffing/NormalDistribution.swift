import RealModule

/// The standard normal distribution.
enum NormalDistribution {
  /// The density.
  static func density(_ x: Double) -> Double { .exp(-x * x / 2) / .sqrt(2 * .pi) }

  /// The probability of a smaller value.
  static func below(_ x: Double) -> Double { .erfc(-x / .sqrt(2)) / 2 }

  /// The hazard rate: the density divided by the probability of a larger value.
  static func hazard(_ x: Double) -> Double {
    // Beyond this both would underflow; the series of Mills' ratio is exact to seven digits here (Abramowitz and Stegun, 26.2.12).
    guard x < 20 else { return x + 1 / x - 2 / (x * x * x) + 10 / (x * x * x * x * x) }
    return density(x) / below(-x)
  }

  /// The probability of a value beyond `y`, given that it is beyond `x`.
  static func beyond(_ y: Double, given x: Double) -> Double {
    .exp((x - y) * (x + y) / 2) * hazard(x) / hazard(y)
  }
}

extension Double {
  /// The digamma function of a positive number, the derivative of the logarithm of the gamma function, by its asymptotic series after
  /// the recurrence ψ(x) = ψ(x + 1) - 1/x (Abramowitz and Stegun, 6.3.5 and 6.3.18).
  static func digamma(_ x: Double) -> Double {
    var (x, shift) = (x, 0.0)
    while x < 10 {
      shift -= 1 / x
      x += 1
    }
    let square = 1 / (x * x)
    return shift + .log(x) - 0.5 / x - square * (1.0 / 12 - square * (1.0 / 120 - square / 252))
  }
}
