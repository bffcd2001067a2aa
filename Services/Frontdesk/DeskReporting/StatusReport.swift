package import CommandLineTool
package import DeskCore
package import DeskSupervisor
import PolicyReading
package import Store

/// The status of the desk, for people and programs.
package struct StatusReport: Sendable, Equatable, Encodable {
  /// How many processes of a service are wanted, and why.
  package struct Capacity: Sendable, Equatable, Encodable {
    package var service: String
    /// `auto` or `fixed`.
    package var mode: String
    package var wanted: Int
    package var running: Int
    /// The policy's limit of `auto`.
    var limit: Int
    /// The code of the reason, and the reason in words.
    package var code: String
    package var reason: String
    /// Seconds since the wanted number changed.
    var seconds: Double
    /// Seconds since another number runs; nil while it does not.
    @OrNull package var apartSeconds: Double?

    enum CodingKeys: String, CodingKey {
      case service, mode, wanted, running, limit, code, reason, seconds
      case apartSeconds = "apart_seconds"
    }

    package init(_ row: CapacityRow, now: Instant) {
      (service, mode, wanted, running, limit) = (row.service, row.mode.rawValue, row.wanted, row.running, row.ceiling)
      let known = CapacityReason(row.reason)
      (code, reason) = (known?.code.rawValue ?? "", known?.text(in: .english) ?? row.reason.json)
      seconds = max(0, (now - row.changedAt) / .seconds(1))
      apartSeconds = row.apartSince.map { max(0, (now - $0) / .seconds(1)) }
    }
  }

  /// All processes of one service.
  package struct Service: Sendable, Equatable, Encodable {
    package var name: String
    package var ready: Int
    package var starting: Int
    package var draining: Int
    /// Seconds since the oldest one started; nil when there is none.
    @OrNull var oldestSeconds: Double?

    enum CodingKeys: String, CodingKey {
      case name, ready, starting, draining
      case oldestSeconds = "oldest_seconds"
    }
  }

  /// A process supervised by a local desk's `up`.
  package struct Process: Sendable, Equatable, Encodable {
    package var name: String
    /// `starting`, `ready`, `unresponsive`, `draining` or `waiting` (to be restarted).
    package var state: String
    /// The number of restarts, and how many of these because it no longer answered at `/livez`.
    package var restarts: Int
    var hangs: Int

    /// Whether it no longer answers. The register counts its last heartbeat until `FleetBounds.silence` has passed.
    var isUnresponsive: Bool { state == ControlAnswer.Member.State.unresponsive.rawValue }

    package init(_ member: ControlAnswer.Member) {
      (name, state, restarts, hangs) = (member.name, member.state.rawValue, member.restarts, member.hangs)
    }
  }

  /// A repeated failure in a process.
  package struct Problem: Sendable, Equatable, Encodable {
    package var service: String
    /// The end of the instance's identifier, as its log lines carry it.
    package var instance: String
    /// The failing background task, or another problem.
    package var task: String
    /// The kind of failure, without personal data.
    package var kind: String
    /// The number of consecutive failures, and for how long.
    package var failures: Int64
    package var seconds: Double
  }

  /// A part of this report that could not be read.
  package struct UnreadPart: Sendable, Equatable, Encodable {
    package var part: String
    package var kind: String
  }

  /// A queue with SLA breaches.
  package struct LateQueue: Sendable, Equatable, Encodable {
    package var queue: String
    var late: Int64
    package var waiting: Int64
  }

  /// The SLA compliance of one clock in a queue.
  package struct ServiceLevel: Sendable, Equatable, Encodable {
    package var queue: String
    package var clock: String
    package var kept: Int64
    var warned: Int64
    package var broken: Int64
    package var unanswered: Int64
  }

  package struct Agents: Sendable, Equatable, Encodable {
    package var available = 0
    package var away = 0
    var reserve = 0
    package var offline = 0
    /// The free capacity of available agents, in weight.
    var freeCapacity = 0

    enum CodingKeys: String, CodingKey {
      case available, away, reserve, offline
      case freeCapacity = "free_capacity"
    }
  }

  /// An agent who was called from the reserve and not sent back.
  package struct CalledAgent: Sendable, Equatable, Encodable {
    package var agent: String
    package var queue: String
    /// Why: `lateness_expected`, `oldest_waits` or `unstaffed`.
    package var reason: String
    /// Since the call.
    package var seconds: Double
    /// Whether the agent has become available.
    package var isThere: Bool

    enum CodingKeys: String, CodingKey {
      case agent, queue, reason, seconds
      case isThere = "is_there"
    }

    /// Nil for a call that has ended.
    init?(_ call: ReserveCall, now: Instant) {
      guard call.endedAt == nil else { return nil }
      agent = call.agent.rawValue
      queue = call.queue.rawValue
      reason = call.reason.rawValue
      seconds = max(0, (now - call.calledAt) / .seconds(1))
      isThere = call.acceptedAt != nil
    }
  }

  /// A hook to which deliveries are paused, held, or fail.
  package struct Hook: Sendable, Equatable, Encodable {
    package var hook: String
    /// `paused`, `held` or `failing`.
    package var state: String
    /// The duration in seconds; nil where it is not known.
    @OrNull package var seconds: Double?
    /// Empty where none was given.
    package var reason: String

    /// Nil for a healthy one.
    package init?(_ hookState: HookState, now: Instant) {
      let since: Instant?
      switch hookState.condition {
      case .on: return nil
      case .paused: since = hookState.pausedAt
      case .held: since = nil
      case .failing: since = hookState.failingSince
      }
      hook = hookState.hook.rawValue
      state = hookState.condition.rawValue
      seconds = since.map { max(0, (now - $0) / .seconds(1)) }
      reason = hookState.reason ?? ""
    }
  }

  /// Replies of a channel that are not with it yet.
  package struct WaitingReplies: Sendable, Equatable, Encodable {
    package var channel: String
    package var waiting: Int64
    /// The age of the oldest.
    package var seconds: Double
    /// How replies leave: `hook` or `fetch`.
    package var route: String

    enum CodingKeys: String, CodingKey {
      case channel, waiting, seconds, route
    }
  }

  /// A channel by which no reply can leave.
  package struct BlockedChannel: Sendable, Equatable, Encodable {
    package var channel: String
    /// `undeclared` where the policy in force does not say how replies leave; `paused` or `held`, as its hook is.
    package var cause: String
    /// The channel's hook; empty where it is undeclared.
    package var hook: String

    enum CodingKeys: String, CodingKey {
      case channel, cause, hook
    }
  }

  package var services: [Service] = []
  /// The services whose number of processes is decided, by the load or by a person.
  package var capacity: [Capacity] = []
  /// Empty where the desk is not run by `up`.
  package var processes: [Process] = []
  /// Repeated failures in the processes, longest first.
  package var problems: [Problem] = []
  /// Parts of this report that could not be read and are empty.
  var unreadParts: [UnreadPart] = []
  package var stages: [StageFigures] = []
  var lateQueues: [LateQueue] = []
  var serviceLevels: [ServiceLevel] = []
  /// SLA targets of the policy in force for which its calendars are not open long enough, as text.
  var unreachablePromises: [String] = []
  package var agents = Agents()
  /// Agents called from the reserve and not sent back.
  package var reserveCalls: [CalledAgent] = []
  package var deadLetters: Int64 = 0
  /// Channels with replies that are not with them yet.
  package var waitingReplies: [WaitingReplies] = []
  /// Channels by which no reply can leave now.
  package var blockedChannels: [BlockedChannel] = []
  /// Unhealthy hooks.
  package var hooks: [Hook] = []
  var verdict = StatusVerdict(level: .green, findings: [])

  enum CodingKeys: String, CodingKey {
    case services, capacity, processes, problems, stages, agents, hooks, verdict
    case lateQueues = "late_queues"
    case serviceLevels = "service_levels"
    case waitingReplies = "waiting_replies"
    case blockedChannels = "blocked_channels"
    case deadLetters = "dead_letters"
    case reserveCalls = "reserve_calls"
    case unreadParts = "unread_parts"
    case unreachablePromises = "unreachable_promises"
  }

  /// The services that a desk requires.
  package static let services = ["intake", "classifier", "router", "sla-watcher", "notifier", "console", "executor"]
  /// The maximum number of queues with late tickets shown.
  static let lateQueuesShown = 10

  package var allServicesReady: Bool { services.allSatisfy { $0.ready > 0 && $0.starting == 0 } }

  /// Reads all parts. A part that cannot be read is reported, and the others are shown.
  package static func read(_ store: DeskStore, processes: [Process] = []) async throws -> StatusReport {
    let now = try await store.now()
    var report = StatusReport()
    report.processes = processes
    let living = try await store.fleet.livingInstances()
    report.services = services(living, now: now)
    report.problems = problems(of: living)
    report.capacity =
      await report.part("capacity") { try await store.capacity.rows().map { Capacity($0, now: now) } } ?? []
    report.stages = await report.part("stages") { try await store.reports.stageBacklogs().map(StageFigures.init) } ?? []
    report.lateQueues = (await report.part("late_queues") { try await store.reports.queueFigures() } ?? [])
      .filter { $0.late > 0 }.sorted { ($1.late, $0.queue) < ($0.late, $1.queue) }.prefix(lateQueuesShown)
      .map { LateQueue(queue: $0.queue.rawValue, late: $0.late, waiting: $0.waiting) }
    report.serviceLevels = (await report.part("service_levels") { try await store.reports.serviceLevelFigures() } ?? [])
      .map {
        ServiceLevel(
          queue: $0.queue.rawValue, clock: $0.clock, kept: $0.met, warned: $0.warned, broken: $0.breached,
          unanswered: $0.unanswered)
      }
    let policy = await report.part("policy") { try await store.access.newestPolicy()?.policy() } ?? nil
    report.unreachablePromises = policy?.unreachablePromises.map(\.text) ?? []
    report.waitingReplies = (await report.part("replies") { try await store.replies.backlogs() } ?? [])
      .map { WaitingReplies($0, now: now, under: policy) }
    report.agents = agents(await report.part("agents") { try await store.matching.agentRows() } ?? [])
    report.reserveCalls =
      await report.part("reserve_calls") { try await store.matching.reserveCalls() }?.compactMap {
        CalledAgent($0, now: now)
      } ?? []
    report.deadLetters = await report.part("dead_letters") { try await store.outbox.deadLetterCount() } ?? 0
    report.hooks =
      await report.part("hooks") { try await store.hooks.hookStates() }?.compactMap { Hook($0, now: now) } ?? []
    report.blockedChannels = blocked(policy?.channels ?? [:], report.hooks)
    report.verdict = StatusVerdict.judge(report)
    return report
  }

  private mutating func part<Value>(_ name: String, _ read: () async throws -> Value) async -> Value? {
    do {
      return try await read()
    } catch {
      unreadParts.append(UnreadPart(part: name, kind: FailureKind.of(error)))
      return nil
    }
  }

  /// Returns one entry for each required service, running or not, and for each other running one.
  package static func services(_ living: [ServiceInstance], now: Instant) -> [Service] {
    let others = Set(living.map(\.service)).subtracting(services).sorted()
    return (services + others).map { name in
      let mine = living.filter { $0.service == name }
      return Service(
        name: name, ready: mine.count { $0.state == .ready }, starting: mine.count { $0.state == .starting },
        draining: mine.count { $0.state == .draining },
        oldestSeconds: mine.map(\.startedAt).min().map { (now - $0) / .seconds(1) })
    }
  }

  package static func problems(of living: [ServiceInstance]) -> [Problem] {
    living.flatMap { instance in
      instance.problems.map {
        Problem(
          service: instance.service, instance: String(instance.id.description.suffix(12)), task: $0.task,
          kind: $0.kind, failures: $0.failures, seconds: $0.seconds)
      }
    }.sorted { ($1.seconds, $0.service, $0.task) < ($0.seconds, $1.service, $1.task) }
  }

  /// Returns the channels by which no reply can leave, by name.
  /// - Parameter hooks: the unhealthy ones.
  static func blocked(_ channels: [ChannelID: ChannelPolicy], _ hooks: [Hook]) -> [BlockedChannel] {
    let stopped = Dictionary(
      hooks.filter { $0.state == "paused" || $0.state == "held" }.map { (HookID($0.hook), $0.state) },
      uniquingKeysWith: { $1 })
    return channels.values.sorted { $0.id < $1.id }.compactMap { channel in
      switch channel.replies {
      case .hook(let hook):
        stopped[hook].map { BlockedChannel(channel: channel.id.rawValue, cause: $0, hook: hook.rawValue) }
      case .fetch: nil
      case .undeclared: BlockedChannel(channel: channel.id.rawValue, cause: "undeclared", hook: "")
      }
    }
  }

  package static func agents(_ rows: [AgentRow]) -> Agents {
    var agents = Agents()
    for row in rows {
      switch row.presence {
      case .available:
        agents.available += 1
        agents.freeCapacity += Int(max(0, row.capacity - row.load))
      case .away: agents.away += 1
      case .reserve: agents.reserve += 1
      case .offline: agents.offline += 1
      }
    }
    return agents
  }
}

extension StatusReport.WaitingReplies {
  /// - Parameter policy: the policy in force.
  init(_ backlog: ReplyBacklog, now: Instant, under policy: Policy?) {
    channel = backlog.channel.rawValue
    waiting = backlog.waiting
    seconds = max(0, (now - backlog.oldest) / .seconds(1))
    route =
      switch policy?.channels[backlog.channel]?.replies {
      case .hook: "hook"
      case .fetch, .undeclared, nil: "fetch"
      }
  }
}
