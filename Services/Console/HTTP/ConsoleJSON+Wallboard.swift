import DeskCore
import PolicyReading
import Store

extension ConsoleJSON {
  static func wallboard(_ board: Wallboard, now: Instant) -> JSONValue {
    .object([
      .init("at", time(now)),
      .init("findings", .list(WallboardFinding.judge(board, now: now).map(finding))),
      .init("queues", .list(board.queues.map { queue($0, isKeptKnown: board.today != nil, now: now) })),
      .init("agents", staff(board.staff)),
      .init(
        "undecided",
        .object([
          .init("waiting", .integer(board.undecided)),
          .init("oldest_age_seconds", seconds(board.oldestUndecided.map { now - $0 })),
        ])),
      .init("dead_letters", .integer(board.deadLetters)),
      .init("ready", .object(board.ready.sorted { $0.key < $1.key }.map { .init($0.key, .integer(Int64($0.value))) })),
      .init(
        "stuck",
        .list(
          board.stuck.map {
            .object([
              .init("queue", .text($0.queue.rawValue)), .init("reason", .text($0.reason.rawValue)),
              .init("waiting", .integer($0.waiting)), .init("began_at", time($0.beganAt)),
            ])
          })),
      .init("hot_issues", .list(board.hotIssues.map(hotIssue))),
      .init("hot_issues_judged", .flag(board.isHotJudged)),
      .init(
        "crises",
        .list(
          board.crises.map { crisis in
            .object([
              .init("crisis", .text(crisis.id.description)), .init("cause", .text(crisis.cause.text)),
              .init("owner", crisis.owner.map { .text($0.rawValue) } ?? .null),
              .init("opened_at", time(crisis.opened.at)), .init("version", .integer(Int64(crisis.version))),
              .init("open_points", .integer(Int64(crisis.checklist.count { $0.done == nil }))),
              .init("points", .integer(Int64(crisis.checklist.count))),
            ])
          })),
      .init(
        "today",
        board.today.map { .object([.init("zone", .text($0.zone)), .init("start", time($0.start))]) } ?? .null),
    ])
  }

  private static func queue(_ queue: Wallboard.Queue, isKeptKnown: Bool, now: Instant) -> JSONValue {
    .object([
      .init("queue", .text(queue.queue.rawValue)), .init("waiting", .integer(queue.waiting)),
      .init("offered", .integer(queue.offered)), .init("assigned", .integer(queue.assigned)),
      .init("late", .integer(queue.late)), .init("oldest_waiting_since", time(queue.oldestWaiting)),
      .init("expected_wait_seconds", seconds(queue.expectedWait)),
      .init(
        "kept_today",
        isKeptKnown
          ? .object([
            .init("met", .integer(queue.kept?.met ?? 0)), .init("breached", .integer(queue.kept?.breached ?? 0)),
          ]) : .null),
      .init("agents", staff(queue.staff)),
    ])
  }

  private static func staff(_ staff: Wallboard.Staff) -> JSONValue {
    .object([
      .init("free", .integer(Int64(staff.free))), .init("full", .integer(Int64(staff.full))),
      .init("reserve", .integer(Int64(staff.reserve))), .init("away", .integer(Int64(staff.away))),
      .init("offline", .integer(Int64(staff.offline))),
    ])
  }

  private static func finding(_ finding: WallboardFinding) -> JSONValue {
    .object([
      .init("code", .text(finding.code.rawValue)), .init("urgent", .flag(finding.isUrgent)),
      .init("subject", finding.subject.map { .text($0) } ?? .null), .init("count", .integer(finding.count)),
      .init("seconds", .integer(finding.seconds)),
    ])
  }

  /// - Parameter queues: those of the policy, which are listed also if nothing happened in them.
  static func flow(_ flow: DeskFlow, queues: [QueueID]) -> JSONValue {
    let zeros = [Int64](repeating: 0, count: flow.starts.count)
    let names = Set(queues).union(flow.queues.keys).sorted()
    return .object([
      .init("counted_until", time(flow.countedUntil)),
      .init("interval_seconds", .integer(Int64(WallboardBounds.flowInterval.inSeconds))),
      .init("starts", .list(flow.starts.map { time($0) })),
      .init(
        "queues",
        .list(
          names.map { name in
            let line = flow.queues[name] ?? DeskFlow.Line(arrivals: zeros, answers: zeros)
            return .object([
              .init("queue", .text(name.rawValue)), .init("arrivals", .list(line.arrivals.map { .integer($0) })),
              .init("answers", .list(line.answers.map { .integer($0) })),
            ])
          })),
    ])
  }

  static func titles(_ titles: [String: PolicyTitle], version: Int32) -> JSONValue {
    var sections: [String: [JSONValue.Field]] = [:]
    for (subject, title) in titles.sorted(by: { $0.key < $1.key }) {
      let parts = subject.split(separator: ".", maxSplits: 1).map(String.init)
      guard parts.count == 2, TitleBook.sections.contains(parts[0]) else { continue }
      sections[parts[0], default: []].append(
        .init(
          parts[1],
          .object([
            .init("zh", title.text(in: "zh").map { .text($0) } ?? .null),
            .init("en", title.text(in: "en").map { .text($0) } ?? .null),
          ])))
    }
    return .object(
      [.init("version", .integer(Int64(version)))]
        + TitleBook.sections.map { .init($0, .object(sections[$0] ?? [])) })
  }

  static func viewers(_ viewers: [TicketViewer], except agent: AgentID?, now: Instant) -> JSONValue {
    .object([
      .init("at", time(now)),
      .init(
        "viewers",
        .list(
          viewers.filter { $0.agent != agent }.map {
            .object([
              .init("agent", .text($0.agent.rawValue)), .init("doing", .text($0.activity.rawValue)),
              .init("since", time($0.since)),
            ])
          })),
    ])
  }

  /// Seconds, not less than none; null when unknown.
  private static func seconds(_ duration: Duration?) -> JSONValue {
    duration.map { .number(max(0, $0.inSeconds)) } ?? .null
  }
}
