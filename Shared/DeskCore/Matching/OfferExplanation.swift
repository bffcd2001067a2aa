/// Why an offer went to one agent and not to another: every agent of the policy, what ruled them out, and the smallest changes that would
/// have made them the choice.
public struct OfferExplanation: Hashable, Sendable {
  /// An agent's status when the offer was made.
  public enum Status: String, Hashable, Sendable, CaseIterable {
    /// Was offered the ticket.
    case asked
    /// Was eligible, but others ranked first.
    case behind
    /// Had released the ticket, and the pause was in effect.
    case paused
    /// Had refused it earlier.
    case refused
    /// Was offered another ticket in the same round.
    case taken
    /// Had no free capacity.
    case full
    /// Is in reserve, and the reserve was not activated yet.
    case inReserve = "in_reserve"
    /// Speaks other languages.
    case language
    /// Lacks a skill, or has too low a proficiency.
    case skill
    /// Is in none of the teams.
    case team
    /// Was not present.
    case absent
    /// May have been present and eligible, but was not recorded: others ranked first.
    case unrecorded
  }

  /// An agent, and why they were not chosen.
  public struct Verdict: Hashable, Sendable {
    /// The agent.
    public let agent: AgentID
    /// The agent's status.
    public let status: Status
    /// The reason.
    public let cause: Phrase
    /// The changes that would have made them the choice; nil if no small change would. They have been verified.
    public let wants: [Phrase]?
    /// The number of changes that this takes.
    public let changes: Int

    /// A description of the reason.
    public var reason: String { cause.text }
    /// A description of what would have made them the choice.
    public var counterfactual: String? {
      wants.map { wants in
        let changes = wants.filter { $0.code != .wantPresentAndFree }
        return "with \(changes.map(\.text).listed(with: "and")) \(agent) would have been chosen"
          + (changes.count < wants.count ? ", if present and free" : "")
      }
    }
  }

  /// Another outcome of the choice, and the one change of the circumstances that leads to it. It has been verified.
  public struct Alternative: Hashable, Sendable {
    /// The change.
    public let change: Phrase
    /// The outcome.
    public let outcome: Phrase

    /// A description: `with ann away, bob would have been chosen`.
    public var text: String { "\(change.text), \(outcome.text)" }
  }

  /// The verdicts, nearest to being chosen first.
  public let verdicts: [Verdict]
  /// Why the chosen agent was chosen.
  public let cause: Phrase
  /// The requirements at that time.
  public let requirements: [Phrase]
  /// Why it was the ticket's turn.
  public let turns: [Phrase]
  /// What would have sent the offer elsewhere.
  public let alternatives: [Alternative]

  /// A description of why the chosen agent was chosen.
  public var why: String { cause.text }
  /// A description of the requirements.
  public var asked: String { requirements.map(\.text).joined(separator: ", ") }
  /// A description of why it was the ticket's turn.
  public let turn: String
}

extension OfferRecord {
  /// Repeats the choice.
  /// - Parameter policy: the version that the choice used.
  public func replay(under policy: Policy) -> Replay {
    guard let queue = policy.queues[queue] else { return Replay(kept: result.detail, replayed: .null) }
    let choice = OfferChoice(
      ticket, in: queue, among: witnesses, profiles: policy.agents, headStarts: policy.headStarts, now: now)
    return Replay(kept: result.detail, replayed: choice.detail)
  }

  /// Explains the choice.
  /// - Parameter policy: the version that the choice used.
  /// - Returns: nil when that version does not have the queue.
  public func explain(under policy: Policy) -> OfferExplanation? {
    guard let queue = policy.queues[queue] else { return nil }
    let asked = AgentRequirements(ticket.skills, in: queue, after: result.steps)
    let witnessed = Dictionary(witnesses.map { ($0.agent, $0) }, uniquingKeysWith: { first, _ in first })
    let trial = OfferTrial(record: self, queue: queue, policy: policy)
    let verdicts = policy.agents.values.map { profile in
      verdict(on: profile, witnessed[profile.id], asked, trial)
    }
    return OfferExplanation(
      verdicts: verdicts.sorted { left, right in
        (left.status.order, left.changes, left.agent) < (right.status.order, right.changes, right.agent)
      }, cause: cause, requirements: asked.phrases(speaking: ticket.language), turns: turns(under: policy.headStarts),
      alternatives: trial.alternatives(), turn: turn(under: policy.headStarts))
  }

  private func verdict(
    on profile: AgentProfile, _ witness: ConsideredAgent?, _ asked: AgentRequirements, _ trial: OfferTrial
  ) -> OfferExplanation.Verdict {
    let status = status(of: profile, witness, asked)
    let changes = status == .asked || status == .unrecorded ? nil : trial.smallestChanges(for: profile.id)
    let isUnknown = witness == nil && status != .absent
    return OfferExplanation.Verdict(
      agent: profile.id, status: status, cause: reason(status, profile, witness, asked),
      wants: changes.map { changes in
        changes.map(\.phrase) + (isUnknown ? [Phrase(.wantPresentAndFree, text: "present and free")] : [])
      }, changes: changes?.count ?? Int.max)
  }

  /// The pause that ruled an agent out.
  private func pause(of agent: AgentID) -> OfferPause? {
    ticket.pauses.first { $0.agent == agent && $0.until > now }
  }

  private func status(of profile: AgentProfile, _ witness: ConsideredAgent?, _ asked: AgentRequirements)
    -> OfferExplanation.Status
  {
    if profile.id == result.agent { return .asked }
    if pause(of: profile.id) != nil { return .paused }
    if ticket.refusedBy.contains(profile.id) { return .refused }
    switch asked.lack(of: profile, speaking: ticket.language) {
    case .team: return .team
    case .skill: return .skill
    case .language: return .language
    case nil: break
    }
    guard let witness else {
      let counted = witnesses.count { $0.presence == .available || asked.reserve }
      return able + full + self.asked > counted ? .unrecorded : .absent
    }
    if witness.wasAsked { return .taken }
    if witness.presence == .reserve, !asked.reserve { return .inReserve }
    return witness.load > TicketWeight.room(for: ticket.weight, of: profile.capacity) ? .full : .behind
  }

  private func reason(
    _ status: OfferExplanation.Status, _ profile: AgentProfile, _ witness: ConsideredAgent?,
    _ asked: AgentRequirements
  ) -> Phrase {
    switch status {
    case .asked: return cause
    case .behind:
      let (used, rank) = (load(of: profile, witness), (result.ranking.firstIndex(of: profile.id) ?? 0) + 1)
      return Phrase(
        .lostBehind,
        [
          "load": .count(used), "capacity": .count(profile.capacity), "rank": .count(rank),
          "count": .count(result.ranking.count),
        ], text: "load \(used) of \(profile.capacity), rank \(rank) of \(result.ranking.count)")
    case .paused: return pause(of: profile.id)?.phrase ?? Phrase(.lostRefused, text: "refused this ticket earlier")
    case .refused: return Phrase(.lostRefused, text: "refused this ticket earlier")
    case .taken: return Phrase(.lostTaken, text: "offered another ticket in the same round")
    case .full: return full(profile, load(of: profile, witness))
    case .inReserve: return Phrase(.lostInReserve, text: "in reserve, and the reserve was not activated yet")
    case .language:
      let languages = profile.languages.sorted()
      return Phrase(
        .lostLanguage, ["languages": .names(languages), "language": .text(ticket.language)],
        text: "speaks \(languages.listed(with: "and")), and the ticket is in \(ticket.language)")
    case .skill: return skill(profile, asked)
    case .team:
      let teams = asked.teams.map(\.rawValue).sorted()
      return Phrase(
        .lostTeam, ["teams": .names(teams)], text: "not in any of the teams \(teams.listed(with: "or"))")
    case .absent: return Phrase(.lostAbsent, text: "not present")
    case .unrecorded:
      return Phrase(.lostUnrecorded, text: "not recorded: others ranked first, and only those were recorded")
    }
  }

  private func load(of profile: AgentProfile, _ witness: ConsideredAgent?) -> Int32 {
    witness.map { TicketWeight.used($0.load, of: profile.capacity) } ?? 0
  }

  private func full(_ profile: AgentProfile, _ load: Int32) -> Phrase {
    let text = "load \(load) of \(profile.capacity)"
    let (used, capacity) = (JSONValue.count(load), JSONValue.count(profile.capacity))
    if ticket.weight == TicketWeight.whole {
      return Phrase(
        .lostFullForWhole, ["load": used, "capacity": capacity],
        text: "\(text), and the ticket takes the agent's whole capacity")
    }
    guard ticket.weight != 1 else { return Phrase(.lostFull, ["load": used, "capacity": capacity], text: text) }
    return Phrase(
      .lostFullForWeight, ["load": used, "capacity": capacity, "weight": .count(ticket.weight)],
      text: "\(text), and the ticket takes \(ticket.weight)")
  }

  private func skill(_ profile: AgentProfile, _ asked: AgentRequirements) -> Phrase {
    guard case .skill(let missing, let has) = asked.lack(of: profile, speaking: ticket.language), has > 0 else {
      let missing = asked.skills.first { (profile.skills[$0.skill] ?? 0) < $0.proficiency }
      return Phrase(
        .lostNoSkill,
        [
          "skill": .text(missing?.skill.rawValue ?? ""), "proficiency": .count(missing?.proficiency ?? 0),
        ], text: missing.map { "lacks \($0.skill), required at \($0.proficiency)" } ?? "")
    }
    return Phrase(
      .lostLowSkill,
      ["skill": .text(missing.skill.rawValue), "has": .count(has), "proficiency": .count(missing.proficiency)],
      text: "has \(missing.skill) at \(has), required at \(missing.proficiency)")
  }

  private var cause: Phrase {
    let count = result.ranking.count
    return switch result.reason {
    case nil: Phrase(.chosenNobody, text: "no agent could be offered it")
    case .dedicated: ticket.duty?.phrase ?? Phrase(.chosenDedicated, text: "the customer's dedicated agent")
    case .knowsCustomer: Phrase(.chosenKnowsCustomer, text: "knows the customer")
    case .onlyOne: Phrase(.chosenOnlyOne, text: "the only one who could take it")
    case .qualification:
      Phrase(.chosenQualification, text: "the only one who meets the requirements without a later relaxation step")
    case .presence: Phrase(.chosenPresence, text: "available, while the next one is in reserve")
    case .occupancy:
      Phrase(
        .chosenOccupancy, ["count": .count(count)], text: "the lowest occupancy of \(count) who could take it")
    case .idle:
      Phrase(
        .chosenIdle, ["count": .count(count)],
        text: "idle longest among those equally occupied, of \(count) who could take it")
    case .name: Phrase(.chosenName, text: "first by name among equals")
    }
  }

  private func turn(under headStarts: HeadStarts) -> String {
    var text = isOverdueTurn ? "its turn as the queue's most overdue ticket" : "first in the order: \(result.band.text)"
    if result.band == .inTime || result.band == .urgentInTime {
      let parts = [
        (headStarts.start(of: ticket.priority), "priority \(ticket.priority.name)"),
        (headStarts.start(of: ticket.tier), "tier \(ticket.tier.rawValue)"),
      ].filter { $0.0 > .zero }.map { "\($0.0.words) for \($0.1)" }
      if !parts.isEmpty { text += ", counted as due earlier by a head start of \(parts.listed(with: "and"))" }
    }
    if passedOver > 0 { text += "; no present agent could take the \(passedOver) before it" }
    return text
  }
}

extension OfferExplanation.Status {
  fileprivate var order: Int { OfferExplanation.Status.allCases.firstIndex(of: self) ?? 0 }
}
