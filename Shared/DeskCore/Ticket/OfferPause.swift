/// How long an agent who let a ticket go is left alone with it.
///
/// Whoever declines, lets an offer run out, leaves while asked, or does not work on what they took may be the only one who could take
/// the ticket, and would be asked again at once. The time to the next offer of the same ticket to the same agent grows with each time;
/// once somebody has worked on the ticket, or a person has moved it, nothing is remembered.
public struct OfferPause: Hashable, Sendable {
  /// The agent.
  public let agent: AgentID
  /// How often in a row they let it go, 1 or more.
  public let times: Int32
  /// They are not asked for it before this moment.
  public let until: Instant

  /// The pause after the first time.
  public static let shortest: Duration = .seconds(5)
  /// By how much each one is longer than the one before.
  public static let growth = 3
  /// The longest.
  public static let longest: Duration = .seconds(300)
  /// Agents who are remembered for one ticket; beyond this those whose pause ends first are forgotten.
  public static let remembered = 64

  /// Describes a pause.
  public init(agent: AgentID, times: Int32, until: Instant) {
    self.agent = agent
    self.times = times
    self.until = until
  }

  /// The pause after an agent has let a ticket go so many times in a row.
  public static func length(after times: Int32) -> Duration {
    var length = shortest
    var left = times
    while left > 1, length < longest {
      length *= growth
      left -= 1
    }
    return min(length, longest)
  }

  /// In words: `let this ticket go 3 times, and is not asked for it before 2026-03-02T09:00:45Z`.
  public var text: String {
    "let this ticket go \(times == 1 ? "once" : "\(times) times"), and is not asked for it before \(RFC3339.text(until))"
  }

  /// What the timeline says of it.
  var fields: [Detail.Field] {
    [.init("times", .integer(Int64(times))), .init("not_before_us", .integer(until.microseconds))]
  }
}

extension Ticket {
  /// The pauses that last at a moment, in the order of the agents' names.
  public func pauses(at now: Instant) -> [OfferPause] {
    pauses.filter { $0.until > now }.sorted { $0.agent < $1.agent }
  }

  /// Leaves an agent alone with the ticket for a while.
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
