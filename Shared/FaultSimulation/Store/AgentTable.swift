import DeskCore
import Store

/// Agents' presence and load.
struct AgentTable: Sendable {
  private(set) var rows: [AgentID: AgentRow] = [:]
  private(set) var order = SortedBuckets<AgentID>()
  /// Those who are available or in reserve.
  private(set) var present = SortedBuckets<AgentID>()

  /// All, by name.
  var all: [AgentRow] { order.compactMap { rows[$0] } }

  subscript(_ agent: AgentID) -> AgentRow? {
    get { rows[agent] }
    set {
      rows[agent] = newValue
      if newValue == nil { order.remove(agent) } else { order.insert(agent) }
      if newValue?.isPresent == true { present.insert(agent) } else { present.remove(agent) }
    }
  }
}

extension AgentRow {
  var isPresent: Bool { presence == .available || presence == .reserve }

  /// The same agent with some of it changed.
  func with(
    presence: Presence? = nil, load: Int32? = nil, capacity: Int32? = nil, idleSince: Instant? = nil,
    seenAt: Instant? = nil
  ) -> AgentRow {
    AgentRow(
      agent: agent, presence: presence ?? self.presence, load: load ?? self.load, capacity: capacity ?? self.capacity,
      idleSince: idleSince ?? self.idleSince, seenAt: seenAt ?? self.seenAt)
  }
}
