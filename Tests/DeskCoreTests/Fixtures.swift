import DeskCore

extension Instant {
  /// 2026-03-02, a Monday, 09:00 UTC.
  static let morning = Instant(seconds: 1_772_442_000)

  /// The given number of seconds after `morning`.
  static func at(_ seconds: Int64) -> Instant { morning + .seconds(seconds) }
}

extension Labels {
  static func sample(
    category: String = "logistics", intent: String = "where_is_it", confidence: Double = 0.9,
    urgency: Urgency = .normal,
    sentiment: Sentiment = .neutral, language: String = "zh-Hans"
  ) -> Labels {
    Labels(
      category: category, intent: intent, confidence: confidence, urgency: urgency, sentiment: sentiment,
      language: language, modelVersion: "m1")
  }
}

extension Identifier {
  /// An identifier that a test can refer to by a number.
  static func number(_ number: UInt64) -> Identifier { Identifier(high: 0, low: number) }
}

extension Offer {
  static func to(_ agent: AgentID, number: UInt64 = 1, at second: Int64 = 60) -> Offer {
    Offer(id: .number(number), agent: agent, offeredAt: .at(second), expiresAt: .at(second + 30))
  }
}

extension Policy {
  /// A desk with two queues, one hour for the first response and one day for the resolution.
  static let sample = Policy(
    version: 7, teams: ["orders": Team(id: "orders", lead: nil)], agents: [:],
    queues: [
      "shipping": QueuePolicy(
        id: "shipping", teams: ["orders"], skills: [SkillRequirement("shipping", proficiency: 3)],
        offerTime: .seconds(30), relaxation: []),
      "triage": QueuePolicy(id: "triage", teams: [], skills: [], offerTime: .seconds(30), relaxation: []),
      "general": QueuePolicy(id: "general", teams: [], skills: [], offerTime: .seconds(30), relaxation: []),
    ],
    rules: [
      Rule(
        name: "parcels", condition: .oneOf(.category, ["logistics"]), queue: "shipping", priority: .high,
        skills: [SkillRequirement("parcels", proficiency: 2), SkillRequirement("shipping", proficiency: 5)])
    ],
    defaultQueue: "general", triageQueue: "triage", triageThreshold: 0.35,
    serviceLevels: [
      ServiceLevelPolicy(
        name: "usual", condition: .always, calendar: nil, firstResponse: [.high: .seconds(3_600)],
        resolution: [.high: .seconds(86_400), .normal: .seconds(100_000)], pausesWhilePending: true)
    ],
    calendars: [:],
    channels: ["call": ChannelPolicy(id: "call", weight: 5, replyHook: nil, reopenWindow: .seconds(3_600))], hooks: [:])

  func decision(
    _ labels: Labels = .sample(), channel: ChannelID = "web", tier: CustomerTier = .standard, text: String = ""
  ) -> RoutingDecision {
    decide(RoutingFacts(channel: channel, tier: tier, labels: labels, text: text, openedAt: .morning))
  }
}

extension ActingAgent {
  static let ann = ActingAgent("ann", leads: false)
  static let bob = ActingAgent("bob", leads: false)
  /// Bob's lead.
  static let eve = ActingAgent("eve", leads: true)
}

extension Correction {
  static func sample(by hand: ActingAgent = .ann, to category: String = "logistics") -> Correction {
    Correction(message: .number(4), category: category, by: hand, modelVersion: "m1")
  }
}

extension Feedback {
  static func sample(solved: Bool = true, rating: Int? = nil, comment: MessageID? = nil) -> Feedback {
    Feedback(solved: solved, rating: rating, comment: comment, followUpBelow: 3, lead: "eve")
  }
}

extension Ticket {
  /// Takes a step under the policy that most tests use.
  mutating func handle(_ event: TicketEvent, now: Instant) throws(TicketRefusal) -> [TicketEffect] {
    try handle(event, now: now, under: .sample)
  }

  /// A ticket that was just accepted.
  static func fresh(tier: CustomerTier = .standard) -> Ticket {
    Ticket(id: .number(1), channel: "web", customer: "c-1", tier: tier, openedAt: .morning)
  }

  /// A ticket brought into a state by the steps that lead to it.
  static func example(in state: TicketState) throws -> Ticket {
    var ticket = Ticket.fresh()
    func step(_ event: TicketEvent, _ second: Int64) throws { _ = try ticket.handle(event, now: .at(second)) }
    switch state {
    case .received: return ticket
    case .triage:
      try step(.routed(Policy.sample.decision(.sample(confidence: 0.1))), 1)
      return ticket
    case .rejected:
      try step(.rejected(reason: "poison"), 1)
      return ticket
    case .answered:
      try step(.answered(Policy.sample.decision(), "where-is-my-parcel", .number(8)), 1)
      return ticket
    default: break
    }
    try step(.routed(Policy.sample.decision()), 1)
    if state == .queued { return ticket }
    try step(.offered(.to("ann")), 60)
    if state == .offered { return ticket }
    try step(.accepted(.number(1), by: "ann"), 70)
    if state == .assigned { return ticket }
    if state == .pending {
      try step(.replied(.number(9), by: "ann", awaitsCustomer: true), 100)
      return ticket
    }
    try step(.resolved(by: "ann"), 200)
    if state == .closed { try step(.reopenWindowPassed, 300) }
    return ticket
  }
}

extension TicketEffect {
  /// The threshold of an SLA target that it records.
  var targetReached: TimelineEvent.TargetReached? {
    guard case .record(let entry) = self else { return nil }
    switch entry.event {
    case .slaWarned(let reached), .slaBreached(let reached): return reached
    default: return nil
    }
  }
}

extension [TicketEffect] {
  /// The detail of the first timeline entry of a kind, as JSON.
  func detail(of kind: TimelineEntry.Kind) -> String? {
    for case .record(let entry) in self where entry.kind == kind { return entry.detail.json }
    return nil
  }

  /// The change of each agent's load, over all effects.
  var loads: [AgentID: Int32] {
    reduce(into: [:]) { loads, effect in
      if case .changeLoad(let agent, let weight) = effect { loads[agent, default: 0] += weight }
    }
  }

  /// The effects in short form, in order.
  var outline: [String] {
    map { effect in
      switch effect {
      case .record(let entry): "record \(entry.kind.rawValue) by \(entry.actor.text)"
      case .notify(let kind, _): "notify \(kind.rawValue)"
      case .changeLoad(let agent, let weight): "load \(agent) \(weight > 0 ? "+" : "")\(weight)"
      case .setAway(let agent): "away \(agent)"
      case .wakeQueue(let queue): "wake \(queue)"
      case .archive: "archive"
      case .deadLetter(let reason): "deadLetter \(reason)"
      case .correct(let correction): "correct to \(correction.category)"
      case .link(let link): "link \(link.kind.rawValue)"
      case .ask(_, let questionnaire, let text): "ask \(questionnaire): \(text)"
      case .rate(let rating): "rate \(rating.feedback.rating.map { "\($0)" } ?? "nothing")"
      case .consult(let consult): "consult \(consult.state.rawValue)"
      case .returned(let replies): "returned by \(replies.count)"
      case .followUp(let followUp): "follow up by \(followUp.lead.map { "\($0)" } ?? "noOne")"
      }
    }
  }
}
