public import DeskCore
import RealModule

/// A distribution of durations, in seconds.
///
/// Draws use few uniform numbers in a fixed order and no rejection that depends on anything but the generator, so that two policies that
/// draw from equally seeded generators see the same values.
public enum Variate: Hashable, Sendable {
  /// Always the same.
  case constant(Double)
  /// Exponential with a mean.
  case exponential(mean: Double)
  /// Lognormal with a mean and a coefficient of variation (standard deviation over mean).
  case lognormal(mean: Double, variation: Double)
  /// Gamma with a mean and a coefficient of variation.
  case gamma(mean: Double, variation: Double)
  /// One of the values of a sample, each equally likely.
  case empirical([Double])

  private static let leastVariation = 1e-7

  /// The mean in seconds.
  public var mean: Double {
    switch self {
    case .constant(let value): value
    case .exponential(let mean), .lognormal(let mean, _), .gamma(let mean, _): mean
    case .empirical(let values): values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
    }
  }

  /// A draw in seconds, zero or more.
  public func draw(using random: inout SeededGenerator) -> Double {
    switch self {
    case .constant(let value):
      return value
    case .exponential(let mean):
      return -mean * Double.log(1 - random.unit())
    case .lognormal(let mean, let variation):
      let variance = Double.log(1 + variation * variation)
      return mean * Double.exp(variance.squareRoot() * random.normal() - variance / 2)
    case .gamma(let mean, let variation):
      // Beyond this the shape has more digits than a draw, which would be the mean anyway.
      guard variation > Self.leastVariation else { return mean }
      let shape = 1 / (variation * variation)
      return mean / shape * random.gamma(shape: shape)
    case .empirical(let values):
      return values.isEmpty ? 0 : values[Int(random.unit() * Double(values.count))]
    }
  }

  /// A draw in microseconds.
  func microseconds(using random: inout SeededGenerator) -> Int64 {
    Int64(min(max(0, draw(using: &random)) * 1e6, 1e15))
  }
}

extension SeededGenerator {
  /// A number from 0 to below 1, of 53 bits.
  mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A standard normal number (Box and Muller, "A note on the generation of random normal deviates", 1958).
  mutating func normal() -> Double {
    let radius = (-2 * Double.log(1 - unit())).squareRoot()
    return radius * Double.cos(2 * .pi * unit())
  }

  /// A gamma number of scale 1 (Marsaglia and Tsang, "A simple method for generating gamma variables", 2000).
  mutating func gamma(shape: Double) -> Double {
    if shape < 1 {
      let larger = gamma(shape: shape + 1)
      return larger * Double.pow(1 - unit(), 1 / shape)
    }
    let least = shape - 1 / 3
    let scale = 1 / (9 * least).squareRoot()
    while true {
      let normal = normal()
      let root = 1 + scale * normal
      let cube = root * root * root
      let unit = 1 - unit()
      if cube > 0, Double.log(unit) < normal * normal / 2 + least - least * cube + least * Double.log(cube) {
        return least * cube
      }
    }
  }

  /// A number of an entry, by the cumulative weights of all.
  mutating func choice(byCumulative weights: [Double]) -> Int {
    guard weights.count > 1, let total = weights.last else { return 0 }
    let value = unit() * total
    return weights.firstIndex { value < $0 } ?? weights.count - 1
  }
}
