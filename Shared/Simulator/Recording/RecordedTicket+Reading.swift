import DeskCore

// How lines become agents and tickets.

extension RecordedAgent {
  init(_ members: inout RecordingMembers) throws(RecordingError) {
    let id = AgentID(try members.text("agent"))
    let teams = Set(try members.texts("teams").map { TeamID($0) })
    let skills = try members.numbers("skills", 1...10)
    profile = AgentProfile(
      id: id, teams: teams,
      skills: Dictionary(uniqueKeysWithValues: skills.map { (SkillID($0.key.string), $0.value) }),
      languages: Set(try members.texts("languages")), capacity: Int32(try members.integer("capacity", 0...10_000)))
    changes = try members.rows("presence", of: "[milliseconds, presence, capacity]") { row in
      guard row.count == 3, let at = row[0].time, let presence = row[1].text.flatMap({ Presence(rawValue: $0) }),
        let capacity = row[2].integer, (0...10_000).contains(capacity)
      else { return nil }
      return Change(at: at, presence: presence, capacity: Int32(capacity))
    }
    guard zip(changes, changes.dropFirst()).allSatisfy({ $0.at <= $1.at }) else {
      throw members.wrong("presence", "in the order of time")
    }
  }
}

extension RecordedTicket {
  init(_ members: inout RecordingMembers) throws(RecordingError) {
    id = try members.text("ticket")
    customer = try members.text("customer")
    channel = ChannelID(try members.text("channel"))
    tier = try members.choice("tier") { $0.rawValue }
    opened = try members.time("opened")
    dedicatedAgent = try members.optionalText("dedicated_agent").map { AgentID($0) }
    if members.has("decision") {
      var inner = try members.object("decision")
      decision = try Decision(&inner)
      try inner.end()
    } else {
      decision = nil
    }
    firstDue = try members.optionalTime("first_due")
    isFirstLate = try members.flag("first_late")
    messages = try members.rows("messages", of: "[milliseconds, author]") { row in
      guard row.count == 2, let at = row[0].time, let author = row[1].text.flatMap({ Message.Author(rawValue: $0) })
      else { return nil }
      return Message(at: at, author: author)
    }
    offers = try members.rows("offers", of: "[milliseconds, agent, answer, milliseconds]") { row in
      guard row.count == 4, let at = row[0].time, let agent = row[1].text, !agent.isEmpty else { return nil }
      if row[2] == .null, row[3] == .null { return Offer(at: at, agent: AgentID(agent), answer: nil, answeredAt: nil) }
      guard let answer = row[2].text.flatMap({ Offer.Answer(rawValue: $0) }), let answered = row[3].time else {
        return nil
      }
      return Offer(at: at, agent: AgentID(agent), answer: answer, answeredAt: answered)
    }
    hands = try members.rows("hands", of: "[agent, milliseconds, milliseconds, milliseconds, kind]") { row in
      guard row.count == 5, let agent = row[0].text, !agent.isEmpty, let since = row[1].time,
        let handled = row[2].time, let pended = row[3].time, handled >= 0, pended >= 0,
        row[4] == .null || row[4].text != nil
      else { return nil }
      return Hands(agent: AgentID(agent), since: since, handled: handled, pended: pended, endedBy: row[4].text)
    }
    let ends = members.has("end")
    if ends {
      end = try members.pair("end", of: "[milliseconds, how]") { row in
        guard row.count == 2, let at = row[0].time, let how = row[1].text.flatMap({ End.How(rawValue: $0) }) else {
          return nil
        }
        return End(at: at, how: how)
      }
    } else {
      end = nil
    }
  }
}

extension RecordedTicket.Decision {
  fileprivate init(_ members: inout RecordingMembers) throws(RecordingError) {
    at = try members.time("at")
    policyVersion = Int32(try members.integer("policy", 0...Int64(Int32.max)))
    labels = Labels(
      category: try members.text("category"), intent: try members.text("intent"),
      confidence: try members.share("confidence"), urgency: try members.choice("urgency") { $0.name },
      sentiment: try members.choice("sentiment") { $0.name }, language: try members.text("language"),
      modelVersion: try members.text("model"))
    queue = QueueID(try members.text("queue"))
    priority = try members.priority("priority")
    let required = try members.numbers("skills", 1...10)
    skills = required.map { SkillRequirement(SkillID($0.key.string), proficiency: $0.value) }.sorted {
      $0.skill < $1.skill
    }
    weight = try members.weight("weight")
    productLine = try members.optionalText("product_line") ?? ""
    found = try members.indices("found")
    met = try members.indices("fields_met")
    needsTriage = try members.flag("triage")
    isByArticle = try members.flag("article")
  }
}

extension RecordingMembers {
  fileprivate mutating func priority(_ name: String) throws(RecordingError) -> Priority {
    let number = try integer(name, 1...4)
    guard let priority = Priority.allCases.first(where: { Int64($0.rawValue) == number }) else {
      throw wrong(name, "a priority from 1 to 4")
    }
    return priority
  }
}

extension JSONValue {
  fileprivate var time: Int64? { integer.flatMap { RecordingMembers.times.contains($0) ? $0 : nil } }
}
