public import DeskCore
import RealModule

/// Another number of agents than was recorded.
public struct StaffingChange: Hashable, Sendable {
  /// How many.
  public enum Amount: Hashable, Sendable {
    /// More or fewer, in percent.
    case percent(Double)
    /// So many more or fewer.
    case by(Int)
    /// So many altogether.
    case to(Int)
  }

  /// The team whose agents it is about; nil: all agents.
  public let team: TeamID?
  public let amount: Amount

  public init(team: TeamID?, _ amount: Amount) {
    self.team = team
    self.amount = amount
  }

  /// The number of agents after it, zero or more.
  func number(from count: Int) -> Int {
    switch amount {
    case .percent(let percent): max(0, Int((Double(count) * (1 + percent / 100)).rounded()))
    case .by(let change): max(0, count + change)
    case .to(let number): max(0, number)
    }
  }

  /// The agents after it. Who joins works like one who is there, who leaves was one of them: both are taken in equal steps from the agents
  /// ordered by how long they were present, so that they are like all others together.
  func applied(to agents: [RecordedAgent]) -> [RecordedAgent] {
    let concerned = agents.filter { agent in team.map { agent.profile.teams.contains($0) } ?? true }
      .sorted { ($0.presentMilliseconds, $0.profile.id) < ($1.presentMilliseconds, $1.profile.id) }
    let wanted = number(from: concerned.count)
    guard !concerned.isEmpty, wanted != concerned.count else { return agents }
    if wanted < concerned.count {
      let gone = concerned.count - wanted
      let leaving = Set((0..<gone).map { concerned[(2 * $0 + 1) * concerned.count / (2 * gone)].profile.id })
      return agents.filter { !leaving.contains($0.profile.id) }
    }
    let joining = wanted - concerned.count
    return agents
      + (0..<joining).map { number in
        // More than double the number takes some twice.
        let like = concerned[(2 * number + 1) * concerned.count / (2 * joining) % concerned.count]
        let profile = like.profile
        return RecordedAgent(
          profile: AgentProfile(
            id: AgentID("\(profile.id.rawValue)+\(number + 1)"), teams: profile.teams, skills: profile.skills,
            languages: profile.languages, capacity: profile.capacity), changes: like.changes)
      }
  }
}

extension RecordedAgent {
  /// How long the agent could be offered tickets, in milliseconds, as far as the changes say.
  var presentMilliseconds: Int64 {
    presentMilliseconds(in: RecordingMembers.times.lowerBound...(changes.last?.at ?? 0))
  }

  /// How long that was in a range of times.
  func presentMilliseconds(in range: ClosedRange<Int64>) -> Int64 {
    changes.indices.reduce(0) { sum, number in
      guard changes[number].isPresent else { return sum }
      let until = number + 1 < changes.count ? changes[number + 1].at : range.upperBound
      return sum + max(0, min(until, range.upperBound) - max(changes[number].at, range.lowerBound))
    }
  }
}

extension RecordedAgent.Change {
  var isPresent: Bool { presence == .available || presence == .reserve }
}

extension RecordingReplay {
  /// Answers to offers that an agent must have for their own behaviour to count; others behave like all together.
  private static let answersAsked = 20

  /// Each agent is a group, with the recorded presence and behaviour.
  func staff(changedBy staffing: [StaffingChange]) -> [StaffGroup] {
    let agents = staffing.reduce(recording.agents) { $1.applied(to: $0) }
    let offers = Dictionary(grouping: tickets.flatMap(\.offers), by: \.agent)
    let usual = OfferBehaviour(Array(offers.values.joined()))
    return agents.map { agent in
      let profile = agent.profile
      var group = StaffGroup(name: profile.id.rawValue, agents: [profile])
      group.presence = agent.changes.map {
        StaffGroup.PresenceStep(after: .milliseconds($0.at), isOnDuty: $0.isPresent)
      }
      let present = agent.changes.filter(\.isPresent)
      group.isReserve = !present.isEmpty && present.allSatisfy { $0.presence == .reserve }
      // Who joined behaves like the one they are a copy of.
      let name = AgentID(String(profile.id.rawValue.prefix { $0 != "+" }))
      let own = offers[name, default: []].filter { $0.answer != nil }
      group.behaviour = own.count >= Self.answersAsked ? OfferBehaviour(own) : usual
      return group
    }
  }
}

extension OfferBehaviour {
  /// As offers were answered. Who let one time out is not away for it: the recorded presence has that already.
  fileprivate init(_ offers: [RecordedTicket.Offer]) {
    self.init()
    absence = .constant(0)
    let answers = offers.count { $0.answer.map { $0 != .withdrawn } ?? false }
    guard answers > 0 else { return }
    declines = Double(offers.count { $0.answer == .declined }) / Double(answers)
    ignores = Double(offers.count { $0.answer == .timedOut }) / Double(answers)
    let times = offers.filter { $0.answer == .accepted }.compactMap { offer in
      offer.answeredAt.map { max(0, Double($0 - offer.at) / 1000) }
    }
    if !times.isEmpty { response = .empirical(times) }
  }
}
