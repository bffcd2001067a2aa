/// A mean over independent runs, and the two-sided 95 % confidence interval of it by Student's t distribution.
public struct ConfidenceInterval: Hashable, Sendable {
  /// The mean.
  public let mean: Double
  /// Half the width of the interval; nil with fewer than two values, which say nothing about their spread.
  public let halfWidth: Double?

  /// Computes the interval of values that are independent of one another, such as one per seed.
  public init(_ values: [Double]) {
    let count = Double(values.count)
    mean = values.isEmpty ? 0 : values.reduce(0, +) / count
    guard values.count > 1 else {
      halfWidth = nil
      return
    }
    let mean = mean
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
    halfWidth = ConfidenceInterval.quantile(freedom: values.count - 1) * (variance / count).squareRoot()
  }

  /// Whether a value lies in the interval; false without an interval.
  public func contains(_ value: Double) -> Bool {
    halfWidth.map { abs(value - mean) <= $0 } ?? false
  }

  /// The 97.5 % quantile of Student's t distribution: from tables up to 30 degrees of freedom, beyond by the expansion of Cornish and
  /// Fisher, which is right to four digits there (Abramowitz and Stegun, 26.7.5).
  static func quantile(freedom: Int) -> Double {
    let table = [
      12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281, 2.2010, 2.1788, 2.1604, 2.1448,
      2.1314, 2.1199, 2.1098, 2.1009, 2.0930, 2.0860, 2.0796, 2.0739, 2.0687, 2.0639, 2.0595, 2.0555, 2.0518, 2.0484,
      2.0452, 2.0423,
    ]
    if freedom <= table.count { return table[max(1, freedom) - 1] }
    let normal = 1.959_964
    let cube = normal * normal * normal
    let degrees = Double(freedom)
    return normal + (cube + normal) / (4 * degrees)
      + (5 * cube * normal * normal + 16 * cube + 3 * normal) / (96 * degrees * degrees)
  }
}
