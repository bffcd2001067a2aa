/// The work that arrives for a group of agents: how often, how long each ticket takes, and how long customers wait for it.
///
/// All three are means of exponential distributions in the formulas of this folder (Kendall's M/M/n + M).
public struct ServiceLoad: Hashable, Sendable {
  /// Tickets per second.
  public let arrivalsPerSecond: Double
  /// The mean time that an agent needs for a ticket, in seconds.
  public let handlingSeconds: Double
  /// How long customers wait on average before they give up, in seconds, if nothing is done for them; infinite where none gives up.
  public let patienceSeconds: Double

  /// - Throws: `StaffingError` for a negative or infinite rate, a handling time or a patience of zero, a load beyond
  ///   `StaffingBounds.erlangs`, or NaN.
  public init(
    arrivalsPerSecond: Double, handlingSeconds: Double, patienceSeconds: Double = .infinity
  ) throws(StaffingError) {
    try StaffingError.check(arrivalsPerSecond, .arrivals, in: StaffingBounds.arrivalsPerSecond)
    try StaffingError.check(handlingSeconds, .handling, in: StaffingBounds.handlingSeconds)
    try StaffingError.check(patienceSeconds, .patience, in: StaffingBounds.patienceSeconds)
    try StaffingError.check(arrivalsPerSecond * handlingSeconds, .load, in: StaffingBounds.erlangs)
    self.arrivalsPerSecond = arrivalsPerSecond
    self.handlingSeconds = handlingSeconds
    self.patienceSeconds = patienceSeconds
  }

  /// The offered load in Erlangs: how many agents would be busy on average if nobody had to wait.
  public var erlangs: Double { arrivalsPerSecond * handlingSeconds }

  /// - Throws: `StaffingError` for a negative number, or one beyond `StaffingBounds.agents`.
  static func check(agents: Int) throws(StaffingError) {
    try StaffingError.check(Double(agents), .agents, in: 0...Double(StaffingBounds.agents))
  }
}
