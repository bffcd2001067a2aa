/// How long an agent who released a ticket is not offered it again.
///
/// An agent who declines, lets an offer expire, leaves during an offer, or does not work on an accepted ticket may be the only eligible
/// one, and would be offered it again at once. The pause before the next offer of the same ticket to the same agent grows each time; it
/// is reset once an agent has worked on the ticket or a person has moved it.
public struct OfferPause: Hashable, Sendable {
  /// The agent.
  public let agent: AgentID
  /// How many times in a row the agent released it, 1 or more.
  public let times: Int32
  /// The agent is not offered the ticket before this time.
  public let until: Instant

  /// The pause after the first time.
  public static let shortest: Duration = .seconds(5)
  /// The factor by which each pause is longer than the previous one.
  public static let growth = 3
  /// The longest pause.
  public static let longest: Duration = .seconds(300)
  /// Agents remembered for one ticket; beyond this, those whose pause ends first are forgotten.
  public static let remembered = 64

  /// Describes a pause.
  public init(agent: AgentID, times: Int32, until: Instant) {
    self.agent = agent
    self.times = times
    self.until = until
  }

  /// Returns the pause after an agent has released a ticket the given number of times in a row.
  public static func length(after times: Int32) -> Duration {
    var length = shortest
    var left = times
    while left > 1, length < longest {
      length *= growth
      left -= 1
    }
    return min(length, longest)
  }

  /// A description: `released this ticket 3 times, and is not offered it again before 2026-03-02T09:00:45Z`.
  public var text: String {
    "released this ticket \(times == 1 ? "once" : "\(times) times"), and is not offered it again before \(RFC3339.text(until))"
  }
}

extension Ticket {
  /// The pauses in effect at a given time, sorted by agent name.
  public func pauses(at now: Instant) -> [OfferPause] {
    pauses.filter { $0.until > now }.sorted { $0.agent < $1.agent }
  }

  /// Pauses offers of the ticket to an agent.
  mutating func pause(_ agent: AgentID, at now: Instant) -> OfferPause {
    let known = pauses.first { $0.agent == agent }?.times ?? 0
    let times = known == .max ? known : known + 1
    let pause = OfferPause(agent: agent, times: times, until: now + OfferPause.length(after: times))
    pauses.removeAll { $0.agent == agent }
    pauses.append(pause)
    if pauses.count > OfferPause.remembered, let first = pauses.indices.min(by: { pauses[$0].until < pauses[$1].until })
    {
      pauses.remove(at: first)
    }
    return pause
  }
}
