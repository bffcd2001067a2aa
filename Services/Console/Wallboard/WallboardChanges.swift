import DeskCore
import Store

/// What overseers' streams report beside the figures: presences that changed, and tickets that changed hands. Pure.
struct WallboardChanges {
  /// A ticket that has another agent than before.
  struct Reassignment: Sendable, Hashable {
    let ticket: TicketID
    let queue: QueueID?
    /// Nil when nobody had it, or has it now.
    let from: AgentID?
    let to: AgentID?
  }

  /// Nil before the first look, after which nothing is news.
  private var presences: [AgentID: Presence]?
  private var holders: [TicketID: Holding]?

  /// The agents whose presence differs from the last look, at most `WallboardBounds.changesPerLook`.
  mutating func update(agents: [AgentRow]) -> [AgentRow] {
    defer { presences = Dictionary(agents.map { ($0.agent, $0.presence) }, uniquingKeysWith: { first, _ in first }) }
    guard let presences else { return [] }
    return Array(agents.filter { presences[$0.agent] != $0.presence }.prefix(WallboardBounds.changesPerLook))
  }

  /// The tickets that changed hands since the last look, at most `WallboardBounds.changesPerLook`.
  mutating func update(holdings: [Holding]) -> [Reassignment] {
    let current = Dictionary(holdings.map { ($0.ticket, $0) }, uniquingKeysWith: { first, _ in first })
    defer { holders = current }
    guard let holders else { return [] }
    let gone = holders.values.filter { current[$0.ticket] == nil }.map {
      Reassignment(ticket: $0.ticket, queue: $0.queue, from: $0.agent, to: nil)
    }
    let new = holdings.filter { holders[$0.ticket]?.agent != $0.agent }.map {
      Reassignment(ticket: $0.ticket, queue: $0.queue, from: holders[$0.ticket]?.agent, to: $0.agent)
    }
    return Array((new + gone.sorted { $0.ticket < $1.ticket }).prefix(WallboardBounds.changesPerLook))
  }

  /// Forgets what was seen, because there were no streams for a while.
  mutating func reset() { (presences, holders) = (nil, nil) }
}
