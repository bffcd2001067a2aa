/// A rule by which a number of agents follows from a load.
public enum StaffingRule: String, CaseIterable, Hashable, Sendable {
  /// The least number that meets the target if customers give up as measured.
  case erlangA = "erlang_a"
  /// The least number that meets the target if nobody gives up.
  case erlangC = "erlang_c"
  /// The load and a multiple of its root; see `SquareRootStaffing`.
  case squareRoot = "square_root"
  /// The load and a fifth of it.
  case flat

  /// What the flat rule adds to the load, as a share of it.
  public static let flatReserve = 0.2

  /// The agents for a load, 0 without any.
  /// - Parameter ticketsPerAgent: an agent counts as this many of the formulas' agents.
  /// - Throws: `StaffingError` when `StaffingBounds.agents` are not enough.
  public func agents(
    for load: ServiceLoad, target: ServiceTarget, ticketsPerAgent: Int = 1
  ) throws(StaffingError) -> Int {
    guard load.erlangs > 0 else { return 0 }
    let places: Int
    switch self {
    case .erlangA: places = try ErlangA.agents(for: load, target: target)
    case .erlangC: places = try ErlangC.agents(for: load, target: target)
    case .squareRoot: places = SquareRootStaffing.agents(for: load, target: target)
    // Without the last digits of the product: a load of 10 needs 12, not 13.
    case .flat: places = max(1, Int((load.erlangs * (1 + Self.flatReserve) - 1e-9).rounded(.up)))
    }
    return (places + ticketsPerAgent - 1) / ticketsPerAgent
  }
}
