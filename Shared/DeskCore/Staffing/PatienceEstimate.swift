import RealModule

/// The mean patience of customers, estimated from waits of which most end before patience does.
///
/// The maximum likelihood estimate of an exponential distribution under censoring: all time waited divided by the number who gave up
/// (J. F. Lawless, "Statistical Models and Methods for Lifetime Data", 2003, section 4.1; L. Brown et al., "Statistical analysis of a
/// telephone call center", 2005). The mean wait of those who gave up is no estimate: it leaves out the patient.
public struct PatienceEstimate: Hashable, Sendable {
  /// The mean patience in seconds.
  public let meanSeconds: Double
  /// The 95 % confidence interval of the mean, from the normal limit of its logarithm.
  public let interval: ClosedRange<Double>
  /// How many gave up, and how many waited.
  public let abandoned: Int
  public let waits: Int

  /// - Returns: nil when nobody gave up, or nobody waited: nothing is known of patience then.
  public init?(_ outcomes: some Sequence<WaitOutcome>) {
    var (exposure, abandoned, waits) = (0.0, 0, 0)
    for outcome in outcomes where outcome.isPossible {
      exposure += outcome.seconds
      waits += 1
      if outcome.abandoned { abandoned += 1 }
    }
    guard abandoned > 0, exposure > 0, exposure.isFinite else { return nil }
    self.waits = waits
    self.abandoned = abandoned
    meanSeconds = exposure / Double(abandoned)
    let factor = Double.exp(1.959964 / .sqrt(Double(abandoned)))
    interval = meanSeconds / factor...meanSeconds * factor
  }
}
