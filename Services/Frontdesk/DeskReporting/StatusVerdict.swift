import DeskCore
import Store

/// The findings that an operator should act on.
struct StatusVerdict: Sendable, Equatable, Encodable {
  enum Level: String, Sendable, Encodable, Comparable {
    case green, yellow, red

    private var rank: Int { self == .green ? 0 : self == .yellow ? 1 : 2 }
    static func < (left: Level, right: Level) -> Bool { left.rank < right.rank }
  }

  /// A problem and its remedy.
  struct Finding: Sendable, Equatable, Encodable {
    var level: Level
    var what: String
    var remedy: String
  }

  var level: Level
  /// The worst first.
  var findings: [Finding]

  /// The thresholds above which a finding is reported, in addition to `AttentionLimits`.
  enum Limits {
    /// Age in seconds of a delivery.
    static let outboxYellow = 300.0
    /// Seconds since a hook accepted anything.
    static let failingHookYellow = 300.0
    /// Age in seconds of a reply that is not with its channel.
    static let waitingReplyRed = 300.0
    /// Seconds for which another number of processes runs than is wanted.
    static let apartYellow = 60.0
    /// The maximum number of process problems listed; all of them are in `--json`.
    static let problemsShown = 10
  }

  /// Finds everything worth reporting. Pure.
  static func judge(_ report: StatusReport) -> StatusVerdict {
    var findings = report.services.compactMap { service($0, report.capacity) }
    findings += report.capacity.compactMap(apart) + report.capacity.compactMap(limited)
    findings += report.processes.filter(\.isUnresponsive).map {
      Finding(
        level: .yellow, what: "\($0.name) does not answer at /livez",
        remedy: "wait; `frontdesk up` replaces it within half a minute")
    }
    findings += report.unreadParts.map {
      Finding(
        level: .yellow, what: "\($0.part) could not be read: \($0.kind)",
        remedy: "run `frontdesk migrate` if the schema is older than this command; otherwise see PostgreSQL's log")
    }
    findings += report.problems.prefix(Limits.problemsShown).map(problem)
    findings += report.stages.compactMap { stage($0, report.agents) }
    let late = report.lateQueues.reduce(0) { $0 + $1.late }
    if late > 0 {
      let worst = report.lateQueues.first?.queue ?? ""
      findings.append(
        Finding(
          level: .yellow, what: "\(late) tickets are late, most in \(worst)", remedy: "add agents to \(worst)"))
    }
    if let first = report.unreachablePromises.first {
      let more = report.unreachablePromises.count - 1
      findings.append(
        Finding(
          level: .yellow, what: first + (more > 0 ? " (and \(more) more)" : ""),
          remedy: "allow more time or extend the hours in the policy, and apply it"))
    }
    findings += report.hooks.compactMap(hook)
    findings += report.blockedChannels.map(blocked)
    findings += report.waitingReplies.compactMap(replies)
    if report.deadLetters > 0 {
      findings.append(
        Finding(
          level: .yellow, what: "\(report.deadLetters) dead letters",
          remedy: "see the reasons with `frontdesk dead-letters list`, then replay them"))
    }
    findings.sort { $0.level > $1.level }
    return StatusVerdict(level: findings.first?.level ?? .green, findings: findings)
  }

  private static func apart(_ capacity: StatusReport.Capacity) -> Finding? {
    guard let seconds = capacity.apartSeconds, seconds > Limits.apartYellow, capacity.running != capacity.wanted else {
      return nil
    }
    let (service, wanted, running) = (capacity.service, capacity.wanted, capacity.running)
    return Finding(
      level: .yellow,
      what:
        "\(wanted) \(service) processes are wanted, \(running) run, for \(Age.text(seconds: seconds)); \(capacity.reason)",
      remedy: running < wanted
        ? "see why no more start, or where nothing follows the number, start them; `frontdesk scale \(service) \(max(running, 1))` fixes it"
        : "those that are left finish their work first; where nothing follows the number, stop them or `frontdesk scale \(service) \(running)`"
    )
  }

  private static func limited(_ capacity: StatusReport.Capacity) -> Finding? {
    guard capacity.mode == CapacityRow.Mode.auto.rawValue, capacity.code == CapacityReason.Code.limit.rawValue else {
      return nil
    }
    return Finding(
      level: .yellow, what: "\(capacity.service): \(capacity.reason)",
      remedy: "raise `capacity: { \(capacity.service): { limit: … } }` in the policy if this machine has room for more")
  }

  private static func hook(_ hook: StatusReport.Hook) -> Finding? {
    let reason = hook.reason.isEmpty ? "" : " (\(hook.reason))"
    let age = hook.seconds.map { " for " + Age.text(seconds: $0) } ?? ""
    switch hook.state {
    case "paused":
      return Finding(
        level: .yellow, what: "deliveries to the hook \(hook.hook) are paused\(age)\(reason)",
        remedy: "fix its endpoint, then `frontdesk hooks resume \(hook.hook) --reason …`")
    case "held":
      return Finding(
        level: .yellow, what: "deliveries to the hook \(hook.hook) are held\(reason)",
        remedy: "set the variable for the notifier and restart it")
    default:
      guard let seconds = hook.seconds, seconds > Limits.failingHookYellow else { return nil }
      return Finding(
        level: .yellow, what: "the hook \(hook.hook) has accepted nothing\(age)\(reason)",
        remedy: "contact its operator; `frontdesk hooks pause \(hook.hook) --reason …` keeps its pending deliveries")
    }
  }

  private static func blocked(_ blocked: StatusReport.BlockedChannel) -> Finding {
    guard !blocked.hook.isEmpty else {
      return Finding(
        level: .red, what: "the policy does not say how replies leave by the channel \(blocked.channel)",
        remedy: "write `replies: fetch` or `reply_hook: NAME` for it, and apply the policy")
    }
    return Finding(
      level: .red,
      what: "no reply can leave by the channel \(blocked.channel): its hook \(blocked.hook) is \(blocked.cause)",
      remedy: "see `frontdesk hooks`; meanwhile its system can fetch them with its key from intake, GET /v1/replies")
  }

  private static func replies(_ replies: StatusReport.WaitingReplies) -> Finding? {
    guard replies.seconds > Limits.waitingReplyRed else { return nil }
    let age = Age.text(seconds: replies.seconds)
    return Finding(
      level: .red,
      what: "\(replies.waiting) replies on the channel \(replies.channel) have not left, the oldest for \(age)",
      remedy: replies.route == "hook"
        ? "see `frontdesk hooks` and `frontdesk dead-letters list`; the channel can also fetch them with its key from intake, GET /v1/replies"
        : "let the channel's system fetch them with its key from intake, GET /v1/replies or its stream, or subscribe over ZeroMQ; to try it out: `frontdesk replies --follow`"
    )
  }

  private static func service(_ service: StatusReport.Service, _ capacity: [StatusReport.Capacity]) -> Finding? {
    guard service.ready == 0 else { return nil }
    if let row = capacity.first(where: { $0.service == service.name }), row.wanted == 0 {
      return Finding(
        level: .red, what: "no \(service.name) is running, as 0 are wanted (\(row.reason))",
        remedy: ElasticService(rawValue: service.name) == nil
          ? "`frontdesk scale \(service.name) 1`" : "`frontdesk scale \(service.name) auto`, or a number")
    }
    if service.starting > 0 {
      return Finding(
        level: .yellow, what: "\(service.name) is starting", remedy: "wait; `frontdesk status --wait` does")
    }
    return Finding(
      level: .red, what: "no \(service.name) is running",
      remedy: """
        the supervisor (`frontdesk up`, systemd, Kubernetes) restarts it, also if it hangs; if it is not back \
        within a minute, see its last log lines
        """)
  }

  private static func problem(_ problem: StatusReport.Problem) -> Finding {
    let lasting = Age.text(seconds: problem.seconds)
    switch problem.task {
    case ServiceInstance.Problem.unconfirmedCommits:
      return Finding(
        level: .red,
        what: """
          \(problem.service) \(problem.instance): \(problem.failures) commits within \(lasting) were not confirmed by a synchronous standby
          """,
        remedy: "nothing of them was acknowledged; see `SELECT * FROM pg_stat_replication` and bring a standby back")
    case ServiceInstance.Problem.weakCommits:
      return Finding(
        level: .red, what: "\(problem.service) \(problem.instance), for \(lasting): \(problem.kind)",
        remedy: "remove the setting from the server, the database or the services' role (`\\drds` lists the latter two)"
      )
    default: break
    }
    return Finding(
      level: .yellow,
      what: """
        \(problem.service) \(problem.instance): \(problem.task) failed \(problem.failures) times in a row, for \(lasting): \(problem.kind)
        """,
      remedy: "see this instance's log for the task; it keeps retrying")
  }

  private static func stage(_ stage: StageFigures, _ agents: StatusReport.Agents) -> Finding? {
    guard let age = stage.oldestAgeSeconds else { return nil }
    let old = Age.text(seconds: age)
    switch stage.stage {
    case "undecided" where age > AttentionLimits.undecidedSeconds:
      return Finding(
        level: age > AttentionLimits.undecidedUrgentSeconds ? .red : .yellow,
        what: "a message has waited \(old) for a decision",
        remedy: "`frontdesk scale classifier 2`, and check the classifiers' log")
    case "labelled" where age > AttentionLimits.undecidedSeconds:
      return Finding(
        level: age > AttentionLimits.undecidedUrgentSeconds ? .red : .yellow,
        what: "a labelled message has waited \(old) for a router",
        remedy: "`frontdesk scale router 2`, and check the routers' log")
    case "queued" where agents.available == 0:
      return Finding(
        level: .yellow, what: "\(stage.waiting) tickets are waiting and no agent is available",
        remedy: "have agents sign in; to try it out: `frontdesk agents simulate 20`")
    case "queued" where age > AttentionLimits.queuedSeconds && agents.freeCapacity == 0:
      return Finding(
        level: .yellow, what: "all agents are at capacity and a ticket has waited \(old)", remedy: "add more agents")
    case "outbox" where age > Limits.outboxYellow:
      return Finding(
        level: .yellow, what: "a delivery has waited \(old)", remedy: "find the failing hook with `frontdesk hooks`")
    default: return nil
    }
  }
}

/// Human-readable durations.
enum Age {
  /// `0.4 s`, `12 s`, `3 min 5 s`, `2 h 10 min`, `3 d 4 h`.
  static func text(seconds: Double) -> String {
    // Capped at a century, so that no figure overflows.
    let seconds = seconds.isNaN ? 0 : min(max(0, seconds), 3_155_760_000)
    let whole = Int(seconds)
    switch whole {
    case ..<10: return "\((seconds * 10).rounded(.down) / 10) s"
    case ..<60: return "\(whole) s"
    case ..<3600: return "\(whole / 60) min \(whole % 60) s"
    case ..<86_400: return "\(whole / 3600) h \(whole / 60 % 60) min"
    default: return "\(whole / 86_400) d \(whole / 3600 % 24) h"
    }
  }
}
