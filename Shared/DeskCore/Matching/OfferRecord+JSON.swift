extension OfferRecord {
  private enum Member: String {
    case agent, result, overdueTurn = "overdue_turn", passedOver = "passed_over", able, full, asked, unfit, input,
      queue, now = "now_us", ticket, agents
  }

  /// The record of the choice kept in the timeline, under `why`.
  public var detail: JSONValue {
    .object([
      .init(Member.agent, .text(result.agent?.rawValue ?? "")), .init(Member.result, result.detail),
      .init(Member.overdueTurn, .flag(isOverdueTurn)), .init(Member.passedOver, .integer(Int64(passedOver))),
      .init(Member.able, .integer(Int64(able))), .init(Member.full, .integer(Int64(full))),
      .init(Member.asked, .integer(Int64(asked))), .init(Member.unfit, .integer(Int64(unfit))),
      .init(
        Member.input,
        .object([
          .init(Member.queue, .text(queue.rawValue)), .init(Member.now, .integer(now.microseconds)),
          .init(Member.ticket, ticket.detail), .init(Member.agents, .list(witnesses.map(\.detail))),
        ])),
    ])
  }

  /// When the choice was made, also of a record of an older build.
  static func decidedAt(_ detail: JSONValue) -> Instant? {
    detail[Member.input]?[Member.now].flatMap { Instant(timelineValue: $0) }
  }

  /// Reads a timeline record; nil for entries of older builds that kept less.
  public init?(_ detail: JSONValue) {
    guard let input = detail[Member.input], let queue = input[Member.queue]?.text, let now = input[Member.now]?.integer,
      let ticket = input[Member.ticket].flatMap({ WaitingTicket($0) }), let agents = input[Member.agents]?.list,
      let result = detail[Member.result].flatMap({ OfferChoice($0) })
    else { return nil }
    let witnesses = agents.compactMap { ConsideredAgent($0) }
    guard witnesses.count == agents.count else { return nil }
    func count(_ key: Member) -> Int { detail[key]?.integer.map { Int($0) } ?? 0 }
    self.init(
      ticket: ticket, queue: QueueID(queue), now: Instant(microseconds: now), witnesses: witnesses,
      isOverdueTurn: detail[Member.overdueTurn]?.flag ?? false, passedOver: count(.passedOver),
      census: (count(.able), count(.full), count(.asked), count(.unfit)), result: result)
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
  private enum Member: String {
    case id, version, priority, tier, skills, weight, language, waitingSince = "waiting_since_us", due = "due_us",
      refusedBy = "refused_by", lastAgent = "last_agent", dedicatedAgent = "dedicated_agent", pauses, rota
  }

  fileprivate var detail: JSONValue {
    func key(_ agent: AgentID?) -> JSONValue { agent.map { .text($0.rawValue) } ?? .null }
    // Fields that most tickets do not have are left out.
    let paused: [JSONValue.Field] = pauses.isEmpty ? [] : [.init(Member.pauses, .list(pauses.map(\.detail)))]
    let onDuty: [JSONValue.Field] = duty.map { [.init(Member.rota, $0.detail)] } ?? []
    return .object(
      [
        .init(Member.id, .text(id.description)), .init(Member.version, .integer(Int64(version))),
        .init(Member.priority, .text(priority.name)), .init(Member.tier, .text(tier.rawValue)),
        .init(
          Member.skills,
          .list(skills.map { .list([.text($0.skill.rawValue), .integer(Int64($0.proficiency))]) })),
        .init(Member.weight, .integer(Int64(weight))), .init(Member.language, .text(language)),
        .init(Member.waitingSince, .integer(waitingSince.microseconds)),
        .init(Member.due, dueAt.map { .integer($0.microseconds) } ?? .null),
        .init(Member.refusedBy, .list(refusedBy.map { .text($0.rawValue) })), .init(Member.lastAgent, key(lastAgent)),
        .init(Member.dedicatedAgent, key(dedicatedAgent)),
      ] + paused + onDuty)
  }

  fileprivate init?(_ detail: JSONValue) {
    guard let id = detail[Member.id]?.text.flatMap({ TicketID($0) }),
      let version = detail[Member.version]?.integer.flatMap({ Int32(exactly: $0) }),
      let priority = detail[Member.priority]?.text.flatMap({ Priority(name: $0) }),
      let tier = detail[Member.tier]?.text.flatMap({ CustomerTier(rawValue: $0) }),
      let weight = detail[Member.weight]?.integer.flatMap({ Int32(exactly: $0) }),
      let language = detail[Member.language]?.text, let since = detail[Member.waitingSince]?.integer
    else { return nil }
    let skills = (detail[Member.skills]?.list ?? []).compactMap { entry -> SkillRequirement? in
      guard let pair = entry.list, pair.count == 2, let skill = pair[0].text, let proficiency = pair[1].integer else {
        return nil
      }
      return SkillRequirement(SkillID(skill), proficiency: Int(proficiency))
    }
    self.init(
      id: id, version: version, priority: priority, tier: tier, skills: skills, weight: weight, language: language,
      waitingSince: Instant(microseconds: since),
      dueAt: detail[Member.due]?.integer.map { Instant(microseconds: $0) },
      refusedBy: (detail[Member.refusedBy]?.list ?? []).compactMap { $0.text.map { AgentID($0) } },
      lastAgent: detail[Member.lastAgent]?.text.map { AgentID($0) },
      dedicatedAgent: detail[Member.dedicatedAgent]?.text.map { AgentID($0) },
      pauses: (detail[Member.pauses]?.list ?? []).compactMap { OfferPause($0) },
      duty: detail[Member.rota].flatMap { RotaDuty($0) })
  }
}

extension RotaDuty {
  private enum Member: String { case agent, account, basis, instead }

  fileprivate var detail: JSONValue {
    .object(
      [
        .init(Member.agent, .text(agent.rawValue)), .init(Member.account, .text(account)),
        .init(Member.basis, .text(basis.rawValue)),
      ] + (instead.map { [.init(Member.instead, .text($0.rawValue))] } ?? []))
  }

  fileprivate init?(_ detail: JSONValue) {
    guard let agent = detail[Member.agent]?.text, let account = detail[Member.account]?.text,
      let basis = detail[Member.basis]?.text.flatMap({ Basis(rawValue: $0) })
    else { return nil }
    self.init(AgentID(agent), account: account, basis, instead: detail[Member.instead]?.text.map { AgentID($0) })
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
  private enum Member: String {
    case agent, by, steps, band, countsAsDue = "counts_as_due_us", ranking
  }

  /// The form kept in the timeline and compared by replays.
  public var detail: JSONValue {
    .object([
      .init(Member.agent, agent.map { .text($0.rawValue) } ?? .null),
      .init(Member.by, reason.map { .text($0.rawValue) } ?? .null), .init(Member.steps, .integer(Int64(steps))),
      .init(Member.band, .integer(Int64(band.rawValue))),
      .init(Member.countsAsDue, .integer(countsAsDueAt.microseconds)),
      .init(Member.ranking, .list(ranking.map { .text($0.rawValue) })),
    ])
  }

  fileprivate init?(_ detail: JSONValue) {
    guard let steps = detail[Member.steps]?.integer, let due = detail[Member.countsAsDue]?.integer,
      let band = detail[Member.band]?.integer.flatMap({ QueueRank.Band(rawValue: Int($0)) }),
      let ranking = detail[Member.ranking]?.list
    else { return nil }
    self.init(
      agent: detail[Member.agent]?.text.map { AgentID($0) },
      reason: detail[Member.by]?.text.flatMap { Reason(rawValue: $0) }, steps: Int(steps),
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
