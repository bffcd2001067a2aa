import DeskCore
import Yams

// MARK: - Queues and rules

extension PolicyReader {
  /// Reads `queues:` by name.
  mutating func queues(_ entries: [PolicyEntry]) -> [QueueID: QueuePolicy] {
    var queues: [QueueID: QueuePolicy] = [:]
    for entry in entries {
      guard let queue = queue(entry) else { continue }
      queues[queue.id] = queue
    }
    return queues
  }

  private mutating func queue(_ entry: PolicyEntry) -> QueuePolicy? {
    let known = [
      "title", "teams", "skills", "offer_time", "relaxation", "dedicated_wait", "overdue_turn", "limit", "overflow",
      "reclaim_after",
    ]
    guard let fields = fields(of: entry.value, known: known) else { return nil }
    if let time = fields["reclaim_after"].flatMap({ duration($0, in: PolicyLimits.reclaimAfter) }) {
      life.reclaimAfter[QueueID(entry.name)] = time
    }
    title(fields["title"], of: "queues.\(entry.name)")
    let teams: Set<TeamID> = references(fields["teams"], to: "team", among: teamNames)
    let isServed = agents.values.contains { teams.isEmpty || !teams.isDisjoint(with: $0.teams) }
    if !isServed, areAgentsKnown {
      report(fields["teams"] ?? entry.value, "no agent serves the queue", remedy: "add agents to one of its teams")
    }
    if fields["limit"] == nil, let overflow = fields["overflow"] {
      report(overflow, "the queue has no limit, so it never overflows", remedy: "add `limit:`, or remove `overflow:`")
    }
    let before = mistakes.count + omitted
    let queue = QueuePolicy(
      id: QueueID(entry.name), teams: teams, skills: requirements(fields["skills"]),
      offerTime: fields["offer_time"].flatMap { duration($0, in: PolicyLimits.offerTime) }
        ?? PolicyDefaults.offerTime,
      relaxation: relaxation(fields["relaxation"]),
      dedicatedWait: fields["dedicated_wait"].flatMap { duration($0) } ?? .zero,
      overdueTurn: fields["overdue_turn"].flatMap { integer($0, in: PolicyLimits.overdueTurn) }
        ?? QueuePolicy.usualOverdueTurn,
      limit: fields["limit"].flatMap { integer($0, in: PolicyLimits.queueLimit) },
      overflow: fields["overflow"].flatMap { reference($0, to: "queue", among: queueNames) })
    // A required skill that no agent has is reported instead.
    if isServed, mistakes.count + omitted == before {
      checkServed(by: queue, skills: [], at: fields["skills"] ?? entry.value)
    }
    return queue
  }

  /// Reads `head_starts:`, how much earlier than their target tickets of some classes and tiers count as due.
  mutating func headStarts(_ place: PolicyNode?) -> HeadStarts {
    var headStarts = HeadStarts()
    guard let place, let fields = fields(of: place, known: ["high", "vip", "key_account"]) else { return headStarts }
    func read(_ key: String, _ value: WritableKeyPath<HeadStarts, Duration>) {
      if let time = fields[key].flatMap({ duration($0, in: PolicyLimits.headStart) }) {
        headStarts[keyPath: value] = time
      }
    }
    read("high", \.high)
    read("vip", \.vip)
    read("key_account", \.keyAccount)
    return headStarts
  }

  /// Reports overflow queues that form a cycle: a ticket would never come to rest.
  mutating func checkOverflow(_ queues: [QueueID: QueuePolicy], _ entries: [PolicyEntry]) {
    for entry in entries {
      let start = QueueID(entry.name)
      var path = [start]
      while let last = path.last, let next = queues[last]?.overflow, !path.contains(next) || next == start {
        path.append(next)
        if next == start { break }
      }
      // Each cycle is reported once, at its first queue by name.
      guard path.count > 1, path.last == start, start == path.min(),
        let place = overflowPlace(of: entry)
      else { continue }
      report(
        place, "overflow forms a cycle: \(path.map(\.rawValue).joined(separator: " → "))",
        remedy: "remove `overflow:` from one of them")
    }
  }

  private func overflowPlace(of entry: PolicyEntry) -> PolicyNode? {
    guard case .mapping(let mapping) = entry.value.node else { return nil }
    return mapping.first { $0.key.string == "overflow" }.map { _, value in
      entry.value.child(value, path: "\(entry.value.path).overflow")
    }
  }

  /// Reads the skills required of an agent; one that no agent has at that proficiency is a mistake.
  private mutating func requirements(_ place: PolicyNode?) -> [SkillRequirement] {
    proficiencies(place).map { skill, proficiency, place in
      let best = agents.values.compactMap { $0.skills[skill] }.max()
      if !areAgentsKnown {
        return SkillRequirement(skill, proficiency: proficiency)
      } else if best == nil {
        report(
          place, "no agent has the skill \(quoted(skill.rawValue))",
          remedy: "add it to an agent, or require another skill")
      } else if let best, best < proficiency {
        report(
          place, "no agent has \(quoted(skill.rawValue)) at \(proficiency)", remedy: "require at most \(best)")
      }
      return SkillRequirement(skill, proficiency: proficiency)
    }.sorted { $0.skill < $1.skill }
  }

  /// The requirements that a step can relax.
  private static var easings: [String] { ["proficiency_less", "any_skill", "teams", "reserve", "anyone"] }

  private mutating func relaxation(_ place: PolicyNode?) -> [RelaxationStep] {
    var steps: [RelaxationStep] = []
    for item in items(place) {
      guard let fields = fields(of: item, known: ["after"] + PolicyReader.easings) else { continue }
      let after = needed("after", in: fields).flatMap { duration($0) }
      guard fields.values.keys.filter({ $0 != "after" }).count == 1 else {
        report(
          item, "a step must relax exactly one thing",
          remedy: "write one of \(PolicyReader.easings.joined(separator: ", ")); add steps for more")
        continue
      }
      guard let after, let easing = easing(fields) else { continue }
      if let last = steps.last, after < last.after {
        report(item, "the step comes before the one above it", remedy: "order steps by `after`, counted from the start")
        continue
      }
      if steps.last?.easing == .anyone {
        report(item, "nothing is left to relax after 'anyone'", remedy: "make `anyone: true` the last step")
        continue
      }
      steps.append(RelaxationStep(after: after, easing: easing))
    }
    return steps
  }

  private mutating func easing(_ fields: PolicyFields) -> RelaxationStep.Relaxation? {
    if let place = fields["proficiency_less"] { return integer(place, in: 1...9).map { .proficiency(by: $0) } }
    for (key, easing) in [
      ("any_skill", RelaxationStep.Relaxation.anySkill), ("reserve", .reserve), ("anyone", .anyone),
    ] {
      guard let place = fields[key] else { continue }
      guard let flag = flag(place) else { return nil }
      if !flag { report(place, "a step must relax something", remedy: "write true, or remove the step") }
      return easing
    }
    return fields["teams"].map { .teams(references($0, to: "team", among: teamNames)) }
  }

  /// Reads `rules:` in order.
  mutating func rules(_ place: PolicyNode?, queues: [QueueID: QueuePolicy], triageBelow: Double) -> [Rule] {
    var rules: [Rule] = []
    var names: Set<String> = []
    for item in items(place) {
      guard let fields = fields(of: item, known: ["name", "when", "queue", "priority", "skills"]) else { continue }
      let name = name(in: fields, taken: &names)
      let condition = condition(fields["when"])
      let queue: QueueID? = needed("queue", in: fields).flatMap { reference($0, to: "queue", among: queueNames) }
      let priority = fields["priority"].flatMap { word($0, among: Priority.allCases.map { ($0.name, $0) }) }
      let before = mistakes.count + omitted
      let skills = requirements(fields["skills"])
      // A required skill that no agent has is reported instead.
      let areSkillsThere = mistakes.count + omitted == before
      guard let name, let condition, let queue else { continue }
      checkReached(condition, after: rules, triageBelow, at: item)
      if let queue = queues[queue], !skills.isEmpty, areSkillsThere { checkServed(by: queue, skills: skills, at: item) }
      rules.append(Rule(name: name, condition: condition, queue: queue, priority: priority, skills: skills))
    }
    return rules
  }

  /// Reports a rule that is shadowed by earlier rules, or whose parts contradict each other.
  private mutating func checkReached(
    _ condition: Condition, after rules: [Rule], _ triageBelow: Double, at place: PolicyNode
  ) {
    if condition.isNever {
      report(
        place, "the rule never matches: its parts contradict each other", remedy: "correct `when`, or remove the rule")
    } else if triageBelow > 0, condition.implies(.not(.confidence(atLeast: triageBelow))) {
      report(
        place, "the rule is never reached: labels below \(triageBelow) go to triage before any rule",
        remedy: "lower `triage.below`, or remove the rule")
    } else if let blockers = condition.shadow(of: rules.map(\.condition)) {
      let names = blockers.map { quoted(rules[$0].name) }.joined(separator: " and ")
      let problem =
        blockers.count == 1
        ? "the rule is never reached: \(names) matches before it"
        : "the rule is never reached: \(names) match before it"
      report(place, problem, remedy: "move it up, or remove it")
    }
  }

  /// Reports a queue whose requirements none of its agents meets, or a rule that requires more than any agent has: tickets would wait for
  /// no one. Relaxation steps count: agents that they admit serve too.
  private mutating func checkServed(by queue: QueuePolicy, skills: [SkillRequirement], at place: PolicyNode) {
    let asked = AgentRequirements(queue.skills + skills, in: queue, after: queue.relaxation.count)
    let isServed = agents.values.contains { profile in
      (asked.teams.isEmpty || !asked.teams.isDisjoint(with: profile.teams)) && profile.masters(asked.skills)
    }
    guard !isServed, areAgentsKnown else { return }
    let name = quoted(queue.id.rawValue)
    report(
      place,
      skills.isEmpty
        ? "no agent of the queue \(name) has all skills that the queue requires"
        : "no agent of the queue \(name) has all skills that queue and rule require",
      remedy: "require less, or add a relaxation step to the queue")
  }

  /// Reads the name of a list entry, which must be unique.
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
