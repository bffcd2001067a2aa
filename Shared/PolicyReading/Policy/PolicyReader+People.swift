import DeskCore

// MARK: - Teams, skills, agents

extension PolicyReader {
  /// Reads `teams:` by name; agents are read first, so that a lead can be looked up.
  mutating func teams(_ entries: [PolicyEntry]) -> [TeamID: Team] {
    let agentNames = Set(agents.keys.map(\.rawValue))
    var teams: [TeamID: Team] = [:]
    for entry in entries {
      let id = TeamID(entry.name)
      teams[id] = Team(id: id, lead: nil)
      guard !entry.value.isNull, let fields = fields(of: entry.value, known: ["title", "lead", "hook"]) else {
        continue
      }
      title(fields["title"], of: "teams.\(entry.name)")
      teams[id] = Team(
        id: id, lead: fields["lead"].flatMap { reference($0, to: "agent", among: agentNames) },
        hook: fields["hook"].flatMap { reference($0, to: "hook", among: hookNames) })
    }
    return teams
  }

  /// Reads one entry of `skills:`; only its title is kept.
  mutating func skill(_ entry: PolicyEntry) {
    guard !entry.value.isNull, let fields = fields(of: entry.value, known: ["title"]) else { return }
    title(fields["title"], of: "skills.\(entry.name)")
  }

  /// Reads one entry of `categories:`. The model defines the categories, so that any name may have a title.
  mutating func category(_ entry: PolicyEntry) {
    guard let fields = fields(of: entry.value, known: ["title"]) else { return }
    title(fields["title"], of: "categories.\(entry.name)")
  }

  /// Reads `agents:`, each one by `id` or many by `ids`.
  mutating func readAgents(_ place: PolicyNode?) {
    let before = mistakes.count + omitted
    for item in items(place, limit: PolicyLimits.agents) { readAgents(item: item) }
    areAgentsKnown = mistakes.count + omitted == before
  }

  /// The fields of an entry's agents, and what each part of its rotation adds.
  private struct Traits {
    var teams: Set<TeamID> = []
    var skills: [SkillID: Int] = [:]
    var languages: Set<String> = []

    func adding(_ other: Traits) -> Traits {
      Traits(
        teams: teams.union(other.teams), skills: skills.merging(other.skills) { max($0, $1) },
        languages: languages.union(other.languages))
    }
  }

  private mutating func readAgents(item: PolicyNode) {
    let known = ["id", "ids", "title", "teams", "skills", "languages", "capacity", "since", "rotate"]
    guard let fields = fields(of: item, known: known) else { return }
    let names = agentNames(fields)
    let shared = traits(fields)
    let capacity = fields["capacity"].flatMap { integer($0, in: PolicyLimits.capacity) } ?? PolicyDefaults.capacity
    let since = fields["since"].flatMap { day($0) }
    var rotation: [Traits] = []
    for part in items(fields["rotate"]) {
      guard let fields = self.fields(of: part, known: ["teams", "skills", "languages"]) else { continue }
      rotation.append(traits(fields))
    }
    if rotation.isEmpty { rotation = [Traits()] }
    for (position, name) in names.enumerated() {
      let id = AgentID(name)
      guard agents.count < PolicyLimits.agents else {
        report(item, "more than \(PolicyLimits.agents) agents", remedy: "remove those that are not needed")
        return
      }
      guard agents[id] == nil else {
        report(fields["id"] ?? fields["ids"] ?? item, "agent \(quoted(name)) is declared twice", remedy: "keep one")
        return
      }
      let traits = shared.adding(rotation[position % rotation.count])
      agents[id] = AgentProfile(
        id: id, teams: traits.teams, skills: traits.skills, languages: traits.languages, capacity: Int32(capacity))
      agentsSince[id] = since
      if names.count == 1 { title(fields["title"], of: "agents.\(name)") }
    }
  }

  private mutating func agentNames(_ fields: PolicyFields) -> [String] {
    switch (fields["id"], fields["ids"]) {
    case (let place?, nil):
      guard let (name, _) = scalar(place), isWellFormed(name, at: place) else { return [] }
      return [name]
    case (nil, let place?):
      if let title = fields["title"] {
        report(title, "a title is not allowed with 'ids'", remedy: "declare agents with titles one by one")
      }
      guard let (text, _) = scalar(place) else { return [] }
      guard let names = PolicyRange.names(of: text, limit: PolicyLimits.agents), let last = names.last else {
        report(
          place, "\(quoted(text)) is not a range of names", remedy: "write `first..last`, such as agent-001..agent-060")
        return []
      }
      return isWellFormed(last, at: place) ? names : []
    default:
      report(fields.place, "an agent needs either 'id' or 'ids'", remedy: "add `id:`, or `ids:` for many")
      return []
    }
  }

  private mutating func traits(_ fields: PolicyFields) -> Traits {
    var skills: [SkillID: Int] = [:]
    for (skill, proficiency, _) in proficiencies(fields["skills"]) { skills[skill] = proficiency }
    var languages: Set<String> = []
    if let place = fields["languages"] {
      for item in itemsOrOne(place) {
        if let language = word(item, among: ["zh", "zh-Hans", "zh-Hant", "en"].map { ($0, $0) }) {
          languages.insert(language)
        }
      }
    }
    return Traits(
      teams: references(fields["teams"], to: "team", among: teamNames), skills: skills, languages: languages)
  }
}
