import RealModule

/// What an overload of many agents comes to: tickets flow in faster than they are handled, and customers give up until both are equal
/// (W. Whitt, "Fluid models for multiserver queues with abandonments", 2006).
public enum FluidLimit {
  /// The share of tickets whose customers give up: 1 - 1/ρ, and none without overload.
  /// - Parameter use: the offered load per agent, ρ.
  public static func abandonedShare(use: Double) -> Double { use > 1 ? 1 - 1 / use : 0 }

  /// The wait after which the others are answered, in seconds: so long that of exponential patience the share 1/ρ is left.
  public static func waitSeconds(use: Double, patienceSeconds: Double) -> Double {
    use > 1 ? patienceSeconds * .log(use) : 0
  }
}
