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
    /// A description of the reason.
    public let reason: String
    /// A description of what would have made them the choice; nil if no small change would. It has been verified.
    public let counterfactual: String?
    /// The number of changes that this takes.
    public let changes: Int
  }

  /// The verdicts, nearest to being chosen first.
  public let verdicts: [Verdict]
  /// Why the chosen agent was chosen.
  public let why: String
  /// A description of the requirements at that time.
  public let asked: String
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
      }, why: why, asked: asked.text(speaking: ticket.language), turn: turn(under: policy.headStarts))
  }

  private func verdict(
    on profile: AgentProfile, _ witness: ConsideredAgent?, _ asked: AgentRequirements, _ trial: OfferTrial
  ) -> OfferExplanation.Verdict {
    let status = status(of: profile, witness, asked)
    let changes = status == .asked || status == .unrecorded ? nil : trial.smallestChanges(for: profile.id)
    return OfferExplanation.Verdict(
      agent: profile.id, status: status, reason: reason(status, profile, witness, asked),
      counterfactual: changes.map { changes in
        let isUnknown = witness == nil && status != .absent
        return "with \(changes.map(\.text).listed(with: "and")) \(profile.id) would have been chosen"
          + (isUnknown ? ", if present and free" : "")
      },
      changes: changes?.count ?? Int.max)
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
  ) -> String {
    let load =
      witness.map { "load \(TicketWeight.used($0.load, of: profile.capacity)) of \(profile.capacity)" }
      ?? "load unknown"
    switch status {
    case .asked: return why
    case .behind:
      return "\(load), rank \((result.ranking.firstIndex(of: profile.id) ?? 0) + 1) of \(result.ranking.count)"
    case .paused: return pause(of: profile.id)?.text ?? ""
    case .refused: return "refused this ticket earlier"
    case .taken: return "offered another ticket in the same round"
    case .full:
      if ticket.weight == TicketWeight.whole { return "\(load), and the ticket takes the agent's whole capacity" }
      return ticket.weight == 1 ? load : "\(load), and the ticket takes \(ticket.weight)"
    case .inReserve: return "in reserve, and the reserve was not activated yet"
    case .language:
      return "speaks \(profile.languages.sorted().listed(with: "and")), and the ticket is in \(ticket.language)"
    case .skill:
      guard case .skill(let missing, let has) = asked.lack(of: profile, speaking: ticket.language) else { return "" }
      return has == 0
        ? "lacks \(missing.skill), required at \(missing.proficiency)"
        : "has \(missing.skill) at \(has), required at \(missing.proficiency)"
    case .team: return "not in any of the teams \(asked.teams.map(\.rawValue).sorted().listed(with: "or"))"
    case .absent: return "not present"
    case .unrecorded: return "not recorded: others ranked first, and only those were recorded"
    }
  }

  private var why: String {
    switch result.reason {
    case nil: "no agent could be offered it"
    case .dedicated:
      ticket.duty.map { "the customer's dedicated agent: \($0.text)" } ?? "the customer's dedicated agent"
    case .knowsCustomer: "knows the customer"
    case .onlyOne: "the only one who could take it"
    case .qualification: "the only one who meets the requirements without a later relaxation step"
    case .presence: "available, while the next one is in reserve"
    case .occupancy: "the lowest occupancy of \(result.ranking.count) who could take it"
    case .idle: "idle longest among those equally occupied, of \(result.ranking.count) who could take it"
    case .name: "first by name among equals"
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

extension AgentRequirements {
  /// A description of the requirements.
  fileprivate func text(speaking needed: String) -> String {
    var parts: [String] = []
    parts.append(teams.isEmpty ? "any team" : "team \(teams.map(\.rawValue).sorted().listed(with: "or"))")
    parts += skills.map { "\($0.skill) at \($0.proficiency)" }
    if language, !["und", "other", "mixed", ""].contains(needed) { parts.append("speaks \(needed)") }
    if reserve { parts.append("including the reserve") }
    return parts.joined(separator: ", ")
  }
}
