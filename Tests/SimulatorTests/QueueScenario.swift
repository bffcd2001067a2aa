import DeskCore
import Simulator

/// Scenarios of one queue, as queueing theory describes them: Poisson arrivals, agents who are all alike, one ticket each.
enum QueueScenario {
  static let start = Instant(seconds: 1_762_732_800)

  static func policy(
    agents: Int, rules: [Rule] = [], firstResponse: [Priority: Duration] = [:],
    escalation: [EscalationStep] = [], relaxation: [RelaxationStep] = []
  ) -> (policy: Policy, agents: [AgentProfile]) {
    let profiles = (0..<agents).map { number in
      AgentProfile(
        id: AgentID("agent-\(1_000 + number)"), teams: ["all"], skills: ["s": 1 + number % 10], languages: [],
        capacity: 1)
    }
    let queue = QueuePolicy(id: "q", teams: [], skills: [], offerTime: .seconds(30), relaxation: relaxation)
    let experts = QueuePolicy(
      id: "experts", teams: ["all"], skills: [SkillRequirement("s", proficiency: 8)], offerTime: .seconds(20),
      relaxation: relaxation)
    let level = ServiceLevelPolicy(
      name: "all", condition: .always, calendar: nil, firstResponse: firstResponse, resolution: [:],
      pausesWhilePending: true, escalation: escalation)
    let policy = Policy(
      version: 1, teams: ["all": Team(id: "all", lead: nil)],
      agents: Dictionary(uniqueKeysWithValues: profiles.map { ($0.id, $0) }), queues: ["q": queue, "experts": experts],
      rules: rules, defaultQueue: "q", triageQueue: "q", triageThreshold: 0,
      serviceLevels: firstResponse.isEmpty ? [] : [level], calendars: ["always": .always],
      channels: ["app": ChannelPolicy(id: "app", weight: 1, replyHook: nil, reopenWindow: .seconds(3_600))], hooks: [:])
    return (policy, profiles)
  }

  static func kind(_ category: String, weight: Double = 1) -> TicketKind {
    TicketKind(
      name: category, channel: "app",
      labels: Labels(
        category: category, intent: category, confidence: 1, urgency: .normal, sentiment: .neutral, language: "und",
        modelVersion: ""), weight: weight)
  }

  /// Times in minutes.
  static func queue(
    arrivalsPerMinute: Double, agents: Int, service: Double = 1, patience: Double? = nil, minutes: Int, warmUp: Int
  ) -> Scenario {
    let (policy, profiles) = policy(agents: agents)
    var scenario = Scenario(
      start: start, length: .seconds(Int64(minutes) * 60), policy: policy, kinds: [kind("any")],
      arrivals: [ArrivalStream(name: "all", periods: [.init(from: .zero, ratePerHour: arrivalsPerMinute * 60)])],
      handling: [HandlingRule(time: .exponential(mean: service * 60))],
      staff: [StaffGroup(name: "all", agents: profiles)])
    scenario.drains = false
    scenario.warmUp = .seconds(Int64(warmUp) * 60)
    scenario.patience = patience.map { [PatienceRule(time: .exponential(mean: $0 * 60))] } ?? []
    return scenario
  }

  /// The results of several seeds, always the same.
  static func results(_ scenario: Scenario, seeds: Int) throws -> [SimulationResult] {
    try results(scenario, seeds: 2_026...2_025 + seeds)
  }

  static func results(_ scenario: Scenario, seeds: ClosedRange<Int>) throws -> [SimulationResult] {
    try seeds.map { number in
      var simulation = Simulation(scenario, seed: SimulationSeed(UInt64(number)))
      return try simulation.run()
    }
  }
}
