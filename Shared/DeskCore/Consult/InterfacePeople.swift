/// Who is consulted about a product line.
public struct InterfacePeople: Hashable, Sendable {
  /// Agents.
  public var agents: Set<AgentID>
  /// Teams, each of whose agents is one.
  public var teams: Set<TeamID>

  /// Names the people.
  public init(agents: Set<AgentID> = [], teams: Set<TeamID> = []) {
    self.agents = agents
    self.teams = teams
  }
}

/// The name of a product line, as channels send it in the attribute `product_line`.
public typealias ProductLineID = Key<InterfacePeople>

extension Policy {
  /// Whether an agent is an interface person of a product line.
  public func isInterface(_ agent: AgentID, of line: ProductLineID) -> Bool {
    guard let people = life.interfaces[line], let profile = agents[agent] else { return false }
    return people.agents.contains(agent) || !people.teams.isDisjoint(with: profile.teams)
  }

  /// The product lines of which an agent is an interface person, sorted.
  public func interfaceLines(of agent: AgentID) -> [ProductLineID] {
    life.interfaces.keys.filter { isInterface(agent, of: $0) }.sorted()
  }

  /// Whether a product line has an interface person other than this agent.
  public func hasInterface(_ line: ProductLineID, except agent: AgentID) -> Bool {
    agents.keys.contains { $0 != agent && isInterface($0, of: line) }
  }
}
