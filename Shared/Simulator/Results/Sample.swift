/// A sample of durations in seconds, kept whole: quantiles are exact, and a million values take four megabytes.
public struct Sample: Sendable {
  private var values: [Float] = []
  private var sum = 0.0
  private var isSorted = true

  /// Creates an empty sample.
  public init() {}

  /// Adds a value.
  public mutating func add(_ seconds: Double) {
    values.append(Float(seconds))
    sum += seconds
    isSorted = false
  }

  /// How many values there are.
  public var count: Int { values.count }
  /// Their mean; 0 without any.
  public var mean: Double { values.isEmpty ? 0 : sum / Double(values.count) }

  /// Sorts the values: quantiles of a sorted sample cost nothing.
  public mutating func sort() {
    if !isSorted { values.sort() }
    isSorted = true
  }

  /// The largest value; 0 without any.
  public var largest: Double { Double((isSorted ? values.last : values.max()) ?? 0) }

  /// The smallest value that at least this share of all does not exceed; 0 without any.
  /// - Parameter share: 0 to 1.
  public func quantile(_ share: Double) -> Double {
    guard !values.isEmpty else { return 0 }
    let place = Int((share * Double(values.count)).rounded(.up)) - 1
    return Double((isSorted ? values : values.sorted())[min(max(0, place), values.count - 1)])
  }
}
