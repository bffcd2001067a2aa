import DeskCore

// MARK: - Interface people of product lines

extension PolicyReader {
  /// Reads `product_lines:`, who is consulted about each. Agents and teams are read first.
  mutating func productLines(_ place: PolicyNode?) -> [ProductLineID: InterfacePeople] {
    var lines: [ProductLineID: InterfacePeople] = [:]
    let agentNames = Set(agents.keys.map(\.rawValue))
    for entry in named(place) {
      guard let fields = fields(of: entry.value, known: ["title", "agents", "teams"]) else { continue }
      title(fields["title"], of: "product_lines.\(entry.name)")
      let people = InterfacePeople(
        agents: references(fields["agents"], to: "agent", among: agentNames),
        teams: references(fields["teams"], to: "team", among: teamNames))
      let isStaffed =
        !people.agents.isEmpty || agents.values.contains { !$0.teams.isDisjoint(with: people.teams) }
      if areAgentsKnown, !isStaffed {
        report(
          entry.key, "the product line \(quoted(entry.name)) has no interface person",
          remedy: "name agents, or a team that has some")
      }
      lines[ProductLineID(entry.name)] = people
    }
    return lines
  }
}
