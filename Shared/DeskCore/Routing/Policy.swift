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
  /// Rules on what agents write to customers.
  public var replyRules = ReplyRules()
  /// Which ended tickets are inspected, and how; nil: none.
  public var inspection: InspectionPlan?
  /// Known events that change how many customers write, sorted by name: for forecasts and plans.
  public var events: [KnownEvent] = []
  /// Where the CRM is asked about customers; nil when it is not.
  public var customerLookUp: CustomerLookUp?
  /// All word lists of the rules and then of the service levels, in their order: a message is searched once for each, and the timeline
  /// stores the indices of those found.
  public private(set) var wordLists: [WordList] = []
  /// Finds the words of `wordLists`.
  private(set) var wordSearch = WordSearch([])
  /// All tests of fields of the rules and then of the service levels, in their order: the timeline stores the indices of those met.
  public private(set) var fieldTests: [FieldTest] = []

  /// Creates a policy. The names it mentions must exist.
  public init(
    version: Int32, teams: [TeamID: Team], agents: [AgentID: AgentProfile], queues: [QueueID: QueuePolicy],
    headStarts: HeadStarts = HeadStarts(), rules: [Rule], defaultQueue: QueueID, triageQueue: QueueID,
    triageThreshold: Double,
    serviceLevels: [ServiceLevelPolicy], calendars: [CalendarID: BusinessCalendar],
    channels: [ChannelID: ChannelPolicy], hooks: [HookID: Hook], life: LifePolicy = LifePolicy(),
    customerLookUp: CustomerLookUp? = nil
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
    self.customerLookUp = customerLookUp
    collectTests()
  }

  private mutating func collectTests() {
    let conditions = rules.map(\.condition) + serviceLevels.map(\.condition)
    wordLists = conditions.flatMap(\.wordLists)
    wordSearch = WordSearch(wordLists.map(\.needles))
    fieldTests = conditions.flatMap(\.fieldTests)
  }

  /// How long after resolution a customer's message on a channel reopens the ticket; three days if the policy does not say.
  public func reopenWindow(of channel: ChannelID) -> Duration {
    channels[channel]?.reopenWindow ?? .seconds(72 * 3_600)
  }

  /// The kinds of proofs of customers that the policy accepts from each channel, sorted.
  public var trustedProofs: [(channel: ChannelID, kind: ProofKind)] {
    channels.values.flatMap { channel in channel.proofs.map { (channel.id, $0) } }
      .sorted { ($0.0, $0.1.rawValue) < ($1.0, $1.1.rawValue) }
  }

  /// The hooks that subscribe to a kind, sorted by name.
  public func subscribers(of kind: NoticeKind) -> [Hook] {
    hooks.values.filter { $0.kinds.contains(kind) }.sorted { $0.id < $1.id }
  }

  /// The hooks of the teams of a queue, sorted by name, for what leads are notified of; none for other kinds.
  public func leadHooks(for kind: NoticeKind, of queue: QueueID?) -> [HookID] {
    guard kind.isForLeads else { return [] }
    return Set((queue.flatMap { queues[$0]?.teams } ?? []).compactMap { teams[$0]?.hook }).sorted()
  }

  /// The leads of the teams of a queue, sorted by name.
  public func leads(of queue: QueueID?) -> [AgentID] {
    Set((queue.flatMap { queues[$0]?.teams } ?? []).compactMap { teams[$0]?.lead }).sorted()
  }
}

/// A team of agents.
public struct Team: Hashable, Sendable {
  /// The team's name.
  public let id: TeamID
  /// The lead notified by the escalation ladder.
  public let lead: AgentID?
  /// The hook that gets what the lead is notified of, in addition to those that subscribe to its kind.
  public let hook: HookID?

  /// Describes a team.
  public init(id: TeamID, lead: AgentID?, hook: HookID? = nil) {
    self.id = id
    self.lead = lead
    self.hook = hook
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

/// How replies leave by a channel.
public enum ReplyRoute: Hashable, Sendable {
  /// The notifier delivers them to this hook.
  case hook(HookID)
  /// The channel's system fetches them from intake, or subscribes to them.
  case fetch
  /// The policy does not say: it was applied before channels had to. The channel can fetch them, but the desk cannot know that it does.
  case undeclared
}

/// A channel of incoming messages, as the policy describes it.
public struct ChannelPolicy: Hashable, Sendable {
  /// The channel's name.
  public let id: ChannelID
  /// How much of an agent's capacity one of its tickets takes.
  public let weight: Int32
  /// How replies leave.
  public let replies: ReplyRoute
  /// How long after resolution a customer's message reopens the ticket.
  public let reopenWindow: Duration
  /// Whether the customer waits online: such channels receive the queue position and the expected wait.
  public let isChat: Bool
  /// Whether phone numbers, email addresses, card and identity numbers are masked before anything of a message is stored.
  public let masksPersonalData: Bool
  /// What happens to a first message that only greets.
  public let greeting: GreetingPolicy
  /// What the channel is trusted to verify of its customers; customers with the same proof become one person.
  public let proofs: Set<ProofKind>

  /// Describes a channel whose replies a hook delivers, or which fetches them if that is nil.
  public init(
    id: ChannelID, weight: Int32, replyHook: HookID?, reopenWindow: Duration, isChat: Bool = false,
    masksPersonalData: Bool = false, greeting: GreetingPolicy = GreetingPolicy(), proofs: Set<ProofKind> = []
  ) {
    self.init(
      id: id, weight: weight, replies: replyHook.map { .hook($0) } ?? .fetch, reopenWindow: reopenWindow,
      isChat: isChat, masksPersonalData: masksPersonalData, greeting: greeting, proofs: proofs)
  }

  /// Describes a channel.
  public init(
    id: ChannelID, weight: Int32, replies: ReplyRoute, reopenWindow: Duration, isChat: Bool = false,
    masksPersonalData: Bool = false, greeting: GreetingPolicy = GreetingPolicy(), proofs: Set<ProofKind> = []
  ) {
    self.id = id
    self.weight = weight
    self.replies = replies
    self.reopenWindow = reopenWindow
    self.isChat = isChat
    self.masksPersonalData = masksPersonalData
    self.greeting = greeting
    self.proofs = proofs
  }

  /// The hook that delivers replies; nil when none does.
  public var replyHook: HookID? { if case .hook(let hook) = replies { hook } else { nil } }
}
