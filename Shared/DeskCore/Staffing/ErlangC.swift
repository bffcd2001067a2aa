import RealModule

/// Erlang's delay formula: who finds all agents busy waits, and nobody gives up (M/M/n).
public struct ErlangC: QueueingModel {
  public let load: ServiceLoad
  public let agents: Int
  public let waitProbability: Double

  /// C = B / (1 - ρ(1 - B)), with Erlang's loss formula B (R. B. Cooper, "Introduction to Queueing Theory", 1981, section 3.4).
  /// - Throws: `StaffingError` for a number of agents outside of `StaffingBounds`.
  public init(_ load: ServiceLoad, agents: Int) throws(StaffingError) {
    self.load = load
    self.agents = agents
    let lost = try ErlangB.lostShare(erlangs: load.erlangs, agents: agents)
    let use = load.erlangs / Double(agents)
    waitProbability = use < 1 ? lost / (1 - use + use * lost) : agents == 0 || load.erlangs > 0 ? 1 : 0
  }

  /// Nobody gives up in this model.
  public var abandonedShare: Double { 0 }

  /// Tickets per second that agents could take beyond those that arrive; 0 where the queue grows.
  private var spare: Double { max(0, (Double(agents) - load.erlangs) / load.handlingSeconds) }

  public var meanWaitSeconds: Double { waitProbability > 0 ? waitProbability / spare : 0 }

  public var occupancy: Double { agents > 0 ? min(1, load.erlangs / Double(agents)) : 0 }

  public func answeredShare(within seconds: Double) -> Double {
    spare > 0 ? 1 - waitProbability * .exp(-spare * seconds) : 1 - waitProbability
  }

  public func waitQuantile(_ share: Double) -> Double {
    1 - share >= waitProbability ? 0 : .log(waitProbability / (1 - share)) / spare
  }

  /// The least number of agents that meets a target.
  /// - Throws: `StaffingError` when `StaffingBounds.agents` are not enough.
  public static func agents(for load: ServiceLoad, target: ServiceTarget) throws(StaffingError) -> Int {
    guard load.erlangs > 0 else { return 0 }
    return try target.leastAgents(near: load.erlangs) { (agents) throws(StaffingError) in
      try ErlangC(load, agents: agents).answeredShare(within: target.withinSeconds)
    }
  }
}
