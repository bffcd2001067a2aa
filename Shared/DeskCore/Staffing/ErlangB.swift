/// Erlang's loss formula: arrivals that find all agents busy are lost (M/M/n/n).
public enum ErlangB {
  /// The share that is lost.
  ///
  /// By the recursion B(0) = 1, B(k) = aB(k - 1) / (k + aB(k - 1)), which needs neither factorials nor powers and loses no digits
  /// (R. B. Cooper, "Introduction to Queueing Theory", 1981, section 3.3).
  /// - Parameters:
  ///   - erlangs: the offered load.
  ///   - agents: 0 or more.
  /// - Throws: `StaffingError` for values outside of `StaffingBounds`.
  public static func lostShare(erlangs: Double, agents: Int) throws(StaffingError) -> Double {
    try StaffingError.check(erlangs, .load, in: StaffingBounds.erlangs)
    try ServiceLoad.check(agents: agents)
    var share = 1.0
    var agent = 0.0
    while agent < Double(agents) {
      agent += 1
      let carried = erlangs * share
      share = carried / (agent + carried)
    }
    return share
  }
}
