/// How far estimates of waits were from the waits, in seconds.
public struct EstimateError: Hashable, Sendable {
  /// How many estimates.
  public let count: Int
  /// The mean of wait minus estimate: positive where customers waited longer than they were told.
  public let biasSeconds: Double
  /// The mean of the differences' sizes.
  public let meanAbsoluteSeconds: Double
  /// The size that nine of ten differences do not exceed.
  public let absolute90Seconds: Double

  /// - Parameter errors: wait minus estimate in seconds, one for each estimate; those that are not finite are left out.
  /// - Returns: nil without any.
  public init?(_ errors: some Sequence<Double>) {
    let errors = errors.filter(\.isFinite)
    guard !errors.isEmpty else { return nil }
    let sizes = errors.map(abs).sorted()
    count = errors.count
    biasSeconds = errors.reduce(0, +) / Double(count)
    meanAbsoluteSeconds = sizes.reduce(0, +) / Double(count)
    // The nearest rank.
    absolute90Seconds = sizes[(count * 9 + 9) / 10 - 1]
  }
}
