/// The abilities of agent kinds, by column: one byte for each kind, contiguous, so that a demand is compared with ten thousand kinds in a
/// few passes over short arrays. A column is created from the profiles when it is first needed.
struct AbilityColumns: Sendable {
  private enum Key: Hashable {
    case team(TeamID)
    case skill(SkillID)
    case language(String)
  }

  private var profiles: [AgentProfile] = []
  private var columns: [Key: [UInt8]] = [:]

  /// Columns kept at once; beyond this all are dropped and created again.
  private static let columnsKept = 1_024

  /// Adds a kind, by an agent of it; the first is number 0.
  mutating func add(_ profile: AgentProfile) {
    profiles.append(profile)
  }

  /// For each kind 1 if it meets the requirements for a message in a language, else 0: those for which `AgentRequirements.lack` finds
  /// nothing.
  mutating func having(_ asked: AgentRequirements, speaking language: String) -> [UInt8] {
    var able = [UInt8](repeating: asked.teams.isEmpty ? 1 : 0, count: profiles.count)
    for team in asked.teams {
      let members = column(.team(team))
      for kind in able.indices { able[kind] |= members[kind] }
    }
    for requirement in asked.skills {
      let proficiencies = column(.skill(requirement.skill))
      let needed = UInt8(clamping: requirement.proficiency)
      for kind in able.indices { able[kind] &= proficiencies[kind] >= needed ? 1 : 0 }
    }
    if asked.language {
      let speakers = column(.language(language))
      for kind in able.indices { able[kind] &= speakers[kind] }
    }
    return able
  }

  /// A whole column; kinds added since it was last needed are read now.
  private mutating func column(_ key: Key) -> [UInt8] {
    if columns.count >= Self.columnsKept, columns[key] == nil { columns.removeAll(keepingCapacity: true) }
    var column = columns.removeValue(forKey: key) ?? []
    for profile in profiles[column.count...] {
      switch key {
      case .team(let team): column.append(profile.teams.contains(team) ? 1 : 0)
      case .skill(let skill): column.append(UInt8(clamping: profile.skills[skill] ?? 0))
      case .language(let language): column.append(profile.speaks(language) ? 1 : 0)
      }
    }
    columns[key] = column
    return column
  }
}
