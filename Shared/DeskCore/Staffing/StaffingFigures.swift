/// What customers and agents get from a number of agents under a load.
public struct StaffingFigures: Hashable, Sendable {
  /// The share of tickets answered within the target's time.
  public let answeredShare: Double
  /// The share of tickets whose customers give up.
  public let abandonedShare: Double
  /// The mean wait of all tickets, and the wait that nine of ten do not exceed, in seconds; infinite for a queue that grows.
  public let meanWaitSeconds: Double
  public let wait90Seconds: Double
  /// The share of the agents' time in which they are busy.
  public let occupancy: Double

  /// Predicts by Erlang A, or by Erlang C where nobody gives up.
  /// - Throws: `StaffingError` for a number of agents outside of `StaffingBounds`.
  public init(
    load: ServiceLoad, agents: Int, target: ServiceTarget, ticketsPerAgent: Int = 1
  ) throws(StaffingError) {
    guard load.erlangs > 0 else {
      (answeredShare, abandonedShare, meanWaitSeconds, wait90Seconds, occupancy) = (1, 0, 0, 0, 0)
      return
    }
    let places = min(agents, StaffingBounds.agents) * ticketsPerAgent
    let model: any QueueingModel =
      load.patienceSeconds.isFinite ? try ErlangA(load, agents: places) : try ErlangC(load, agents: places)
    answeredShare = model.answeredShare(within: target.withinSeconds)
    abandonedShare = model.abandonedShare
    meanWaitSeconds = model.meanWaitSeconds
    wait90Seconds = model.waitQuantile(0.9)
    occupancy = model.occupancy
  }
}
