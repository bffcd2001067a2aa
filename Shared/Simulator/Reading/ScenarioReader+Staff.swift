import DeskCore
import PolicyReading
import Yams

// Agents, and how long everything takes.

extension ScenarioReader {
  mutating func staff(_ place: PolicyNode?) -> [StaffGroup] {
    var groups: [StaffGroup] = []
    var taken: Set<AgentID> = []
    var count = 0
    for entry in reader.named(place, limit: SimulatorBounds.entries) {
      let known = [
        "ids", "teams", "copies", "shifts", "reserve", "response", "declines", "ignores", "absence", "pace", "slowdown",
      ]
      guard let fields = reader.fields(of: entry.value, known: known) else { continue }
      var group = StaffGroup(name: entry.name, agents: profiles(fields, taken: &taken))
      count += group.agents.count
      if count > SimulatorBounds.agents {
        reader.report(entry.key, "more than \(SimulatorBounds.agents) agents", remedy: "remove some")
        return groups
      }
      group.shifts = shifts(fields["shifts"])
      group.isReserve = fields["reserve"].flatMap { reader.flag($0) } ?? false
      if let place = fields["response"] { group.behaviour.response = variate(place) ?? group.behaviour.response }
      if let place = fields["absence"] { group.behaviour.absence = variate(place) ?? group.behaviour.absence }
      if let place = fields["declines"] { group.behaviour.declines = reader.share(place) ?? 0 }
      if let place = fields["ignores"] {
        group.behaviour.ignores = reader.share(place) ?? 0
        if group.behaviour.declines + group.behaviour.ignores > 1 {
          reader.report(place, "'declines' and 'ignores' add up to more than 1", remedy: "lower one of them")
        }
      }
      if let place = fields["pace"] { group.pace = reader.number(place, in: 0.01...100) ?? 1 }
      if let place = fields["slowdown"] { group.slowdown = reader.number(place, in: 0...10) ?? 0 }
      groups.append(group)
    }
    return groups
  }

  /// The agents of the policy that belong to a group: by names, by teams, or all that no group before took. `copies` takes each several
  /// times, to try a larger staff of the same mixture.
  private mutating func profiles(_ fields: PolicyFields, taken: inout Set<AgentID>) -> [AgentProfile] {
    guard let policy else { return [] }
    var chosen: [AgentID] = []
    if let place = fields["ids"] {
      for item in reader.itemsOrOne(place) {
        guard let (text, _) = reader.scalar(item) else { continue }
        let names = PolicyRange.names(of: text, limit: SimulatorBounds.agents) ?? [text]
        if let unknown = names.first(where: { policy.agents[AgentID($0)] == nil }) {
          reader.report(item, "unknown agent \(quoted(unknown))", remedy: "name agents of the policy")
          continue
        }
        chosen += names.map { AgentID($0) }
      }
    } else {
      let teams: Set<TeamID> = reader.references(
        fields["teams"], to: "team", among: Set(policy.teams.keys.map(\.rawValue)))
      chosen = policy.agents.values.filter { teams.isEmpty || !teams.isDisjoint(with: $0.teams) }.map(\.id)
        .filter { !taken.contains($0) }.sorted()
    }
    for agent in chosen where !taken.insert(agent).inserted {
      reader.report(fields.place, "agent \(quoted(agent.rawValue)) is in two groups", remedy: "leave it in one")
      break
    }
    let copies = fields["copies"].flatMap { reader.integer($0, in: 1...1_000) } ?? 1
    return chosen.compactMap { policy.agents[$0] }.flatMap { profile in
      (0..<copies).map { number in
        number == 0
          ? profile
          : AgentProfile(
            id: AgentID("\(profile.id.rawValue).\(number)"), teams: profile.teams, skills: profile.skills,
            languages: profile.languages, capacity: profile.capacity)
      }
    }
  }

  private mutating func shifts(_ place: PolicyNode?) -> [StaffGroup.Shift] {
    var shifts: [StaffGroup.Shift] = []
    for item in reader.items(place) {
      guard let shift = shift(item) else { continue }
      let overlaps = shifts.contains { other in
        !other.weekdays.isDisjoint(with: shift.weekdays)
          && other.hours.contains { hours in shift.hours.contains { $0.overlaps(hours) } }
      }
      if overlaps {
        reader.report(item, "it overlaps another shift of the group", remedy: "merge or separate them")
      }
      shifts.append(shift)
    }
    return shifts
  }

  private mutating func shift(_ place: PolicyNode) -> StaffGroup.Shift? {
    guard let fields = reader.fields(of: place, known: ["weekdays", "hours", "breaks"]) else { return nil }
    let weekdays = weekdays(fields["weekdays"])
    let hours = reader.needed("hours", in: fields).map { reader.hours($0) } ?? []
    let breaks = fields["breaks"].map { reader.hours($0) } ?? []
    if let place = fields["breaks"], !hours.isEmpty,
      !breaks.allSatisfy({ pause in
        hours.contains { $0.contains(pause.lowerBound) && pause.upperBound <= $0.upperBound }
      })
    {
      reader.report(place, "a break is outside the hours of its shift", remedy: "move it into them")
    }
    return StaffGroup.Shift(weekdays: weekdays, hours: hours, breaks: breaks)
  }

  // MARK: Times

  mutating func handling(_ place: PolicyNode?) -> [HandlingRule] {
    var rules: [HandlingRule] = []
    for item in items(orOne: place) {
      let known = ["category", "agents", "time", "first_reply"]
      guard let fields = reader.fields(of: item, known: known) else { continue }
      let time = reader.needed("time", in: fields).flatMap { variate($0) }
      var rule = HandlingRule(time: time ?? .constant(0))
      rule.categories = names(fields["category"], what: "category", among: categories)
      rule.groups = names(fields["agents"], what: "group of agents", among: Set(groupNames))
      if let place = fields["first_reply"] { rule.firstReply = variate(place) ?? rule.firstReply }
      rules.append(rule)
    }
    return rules
  }

  mutating func patience(_ place: PolicyNode?) -> [PatienceRule] {
    var rules: [PatienceRule] = []
    for item in items(orOne: place) {
      guard let fields = reader.fields(of: item, known: ["channel", "category", "time"]) else { continue }
      let time = reader.needed("time", in: fields).flatMap { variate($0) }
      var rule = PatienceRule(time: time ?? .constant(0))
      let channels = Set(policy?.channels.keys.map(\.rawValue) ?? [])
      rule.channels = Set(names(fields["channel"], what: "channel", among: channels).map { ChannelID($0) })
      rule.categories = names(fields["category"], what: "category", among: categories)
      rules.append(rule)
    }
    return rules
  }

  private mutating func items(orOne place: PolicyNode?) -> [PolicyNode] {
    guard let place, case .mapping = place.node else {
      return reader.items(place, limit: SimulatorBounds.entries)
    }
    return [place]
  }

  private mutating func names(_ place: PolicyNode?, what: String, among known: Set<String>) -> Set<String> {
    guard let place else { return [] }
    var names: Set<String> = []
    for item in reader.itemsOrOne(place) {
      guard let (name, _) = reader.scalar(item) else { continue }
      if known.contains(name) {
        names.insert(name)
      } else {
        reader.report(
          item, "unknown \(what) \(quoted(name))",
          remedy: reader.guess(for: name, among: known) ?? "use one of this scenario")
      }
    }
    return names
  }

  /// Reads `5m`, `{exponential: 5m}`, `{lognormal: 5m, variation: 0.8}`, `{gamma: 5m, variation: 0.5}` or `{sample: [30s, 2m, 9m]}`.
  mutating func variate(_ place: PolicyNode) -> Variate? {
    let range: ClosedRange<Duration> = .zero...(.seconds(30 * 86_400))
    if case .scalar = place.node { return reader.duration(place, in: range).map { .constant($0.inSeconds) } }
    let known = ["exponential", "lognormal", "gamma", "variation", "sample"]
    guard let fields = reader.fields(of: place, known: known) else { return nil }
    let variation = fields["variation"].flatMap { reader.number($0, in: 0...100) }
    let named = ["exponential", "lognormal", "gamma", "sample"].filter { fields[$0] != nil }
    if named.count > 1 {
      reader.report(place, "\(named.joined(separator: " and ")) are both given", remedy: "leave one of them")
      return nil
    }
    if let place = fields["variation"], fields["lognormal"] == nil, fields["gamma"] == nil {
      reader.report(place, "only lognormal and gamma have a variation", remedy: "leave it out")
    }
    if let place = fields["sample"] {
      let values = reader.items(place, limit: SimulatorBounds.empiricalValues).compactMap { item in
        reader.duration(item, in: range)?.inSeconds
      }
      if values.isEmpty { reader.report(place, "the sample has no times", remedy: "write some, such as [30s, 2m]") }
      return .empirical(values)
    }
    if let place = fields["exponential"] {
      return reader.duration(place, in: range).map { .exponential(mean: $0.inSeconds) }
    }
    guard let mean = fields["lognormal"] ?? fields["gamma"] else {
      reader.report(
        place, "the distribution is missing",
        remedy: "write a time, or `exponential`, `lognormal` or `gamma` with the mean, or `sample` with times")
      return nil
    }
    guard reader.needed("variation", in: fields) != nil,
      let time = reader.duration(mean, in: range), let variation
    else { return nil }
    return fields["lognormal"] != nil
      ? .lognormal(mean: time.inSeconds, variation: variation) : .gamma(mean: time.inSeconds, variation: variation)
  }
}

extension PolicyReader {
  /// Reads a number that may have a fraction, in a range.
  mutating func number(_ place: PolicyNode, in range: ClosedRange<Double>) -> Double? {
    guard let (text, isUnquoted) = scalar(place) else { return nil }
    let isDecimal = text.utf8.allSatisfy { (0x30...0x39).contains($0) || "+-.eE".utf8.contains($0) }
    guard isUnquoted, isDecimal, let number = Double(text), range.contains(number) else {
      report(
        place, "\(quoted(text)) is not a number in the allowed range",
        remedy: "write a number from \(range.lowerBound) to \(range.upperBound)")
      return nil
    }
    return number
  }
}
