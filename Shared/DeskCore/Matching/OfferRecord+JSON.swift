extension OfferRecord {
  /// The record of the choice kept in the timeline, under `why`.
  public var detail: JSONValue {
    .object([
      .init("agent", .text(result.agent?.rawValue ?? "")), .init("result", result.detail),
      .init("overdue_turn", .flag(isOverdueTurn)), .init("passed_over", .integer(Int64(passedOver))),
      .init("able", .integer(Int64(able))), .init("full", .integer(Int64(full))),
      .init("asked", .integer(Int64(asked))), .init("unfit", .integer(Int64(unfit))),
      .init(
        "input",
        .object([
          .init("queue", .text(queue.rawValue)), .init("now_us", .integer(now.microseconds)),
          .init("ticket", ticket.detail), .init("agents", .list(witnesses.map(\.detail))),
        ])),
    ])
  }

  /// Reads a timeline record; nil for entries of older builds that kept less.
  public init?(_ detail: JSONValue) {
    guard let input = detail["input"], let queue = input["queue"]?.text, let now = input["now_us"]?.integer,
      let ticket = input["ticket"].flatMap({ WaitingTicket($0) }), let agents = input["agents"]?.list,
      let result = detail["result"].flatMap({ OfferChoice($0) })
    else { return nil }
    let witnesses = agents.compactMap { ConsideredAgent($0) }
    guard witnesses.count == agents.count else { return nil }
    func count(_ name: String) -> Int { detail[name]?.integer.map { Int($0) } ?? 0 }
    self.init(
      ticket: ticket, queue: QueueID(queue), now: Instant(microseconds: now), witnesses: witnesses,
      isOverdueTurn: detail["overdue_turn"]?.flag ?? false, passedOver: count("passed_over"),
      census: (count("able"), count("full"), count("asked"), count("unfit")), result: result)
  }
}

extension OfferRecord.ConsideredAgent {
  /// A short list, because there are many: name, presence, load, idle since, and whether asked in the round.
  fileprivate var detail: JSONValue {
    .list([
      .text(agent.rawValue), .text(presence.rawValue), .integer(Int64(load)), .integer(idleSince.microseconds),
      .flag(wasAsked),
    ])
  }

  fileprivate init?(_ detail: JSONValue) {
    guard let values = detail.list, values.count == 5, let agent = values[0].text,
      let presence = values[1].text.flatMap({ Presence(rawValue: $0) }),
      let load = values[2].integer.flatMap({ Int32(exactly: $0) }), let idle = values[3].integer,
      let wasAsked = values[4].flag
    else { return nil }
    self.init(
      agent: AgentID(agent), presence: presence, load: load, idleSince: Instant(microseconds: idle), wasAsked: wasAsked)
  }
}

extension WaitingTicket {
  fileprivate var detail: JSONValue {
    func key(_ agent: AgentID?) -> JSONValue { agent.map { .text($0.rawValue) } ?? .null }
    // Fields that most tickets do not have are left out.
    let paused: [JSONValue.Field] = pauses.isEmpty ? [] : [.init("pauses", .list(pauses.map(\.detail)))]
    return .object(
      [
        .init("id", .text(id.description)), .init("version", .integer(Int64(version))),
        .init("priority", .text(priority.name)), .init("tier", .text(tier.rawValue)),
        .init(
          "skills",
          .list(skills.map { .list([.text($0.skill.rawValue), .integer(Int64($0.proficiency))]) })),
        .init("weight", .integer(Int64(weight))), .init("language", .text(language)),
        .init("waiting_since_us", .integer(waitingSince.microseconds)),
        .init("due_us", dueAt.map { .integer($0.microseconds) } ?? .null),
        .init("refused_by", .list(refusedBy.map { .text($0.rawValue) })), .init("last_agent", key(lastAgent)),
        .init("dedicated_agent", key(dedicatedAgent)),
      ] + paused)
  }

  fileprivate init?(_ detail: JSONValue) {
    guard let id = detail["id"]?.text.flatMap({ TicketID($0) }),
      let version = detail["version"]?.integer.flatMap({ Int32(exactly: $0) }),
      let priority = detail["priority"]?.text.flatMap({ Priority(name: $0) }),
      let tier = detail["tier"]?.text.flatMap({ CustomerTier(rawValue: $0) }),
      let weight = detail["weight"]?.integer.flatMap({ Int32(exactly: $0) }),
      let language = detail["language"]?.text, let since = detail["waiting_since_us"]?.integer
    else { return nil }
    let skills = (detail["skills"]?.list ?? []).compactMap { entry -> SkillRequirement? in
      guard let pair = entry.list, pair.count == 2, let skill = pair[0].text, let proficiency = pair[1].integer else {
        return nil
      }
      return SkillRequirement(SkillID(skill), proficiency: Int(proficiency))
    }
    self.init(
      id: id, version: version, priority: priority, tier: tier, skills: skills, weight: weight, language: language,
      waitingSince: Instant(microseconds: since),
      dueAt: detail["due_us"]?.integer.map { Instant(microseconds: $0) },
      refusedBy: (detail["refused_by"]?.list ?? []).compactMap { $0.text.map { AgentID($0) } },
      lastAgent: detail["last_agent"]?.text.map { AgentID($0) },
      dedicatedAgent: detail["dedicated_agent"]?.text.map { AgentID($0) },
      pauses: (detail["pauses"]?.list ?? []).compactMap { OfferPause($0) })
  }
}

extension OfferPause {
  /// A short list: agent, count, and until when.
  fileprivate var detail: JSONValue {
    .list([.text(agent.rawValue), .integer(Int64(times)), .integer(until.microseconds)])
  }

  fileprivate init?(_ detail: JSONValue) {
    guard let values = detail.list, values.count == 3, let agent = values[0].text,
      let times = values[1].integer.flatMap({ Int32(exactly: $0) }), let until = values[2].integer
    else { return nil }
    self.init(agent: AgentID(agent), times: times, until: Instant(microseconds: until))
  }
}

extension OfferChoice {
  /// The form kept in the timeline and compared by replays.
  public var detail: JSONValue {
    .object([
      .init("agent", agent.map { .text($0.rawValue) } ?? .null),
      .init("by", reason.map { .text($0.rawValue) } ?? .null), .init("steps", .integer(Int64(steps))),
      .init("band", .integer(Int64(band.rawValue))),
      .init("counts_as_due_us", .integer(countsAsDueAt.microseconds)),
      .init("ranking", .list(ranking.map { .text($0.rawValue) })),
    ])
  }

  fileprivate init?(_ detail: JSONValue) {
    guard let steps = detail["steps"]?.integer, let due = detail["counts_as_due_us"]?.integer,
      let band = detail["band"]?.integer.flatMap({ QueueRank.Band(rawValue: Int($0)) }),
      let ranking = detail["ranking"]?.list
    else { return nil }
    self.init(
      agent: detail["agent"]?.text.map { AgentID($0) },
      reason: detail["by"]?.text.flatMap { Reason(rawValue: $0) }, steps: Int(steps),
      ranking: ranking.compactMap { $0.text.map { AgentID($0) } }, band: band,
      countsAsDueAt: Instant(microseconds: due))
  }

  private init(
    agent: AgentID?, reason: Reason?, steps: Int, ranking: [AgentID], band: QueueRank.Band, countsAsDueAt: Instant
  ) {
    self.agent = agent
    self.reason = reason
    self.steps = steps
    self.ranking = ranking
    self.band = band
    self.countsAsDueAt = countsAsDueAt
  }
}
