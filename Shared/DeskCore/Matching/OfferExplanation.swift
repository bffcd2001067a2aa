/// Why an offer went to one agent and not to another: every agent of the policy, what was in the way, and the smallest changes that
/// would have made them the one.
public struct OfferExplanation: Hashable, Sendable {
  /// How an agent stood when the offer was made.
  public enum Standing: String, Hashable, Sendable, CaseIterable {
    /// Was asked.
    case asked
    /// Could have been asked, and others came first.
    case behind
    /// Had let it go, and was left alone with it for a while.
    case paused
    /// Had turned it down before.
    case refused
    /// Was asked for another ticket in the same round.
    case taken
    /// Had no room.
    case full
    /// Is in reserve, and the reserve was not called yet.
    case inReserve = "in_reserve"
    /// Speaks other languages.
    case language
    /// Lacks a skill, or has too little of it.
    case skill
    /// Is in none of the teams.
    case team
    /// Was not at the desk.
    case absent
    /// Was at the desk and would do, but was not among those kept: others came first.
    case unrecorded
  }

  /// An agent, and why they lost.
  public struct Verdict: Hashable, Sendable {
    /// The agent.
    public let agent: AgentID
    /// How they stood.
    public let standing: Standing
    /// The reason in words.
    public let reason: String
    /// What would have made them the one, in words; nil where nothing small would. It has been tried.
    public let counterfactual: String?
    /// How many changes that takes.
    public let changes: Int
  }

  /// The verdicts, nearest to being asked first.
  public let verdicts: [Verdict]
  /// Why the one who was asked was.
  public let why: String
  /// What was asked of agents at that moment, in words.
  public let asked: String
  /// Why the ticket had its turn, in words.
  public let turn: String
}

extension OfferRecord {
  /// Chooses again.
  /// - Parameter policy: the version that the choice followed.
  public func replay(under policy: Policy) -> Replay {
    guard let queue = policy.queues[queue] else { return Replay(kept: result.detail, replayed: .null) }
    let choice = OfferChoice(ticket, in: queue, among: witnesses, profiles: policy.agents, now: now)
    return Replay(kept: result.detail, replayed: choice.detail)
  }

  /// Tells why the choice came out as it did.
  /// - Parameter policy: the version that the choice followed.
  /// - Returns: nil when that version has no such queue.
  public func explain(under policy: Policy) -> OfferExplanation? {
    guard let queue = policy.queues[queue] else { return nil }
    let asked = Asked(ticket.skills, in: queue, after: result.steps)
    let witnessed = Dictionary(witnesses.map { ($0.agent, $0) }, uniquingKeysWith: { first, _ in first })
    let trial = OfferTrial(record: self, queue: queue, policy: policy)
    let verdicts = policy.agents.values.map { profile in
      verdict(on: profile, witnessed[profile.id], asked, trial)
    }
    return OfferExplanation(
      verdicts: verdicts.sorted { left, right in
        (left.standing.order, left.changes, left.agent) < (right.standing.order, right.changes, right.agent)
      }, why: why, asked: asked.text(speaking: ticket.language), turn: turn)
  }

  private func verdict(
    on profile: AgentProfile, _ witness: Witness?, _ asked: Asked, _ trial: OfferTrial
  ) -> OfferExplanation.Verdict {
    let standing = standing(of: profile, witness, asked)
    let changes = standing == .asked || standing == .unrecorded ? nil : trial.smallestChanges(for: profile.id)
    return OfferExplanation.Verdict(
      agent: profile.id, standing: standing, reason: reason(standing, profile, witness, asked),
      counterfactual: changes.map { changes in
        let isUnknown = witness == nil && standing != .absent
        return "with \(changes.map(\.text).listed(with: "and")) \(profile.id) would have been asked"
          + (isUnknown ? ", if at the desk and free" : "")
      },
      changes: changes?.count ?? Int.max)
  }

  /// The pause that kept an agent from being asked.
  private func pause(of agent: AgentID) -> OfferPause? {
    ticket.pauses.first { $0.agent == agent && $0.until > now }
  }

  private func standing(of profile: AgentProfile, _ witness: Witness?, _ asked: Asked) -> OfferExplanation.Standing {
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
    _ standing: OfferExplanation.Standing, _ profile: AgentProfile, _ witness: Witness?, _ asked: Asked
  ) -> String {
    let load =
      witness.map { "load \(TicketWeight.used($0.load, of: profile.capacity)) of \(profile.capacity)" }
      ?? "load unknown"
    switch standing {
    case .asked: return why
    case .behind:
      return "\(load), place \((result.ranking.firstIndex(of: profile.id) ?? 0) + 1) of \(result.ranking.count)"
    case .paused: return pause(of: profile.id)?.text ?? ""
    case .refused: return "turned this ticket down before"
    case .taken: return "asked for another ticket in the same round"
    case .full:
      if ticket.weight == TicketWeight.whole { return "\(load), and the ticket takes the whole capacity" }
      return ticket.weight == 1 ? load : "\(load), and the ticket takes \(ticket.weight)"
    case .inReserve: return "in reserve, and the reserve was not called yet"
    case .language:
      return "speaks \(profile.languages.sorted().listed(with: "and")), and the ticket is in \(ticket.language)"
    case .skill:
      guard case .skill(let missing, let has) = asked.lack(of: profile, speaking: ticket.language) else { return "" }
      return has == 0
        ? "lacks \(missing.skill), asked at \(missing.proficiency)"
        : "has \(missing.skill) at \(has), asked at \(missing.proficiency)"
    case .team: return "in none of the teams \(asked.teams.map(\.rawValue).sorted().listed(with: "or"))"
    case .absent: return "not at the desk"
    case .unrecorded: return "at the desk or not: others came first, and only those were kept"
    }
  }

  private var why: String {
    switch result.reason {
    case nil: "nobody could be asked"
    case .dedicated: "the customer's own agent"
    case .knowsCustomer: "knows the customer"
    case .onlyOne: "the only one who could take it"
    case .qualification: "the only one left who meets what is asked without a later step of relaxation"
    case .presence: "available, the next one is in reserve"
    case .occupancy: "the lowest occupancy of \(result.ranking.count) who could take it"
    case .idle: "idle longest among equals in occupancy, of \(result.ranking.count) who could take it"
    case .name: "first by name among equals"
    }
  }

  private var turn: String {
    var text = isOverdueTurn ? "its turn as the most overdue of the queue" : "first in the order: \(result.band.text)"
    let headStart = QueuePlace.headStart(ticket.priority, ticket.tier)
    if result.band == .inTime || result.band == .urgentInTime, headStart > .zero {
      text += ", counted as due \(Int(headStart.inSeconds) / 60) min earlier"
    }
    if passedOver > 0 { text += "; nobody at the desk could take the \(passedOver) before it" }
    return text
  }
}

extension OfferExplanation.Standing {
  fileprivate var order: Int { OfferExplanation.Standing.allCases.firstIndex(of: self) ?? 0 }
}

extension Asked {
  /// What is asked, in words.
  fileprivate func text(speaking needed: String) -> String {
    var parts: [String] = []
    parts.append(teams.isEmpty ? "anybody" : "team \(teams.map(\.rawValue).sorted().listed(with: "or"))")
    parts += skills.map { "\($0.skill) at \($0.proficiency)" }
    if language, !["und", "other", "mixed", ""].contains(needed) { parts.append("speaks \(needed)") }
    if reserve { parts.append("the reserve too") }
    return parts.joined(separator: ", ")
  }
}
