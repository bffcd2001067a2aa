@testable import DeskCore

/// Random desks for property tests: queues with relaxation steps, agents of all presences, tickets of all kinds.
struct DeskTraffic {
  var random: SeededGenerator

  init(seed: UInt64) {
    random = SeededGenerator(seed: seed)
  }

  static let queue = QueuePolicy(
    id: "q", teams: ["orders"], skills: [], offerTime: .seconds(30),
    relaxation: [
      RelaxationStep(after: .seconds(60), easing: .proficiency(by: 3)),
      RelaxationStep(after: .seconds(90), easing: .teams(["care"])),
      RelaxationStep(after: .seconds(120), easing: .reserve), RelaxationStep(after: .seconds(150), easing: .anyone),
    ], dedicatedWait: .seconds(80), overdueTurn: 4)

  static let staff: [AgentID] = (0..<14).map { AgentID("agent-\($0)") }

  mutating func pick<Value>(_ values: [Value]) -> Value {
    values[Int.random(in: 0..<values.count, using: &random)]
  }

  mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

  mutating func agents() -> [AgentStatus] {
    DeskTraffic.staff.map { id in
      let capacity = Int32.random(in: 1...3, using: &random)
      let skills: [SkillID: Int] = chance(70) ? ["s": Int.random(in: 1...10, using: &random)] : [:]
      return AgentStatus(
        profile: AgentProfile(
          id: id, teams: pick([["orders"], ["care"], ["orders", "care"]]), skills: skills,
          languages: pick([[], ["en"], ["zh"]]), capacity: capacity),
        presence: pick([.available, .available, .available, .reserve, .away, .offline]),
        load: Int32.random(in: 0...capacity, using: &random), idleSince: .at(Int64.random(in: 0...9, using: &random)))
    }
  }

  mutating func ticket(_ number: UInt64) -> WaitingTicket {
    WaitingTicket(
      id: .number(number), version: 2, priority: pick(Priority.allCases), tier: pick(CustomerTier.allCases),
      skills: chance(50) ? [] : [SkillRequirement("s", proficiency: Int.random(in: 1...10, using: &random))],
      weight: pick([1, 1, 1, 2, TicketWeight.whole]), language: pick(["en", "zh-Hans", "und"]),
      waitingSince: .at(Int64.random(in: 0...200, using: &random)),
      dueAt: chance(30) ? nil : .at(Int64.random(in: 0...900, using: &random)),
      refusedBy: chance(80) ? [] : [pick(DeskTraffic.staff), pick(DeskTraffic.staff)],
      lastAgent: chance(70) ? nil : pick(DeskTraffic.staff),
      dedicatedAgent: chance(80) ? nil : pick(DeskTraffic.staff))
  }

  mutating func tickets(_ count: Int) -> [WaitingTicket] { (0..<count).map { ticket(UInt64($0)) } }
}

/// Chooses an agent by a plain scan: every agent is checked for every ticket. The indexed choice must agree with it.
enum PlainMatching {
  static func canTake(
    _ ticket: WaitingTicket, _ agent: AgentStatus, _ queue: QueuePolicy, _ now: Instant
  ) -> Bool {
    let steps = queue.relaxation.filter { now - ticket.waitingSince >= $0.after }.count
    let asked = AgentRequirements(ticket.skills, in: queue, after: steps)
    return (agent.presence == .available || agent.presence == .reserve && asked.reserve)
      && asked.lack(of: agent.profile, speaking: ticket.language) == nil
  }

  /// Whether a ticket fits in addition to an agent's load: a call only if there is none, anything else if the capacity allows it.
  static func mayTake(_ ticket: WaitingTicket, _ agent: AgentProfile, load: Int32) -> Bool {
    ticket.weight == TicketWeight.whole ? load == 0 : load + ticket.weight <= agent.capacity
  }

  static func choice(
    for ticket: WaitingTicket, among agents: [AgentStatus], asked: Set<AgentID>, _ queue: QueuePolicy, _ now: Instant
  ) -> AgentID? {
    func hasRoom(_ agent: AgentStatus) -> Bool {
      mayTake(ticket, agent.profile, load: agent.load) && !asked.contains(agent.profile.id)
    }
    if let id = ticket.dedicatedAgent, !ticket.refusedBy.contains(id),
      let own = agents.first(where: { $0.profile.id == id }), own.presence == .available
    {
      if hasRoom(own) { return id }
      if now - ticket.waitingSince < queue.dedicatedWait { return nil }
    }
    let fit = agents.filter { canTake(ticket, $0, queue, now) }
    let able = fit.filter(hasRoom)
    if let last = ticket.lastAgent, !ticket.refusedBy.contains(last), able.contains(where: { $0.profile.id == last }) {
      return last
    }
    let willing = able.filter { !ticket.refusedBy.contains($0.profile.id) }
    if willing.isEmpty,
      fit.contains(where: { !ticket.refusedBy.contains($0.profile.id) && mayTake(ticket, $0.profile, load: 0) })
    {
      return nil
    }
    let field = willing.isEmpty ? able : willing
    return field.min { key($0, ticket, queue, now) < key($1, ticket, queue, now) }?.profile.id
  }

  private static func key(
    _ agent: AgentStatus, _ ticket: WaitingTicket, _ queue: QueuePolicy, _ now: Instant
  ) -> (Int, Int, Double, Int64, AgentID) {
    let steps = queue.relaxation.filter { now - ticket.waitingSince >= $0.after }.count
    let step = (0...steps).first { count in
      let asked = AgentRequirements(ticket.skills, in: queue, after: count)
      return asked.lack(of: agent.profile, speaking: ticket.language) == nil
        && (agent.presence == .available || asked.reserve)
    }
    return (
      step ?? .max, agent.presence == .reserve ? 1 : 0, agent.occupancy, agent.idleSince.microseconds, agent.profile.id
    )
  }
}
