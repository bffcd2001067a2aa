/// What customers are promised: a share of all tickets is answered within a time. Who gives up is not answered.
public struct ServiceTarget: Hashable, Sendable {
  /// The share, such as 0.9.
  public let share: Double
  /// The time, in seconds; 0 for an answer at once.
  public let withinSeconds: Double

  /// - Throws: `StaffingError` for a share or a time outside of `StaffingBounds`.
  public init(share: Double, withinSeconds: Double) throws(StaffingError) {
    try StaffingError.check(share, .targetShare, in: StaffingBounds.targetShare)
    try StaffingError.check(withinSeconds, .targetTime, in: StaffingBounds.targetSeconds)
    self.share = share
    self.withinSeconds = withinSeconds
  }

  /// The least number of agents with which a model meets the target: with one agent less it does not.
  ///
  /// - Parameters:
  ///   - guess: where the search begins, such as the load. Agents are tried in growing steps around it, then by halving.
  ///   - answered: the share answered within the time by a number of agents; it grows with their number.
  /// - Throws: what `answered` throws, or `StaffingError` when more than `limit` agents are needed.
  func leastAgents(
    near guess: Double, upTo limit: Int = StaffingBounds.agents,
    answered: (_ agents: Int) throws(StaffingError) -> Double
  ) throws(StaffingError) -> Int {
    var enough = min(limit, Int(guess.rounded(.up)))
    var few = -1
    var step = 1
    if try answered(enough) >= share {
      while enough > 0 {
        let less = max(0, enough - step)
        guard try answered(less) >= share else {
          few = less
          break
        }
        enough = less
        step *= 2
      }
    } else {
      repeat {
        guard enough < limit else {
          throw StaffingError(
            quantity: .agents, value: Double(limit), remedy: "more than these are needed: lower the target or the load")
        }
        few = enough
        enough = min(limit, enough + step)
        step *= 2
      } while try answered(enough) < share
    }
    while enough - few > 1 {
      let middle = few + (enough - few) / 2
      if try answered(middle) >= share { enough = middle } else { few = middle }
    }
    return enough
  }
}
