import DeskCore

/// The policy of every run: two queues, four agents, two hooks, and service levels short enough to be missed under faults.
enum SimulatedPolicy {
  static let billing = QueueID("billing")
  static let orders = QueueID("orders")
  static let triage = QueueID("triage")
  static let chat = ChannelID("chat")
  /// Delivers replies to the customers.
  static let replies = HookID("replies")
  /// Is told what happens.
  static let events = HookID("events")

  /// The categories that customers write about, and how sure the classifier is of them.
  static let categories: [(name: String, confidence: Double)] = [("billing", 0.9), ("orders", 0.8), ("unclear", 0.1)]

  static let policy = Policy(
    version: 1,
    teams: [TeamID("all"): Team(id: TeamID("all"), lead: AgentID("anna"))],
    agents: agents,
    queues: Dictionary(
      uniqueKeysWithValues: [billing, orders, triage].map { id in
        (
          id,
          QueuePolicy(
            id: id, teams: [TeamID("all")], skills: [], offerTime: .seconds(4), relaxation: [])
        )
      }),
    rules: [
      Rule(
        name: "billing", condition: .oneOf(.category, ["billing"]), queue: billing, priority: .high, skills: [])
    ],
    defaultQueue: orders, triageQueue: triage, triageThreshold: 0.3,
    serviceLevels: [
      ServiceLevelPolicy(
        name: "all", condition: .always, calendar: nil, firstResponse: times(.seconds(8)),
        nextResponse: times(.seconds(8)), resolution: times(.seconds(30)), pausesWhilePending: true,
        escalation: [EscalationStep(after: .zero, actions: [.raisePriority(to: .urgent), .tellLead])])
    ],
    calendars: [:],
    channels: [
      chat: ChannelPolicy(id: chat, weight: 1, replyHook: replies, reopenWindow: .seconds(5), isChat: true)
    ],
    hooks: [replies: hook(replies, []), events: hook(events, Set(NoticeKind.allCases))])

  private static let agents: [AgentID: AgentProfile] = Dictionary(
    uniqueKeysWithValues: ["anna", "ben", "chen", "dora"].map { name in
      let id = AgentID(name)
      return (id, AgentProfile(id: id, teams: [TeamID("all")], skills: [:], languages: [], capacity: 2))
    })

  private static func times(_ time: Duration) -> [Priority: Duration] {
    Dictionary(uniqueKeysWithValues: Priority.allCases.map { ($0, time) })
  }

  private static func hook(_ id: HookID, _ kinds: Set<NoticeKind>) -> Hook {
    Hook(
      id: id, url: "https://endpoint.example/\(id)", secrets: [], kinds: kinds, allowsPrivateAddress: false,
      parallelDeliveries: FaultSimulationBounds.lanes)
  }
}
