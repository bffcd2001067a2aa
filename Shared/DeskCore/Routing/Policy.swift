/// All operator settings of the desk, as one validated value.
///
/// It comes from `desk.yaml`; code that creates one must ensure that every name it mentions exists. Services hold the newest version and
/// switch to the next one between two batches.
public struct Policy: Hashable, Sendable {
  /// The version under which the store keeps it; 0 if it was never stored.
  public var version: Int32
  /// Teams by name.
  public var teams: [TeamID: Team]
  /// Agents by name.
  public var agents: [AgentID: AgentProfile]
  /// Queues by name.
  public var queues: [QueueID: QueuePolicy]
  /// How much earlier tickets of some classes and tiers count as due, in every queue.
  public var headStarts: HeadStarts
  /// Rules in order; the first match applies.
  public var rules: [Rule] { didSet { collectTests() } }
  /// The queue for tickets that no rule matches.
  public var defaultQueue: QueueID
  /// The queue for tickets whose label is too uncertain.
  public var triageQueue: QueueID
  /// Labels with a lower confidence, 0 to 1, go to triage.
  public var triageThreshold: Double
  /// Service levels in order; the first match applies.
  public var serviceLevels: [ServiceLevelPolicy] { didSet { collectTests() } }
  /// Service levels of earlier versions that this one no longer has, by name: open tickets continue to follow them. A policy read from a
  /// file has none; services add them from the previous versions.
  public var formerServiceLevels: [String: ServiceLevel] = [:]
  /// Calendars by name.
  public var calendars: [CalendarID: BusinessCalendar]
  /// Channels by name.
  public var channels: [ChannelID: ChannelPolicy]
  /// Outgoing hooks by name.
  public var hooks: [HookID: Hook]
  /// Answers, reclaiming and closing.
  public var life: LifePolicy
  /// All word lists of the rules and then of the service levels, in their order: a message is searched once for each, and the timeline
  /// stores the indices of those found.
  public private(set) var wordLists: [WordList] = []
  /// All tests of fields of the rules and then of the service levels, in their order: the timeline stores the indices of those met.
  public private(set) var fieldTests: [FieldTest] = []

  /// Creates a policy. The names it mentions must exist.
  public init(
    version: Int32, teams: [TeamID: Team], agents: [AgentID: AgentProfile], queues: [QueueID: QueuePolicy],
    headStarts: HeadStarts = HeadStarts(), rules: [Rule], defaultQueue: QueueID, triageQueue: QueueID,
    triageThreshold: Double,
    serviceLevels: [ServiceLevelPolicy], calendars: [CalendarID: BusinessCalendar],
    channels: [ChannelID: ChannelPolicy], hooks: [HookID: Hook], life: LifePolicy = LifePolicy()
  ) {
    self.version = version
    self.teams = teams
    self.agents = agents
    self.queues = queues
    self.headStarts = headStarts
    self.rules = rules
    self.defaultQueue = defaultQueue
    self.triageQueue = triageQueue
    self.triageThreshold = triageThreshold
    self.serviceLevels = serviceLevels
    self.calendars = calendars
    self.channels = channels
    self.hooks = hooks
    self.life = life
    collectTests()
  }

  private mutating func collectTests() {
    let conditions = rules.map(\.condition) + serviceLevels.map(\.condition)
    wordLists = conditions.flatMap(\.wordLists)
    fieldTests = conditions.flatMap(\.fieldTests)
  }

  /// How long after resolution a customer's message on a channel reopens the ticket; three days if the policy does not say.
  public func reopenWindow(of channel: ChannelID) -> Duration {
    channels[channel]?.reopenWindow ?? .seconds(72 * 3_600)
  }

  /// The hooks that subscribe to a kind, sorted by name.
  public func subscribers(of kind: NoticeKind) -> [Hook] {
    hooks.values.filter { $0.kinds.contains(kind) }.sorted { $0.id < $1.id }
  }
}

/// A team of agents.
public struct Team: Hashable, Sendable {
  /// The team's name.
  public let id: TeamID
  /// The lead notified by the escalation ladder.
  public let lead: AgentID?

  /// Describes a team.
  public init(id: TeamID, lead: AgentID?) {
    self.id = id
    self.lead = lead
  }
}

/// A skill and its required proficiency.
public struct SkillRequirement: Hashable, Sendable {
  /// The skill.
  public let skill: SkillID
  /// The minimum proficiency, 1 to 10.
  public let proficiency: Int

  /// Describes a requirement. `proficiency` lies in 1...10.
  public init(_ skill: SkillID, proficiency: Int) {
    self.skill = skill
    self.proficiency = proficiency
  }
}

/// An agent's profile in the policy.
public struct AgentProfile: Hashable, Sendable {
  /// The agent's name.
  public let id: AgentID
  /// The agent's teams.
  public let teams: Set<TeamID>
  /// Proficiency by skill, 1 to 10.
  public let skills: [SkillID: Int]
  /// Languages by the classifier's names; empty means any.
  public let languages: Set<String>
  /// How much weight the agent can carry at once, 1 or more.
  public let capacity: Int32

  /// Describes an agent.
  public init(id: AgentID, teams: Set<TeamID>, skills: [SkillID: Int], languages: Set<String>, capacity: Int32) {
    self.id = id
    self.teams = teams
    self.skills = skills
    self.languages = languages
    self.capacity = capacity
  }

  /// Whether the agent meets all requirements.
  public func masters(_ requirements: [SkillRequirement]) -> Bool {
    requirements.allSatisfy { (skills[$0.skill] ?? 0) >= $0.proficiency }
  }

  /// Whether the agent can serve a message in `language`. `und` and `other` match every agent; `mixed` requires any one language.
  public func speaks(_ language: String) -> Bool {
    if languages.isEmpty { return true }
    switch language {
    case "und", "other", "mixed", "": return true
    case "zh-Hans", "zh-Hant": return languages.contains(language) || languages.contains("zh")
    default: return languages.contains(language)
    }
  }
}

/// A channel of incoming messages, as the policy describes it.
public struct ChannelPolicy: Hashable, Sendable {
  /// The channel's name.
  public let id: ChannelID
  /// How much of an agent's capacity one of its tickets takes.
  public let weight: Int32
  /// Where replies are delivered; nil: the channel fetches them.
  public let replyHook: HookID?
  /// How long after resolution a customer's message reopens the ticket.
  public let reopenWindow: Duration
  /// Whether the customer waits online: such channels receive the queue position and the expected wait.
  public let isChat: Bool
  /// Whether phone numbers, email addresses, card and identity numbers are masked before anything of a message is stored.
  public let masksPersonalData: Bool
  /// What happens to a first message that only greets.
  public let greeting: GreetingPolicy

  /// Describes a channel.
  public init(
    id: ChannelID, weight: Int32, replyHook: HookID?, reopenWindow: Duration, isChat: Bool = false,
    masksPersonalData: Bool = false, greeting: GreetingPolicy = GreetingPolicy()
  ) {
    self.id = id
    self.weight = weight
    self.replyHook = replyHook
    self.reopenWindow = reopenWindow
    self.isChat = isChat
    self.masksPersonalData = masksPersonalData
    self.greeting = greeting
  }
}
