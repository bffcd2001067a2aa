import DeskCore

// MARK: - Queues and rules

extension PolicyReader {
  /// `queues:` by name.
  mutating func queues(_ entries: [PolicyEntry]) -> [QueueID: QueuePolicy] {
    var queues: [QueueID: QueuePolicy] = [:]
    for entry in entries {
      guard let queue = queue(entry) else { continue }
      queues[queue.id] = queue
    }
    return queues
  }

  private mutating func queue(_ entry: PolicyEntry) -> QueuePolicy? {
    let known = ["title", "teams", "skills", "offer_time", "relaxation", "reclaim_after"]
    guard let fields = fields(of: entry.value, known: known) else { return nil }
    if let time = fields["reclaim_after"].flatMap({ duration($0, in: PolicyLimits.reclaimAfter) }) {
      life.reclaimAfter[QueueID(entry.name)] = time
    }
    title(fields["title"], of: "queues.\(entry.name)")
    let teams: Set<TeamID> = references(fields["teams"], to: "team", among: teamNames)
    if !agents.values.contains(where: { teams.isEmpty || !teams.isDisjoint(with: $0.teams) }) {
      report(fields["teams"] ?? entry.value, "no agent serves the queue", remedy: "put agents into one of its teams")
    }
    return QueuePolicy(
      id: QueueID(entry.name), teams: teams, skills: requirements(fields["skills"]),
      offerTime: fields["offer_time"].flatMap { duration($0, in: PolicyLimits.offerTime) }
        ?? PolicyDefaults.offerTime,
      relaxation: relaxation(fields["relaxation"]))
  }

  /// Skills that are asked of an agent; one that nobody has well enough is a mistake.
  private mutating func requirements(_ place: PolicyNode?) -> [SkillRequirement] {
    proficiencies(place).map { skill, proficiency, place in
      let best = agents.values.compactMap { $0.skills[skill] }.max()
      if best == nil {
        report(
          place, "no agent has the skill \(quoted(skill.rawValue))", remedy: "give it to an agent, or ask for another")
      } else if let best, best < proficiency {
        report(
          place, "no agent has \(quoted(skill.rawValue)) at \(proficiency)", remedy: "ask for \(best) at most")
      }
      return SkillRequirement(skill, proficiency: proficiency)
    }.sorted { $0.skill < $1.skill }
  }

  private mutating func relaxation(_ place: PolicyNode?) -> [RelaxationStep] {
    var steps: [RelaxationStep] = []
    for item in items(place) {
      guard let fields = fields(of: item, known: ["after", "proficiency_less", "any_skill", "teams"]) else { continue }
      let after = needed("after", in: fields).flatMap { duration($0) }
      guard fields.values.keys.filter({ $0 != "after" }).count == 1 else {
        report(
          item, "a step gives up one thing",
          remedy: "write one of proficiency_less, any_skill and teams; add steps for more")
        continue
      }
      guard let after, let easing = easing(fields) else { continue }
      if let last = steps.last, after < last.after {
        report(item, "the step comes before the one above it", remedy: "order steps by `after`, counted from the start")
        continue
      }
      steps.append(RelaxationStep(after: after, easing: easing))
    }
    return steps
  }

  private mutating func easing(_ fields: PolicyFields) -> RelaxationStep.Easing? {
    if let place = fields["proficiency_less"] { return integer(place, in: 1...9).map { .proficiency(by: $0) } }
    if let place = fields["any_skill"] {
      guard let flag = flag(place) else { return nil }
      if !flag { report(place, "a step that gives up nothing", remedy: "write true, or drop the step") }
      return .anySkill
    }
    return fields["teams"].map { .teams(references($0, to: "team", among: teamNames)) }
  }

  /// `rules:` in order.
  mutating func rules(_ place: PolicyNode?, queues: [QueueID: QueuePolicy]) -> [Rule] {
    var rules: [Rule] = []
    var names: Set<String> = []
    for item in items(place) {
      guard let fields = fields(of: item, known: ["name", "when", "queue", "priority", "skills"]) else { continue }
      let name = name(in: fields, taken: &names)
      let condition = condition(fields["when"])
      let queue: QueueID? = needed("queue", in: fields).flatMap { reference($0, to: "queue", among: queueNames) }
      let priority = fields["priority"].flatMap { word($0, among: Priority.allCases.map { ($0.name, $0) }) }
      let skills = requirements(fields["skills"])
      guard let name, let condition, let queue else { continue }
      if let blocker = rules.first(where: { $0.condition == .always || $0.condition == condition }) {
        report(
          item, "the rule is never reached: \(quoted(blocker.name)) matches before it",
          remedy: "move it up, or drop it")
      }
      if let queue = queues[queue] { checkServed(by: queue, skills: skills, at: item) }
      rules.append(Rule(name: name, condition: condition, queue: queue, priority: priority, skills: skills))
    }
    return rules
  }

  /// A rule that sends tickets to a queue none of whose agents has its skills would let them wait for nobody.
  private mutating func checkServed(by queue: QueuePolicy, skills: [SkillRequirement], at place: PolicyNode) {
    guard !skills.isEmpty else { return }
    var teams = queue.teams
    for step in queue.relaxation {
      switch step.easing {
      case .anySkill, .proficiency: return
      case .teams(let joining): if !teams.isEmpty { teams.formUnion(joining) }
      }
    }
    let asked = queue.skills + skills
    let isServed = agents.values.contains {
      (teams.isEmpty || !teams.isDisjoint(with: $0.teams)) && $0.masters(asked)
    }
    if !isServed {
      report(
        place, "no agent of the queue \(quoted(queue.id.rawValue)) has all skills that queue and rule ask",
        remedy: "ask for less, or add a relaxation step to the queue")
    }
  }

  /// The name of an entry of a list, which must be there once.
  mutating func name(in fields: PolicyFields, taken: inout Set<String>) -> String? {
    guard let place = needed("name", in: fields), let (name, _) = scalar(place), isWellFormed(name, at: place) else {
      return nil
    }
    if !taken.insert(name).inserted {
      report(place, "\(quoted(name)) is declared twice", remedy: "choose another name")
    }
    return name
  }
}
