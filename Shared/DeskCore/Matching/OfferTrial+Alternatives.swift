extension OfferTrial {
  /// The circumstances that are changed, each alone: a bound on the replays of an explanation.
  static let circumstances = 4

  /// What would have sent the offer elsewhere, apart from changes to a single losing agent: the chosen one away, no dedicated agent, an
  /// unknown customer, and one more free agent who meets the queue's requirements from the start. Each is the choice repeated with that
  /// one change; those that change nothing are left out.
  func alternatives() -> [OfferExplanation.Alternative] {
    var found: [OfferExplanation.Alternative] = []
    let ticket = record.ticket
    if let chosen = record.result.agent {
      let witnesses = record.witnesses.filter { $0.agent != chosen }
      let name: JSONValue = .text(chosen.rawValue)
      add(to: &found, Phrase(.ifAway, ["agent": name], text: "with \(chosen) away"), choose(ticket, among: witnesses))
    }
    if let dedicated = ticket.dedicatedAgent {
      add(
        to: &found,
        Phrase(
          .ifNotDedicated, ["agent": .text(dedicated.rawValue)],
          text: "without \(dedicated) as the customer's dedicated agent"),
        choose(ticket.unattached(keepingLast: true), among: record.witnesses))
    }
    if ticket.lastAgent != nil {
      add(
        to: &found,
        Phrase(.ifUnknownCustomer, text: "for a customer whom no agent knows"),
        choose(ticket.unattached(keepingLast: false), among: record.witnesses))
    }
    if let more = oneMoreAgent() { found.append(more) }
    return Array(found.prefix(OfferTrial.circumstances))
  }

  private func add(to found: inout [OfferExplanation.Alternative], _ change: Phrase, _ choice: OfferChoice) {
    guard choice.agent != record.result.agent else { return }
    let outcome =
      choice.agent.map { agent in
        Phrase(.thenAgent, ["agent": .text(agent.rawValue)], text: "\(agent) would have been chosen")
      } ?? Phrase(.thenNobody, text: "nobody could have been offered it")
    found.append(.init(change: change, outcome: outcome))
  }

  /// One more agent who is free since the ticket waits, has the skills at the required proficiency, and speaks its language.
  private func oneMoreAgent() -> OfferExplanation.Alternative? {
    let asked = AgentRequirements(record.ticket.skills, in: queue, after: 0)
    var id = AgentID("one-more")
    while policy.agents[id] != nil { id = AgentID(id.rawValue + "-1") }
    var profiles = policy.agents
    profiles[id] = AgentProfile(
      id: id, teams: asked.teams, skills: Dictionary(asked.skills.map { ($0.skill, $0.proficiency) }) { max($0, $1) },
      languages: [record.ticket.language], capacity: TicketWeight.whole - 1)
    let newcomer = OfferRecord.ConsideredAgent(
      agent: id, presence: .available, load: 0, idleSince: record.ticket.waitingSince, wasAsked: false)
    let choice = choose(record.ticket, among: record.witnesses + [newcomer], profiles: profiles)
    guard choice.agent == id else { return nil }
    let requirements = asked.phrases(speaking: record.ticket.language)
    return .init(
      change: Phrase(
        .ifOneMoreAgent, ["requirements": .list(requirements.map(\.detail))],
        text: "with one more free agent (\(requirements.map(\.text).listed(with: "and")))"),
      outcome: Phrase(.thenNewcomer, text: "that agent would have been chosen"))
  }

  private func choose(
    _ ticket: WaitingTicket, among witnesses: [OfferRecord.ConsideredAgent], profiles: [AgentID: AgentProfile]? = nil
  ) -> OfferChoice {
    OfferChoice(
      ticket, in: queue, among: witnesses, profiles: profiles ?? policy.agents, headStarts: policy.headStarts,
      now: record.now)
  }
}

extension WaitingTicket {
  /// The ticket of a customer without a dedicated agent, or without any agent who knows them.
  fileprivate func unattached(keepingLast: Bool) -> WaitingTicket {
    WaitingTicket(
      id: id, version: version, priority: priority, tier: tier, skills: skills, weight: weight, language: language,
      waitingSince: waitingSince, dueAt: dueAt, refusedBy: refusedBy, lastAgent: keepingLast ? lastAgent : nil,
      dedicatedAgent: keepingLast ? nil : dedicatedAgent, pauses: pauses, duty: keepingLast ? nil : duty,
      customer: customer)
  }
}
