import DeskCore
import Foundation
import Testing

@testable import CommandLineTool
@testable import DeskReporting
@testable import DeskSupervisor
@testable import Store

@Suite("Status verdict")
struct StatusVerdictTests {
  private static func healthy() -> StatusReport {
    var report = StatusReport()
    report.services = StatusReport.services.map {
      StatusReport.Service(name: $0, ready: 1, starting: 0, draining: 0, oldestSeconds: 60)
    }
    report.stages = [StageFigures(stage: "undecided", waiting: 3, oldestAgeSeconds: 0.2)]
    report.agents.available = 2
    return report
  }

  @Test("A desk on which nothing waits too long is green")
  func green() {
    #expect(StatusVerdict.judge(Self.healthy()) == StatusVerdict(level: .green, findings: []))
  }

  @Test("A service without a process is red, a starting one is yellow")
  func services() {
    var report = Self.healthy()
    report.services[2].ready = 0
    #expect(StatusVerdict.judge(report).level == .red)
    #expect(StatusVerdict.judge(report).findings.first?.what == "no router is running")
    report.services[2].starting = 1
    #expect(StatusVerdict.judge(report).level == .yellow)
    #expect(!report.allServicesReady)
  }

  @Test(
    "An aging undecided message is yellow, then red", arguments: [(9.0, "green"), (11.0, "yellow"), (61.0, "red")])
  func undecided(_ age: Double, _ level: String) {
    var report = Self.healthy()
    report.stages = [StageFigures(stage: "undecided", waiting: 1, oldestAgeSeconds: age)]
    #expect(StatusVerdict.judge(report).level.rawValue == level)
  }

  @Test("Where a person has chosen 0, the remedy is another number")
  func chosenZero() {
    var report = Self.routers(0, running: 0, apart: nil, CapacityReason(.chosen, ["by": .text("olga")]))
    report.services[2].ready = 0
    let finding = StatusVerdict.judge(report).findings.first
    #expect(finding?.what == "no router is running, as 0 are wanted (chosen by olga)")
    #expect(finding?.remedy == "`frontdesk scale router auto`, or a number")
  }

  private static func routers(_ wanted: Int, running: Int, apart: Int?, _ reason: CapacityReason) -> StatusReport {
    let now = Instant(seconds: 1_000_000)
    let row = CapacityRow(
      service: "router", mode: .auto, wanted: wanted, base: 2, ceiling: 8, reason: reason.coded,
      changedAt: now - .seconds(300), decidedAt: now, apartSince: apart.map { now - .seconds($0) }, running: running)
    var report = healthy()
    report.capacity = [StatusReport.Capacity(row, now: now)]
    return report
  }

  @Test("Processes that are wanted and do not run are reported after a minute, the hard limit at once")
  func capacity() {
    let busy = CapacityReason(.busy, ["percent": .integer(90), "target": .integer(70), "needed": .integer(4)])
    #expect(StatusVerdict.judge(Self.routers(4, running: 2, apart: 59, busy)).level == .green)
    let apart = StatusVerdict.judge(Self.routers(4, running: 2, apart: 120, busy)).findings
    #expect(apart.count == 1 && apart[0].level == .yellow)
    #expect(
      apart.first?.what.hasPrefix("4 router processes are wanted, 2 run, for 2 min 0 s; workers are busy 90 %") == true)
    let limit = CapacityReason(.limit, ["needed": .integer(12), "limit": .integer(8)])
    #expect(
      StatusVerdict.judge(Self.routers(8, running: 8, apart: nil, limit)).findings.map(\.what)
        == ["router: 12 would be needed, but the hard limit is 8"])
    let text = StatusText.text(Self.routers(8, running: 8, apart: nil, limit), colours: false)
    #expect("\(text)".contains("the hard limit is 8"))
  }

  @Test("A hook without deliveries is reported with its reason")
  func hooks() {
    let now = Instant(seconds: 1_000_000)
    let states = [
      HookState(hook: "a", pausedAt: now - .seconds(60), pauseReason: "the endpoint answered 410"),
      HookState(hook: "b", failingSince: now - .seconds(900), failures: 9, lastError: "the endpoint answered 500"),
      HookState(hook: "c", holdReason: "C is not set"),
      // One has failed only briefly, and one has recovered.
      HookState(hook: "d", failingSince: now - .seconds(5), failures: 1, lastError: "the endpoint answered 500"),
      HookState(hook: "e"),
    ]
    var report = Self.healthy()
    report.hooks = states.compactMap { StatusReport.Hook($0, now: now) }
    #expect(report.hooks.map(\.state) == ["paused", "failing", "held", "failing"])
    let verdict = StatusVerdict.judge(report)
    #expect(verdict.level == .yellow)
    #expect(
      verdict.findings.map(\.what) == [
        "deliveries to the hook a are paused for 1 min 0 s (the endpoint answered 410)",
        "the hook b has accepted nothing for 15 min 0 s (the endpoint answered 500)",
        "deliveries to the hook c are held (C is not set)",
      ])
  }

  @Test("The worst finding comes first, and each has a remedy")
  func order() {
    var report = Self.healthy()
    report.deadLetters = 2
    report.lateQueues = [.init(queue: "orders", late: 3, waiting: 9)]
    report.services[0].ready = 0
    let verdict = StatusVerdict.judge(report)
    #expect(verdict.findings.map(\.level) == [.red, .yellow, .yellow])
    #expect(verdict.findings.allSatisfy { !$0.remedy.isEmpty })
  }

  @Test("A channel whose replies do not leave is red, with a remedy that depends on how they should")
  func waitingReplies() {
    var report = Self.healthy()
    report.waitingReplies = [.init(channel: "web", waiting: 3, seconds: 300, route: "fetch")]
    #expect(StatusVerdict.judge(report).level == .green, "a channel may take its time")
    report.waitingReplies = [
      .init(channel: "app", waiting: 889, seconds: 301, route: "fetch"),
      .init(channel: "shop", waiting: 2, seconds: 7_200, route: "hook"),
    ]
    let verdict = StatusVerdict.judge(report)
    #expect(verdict.level == .red)
    #expect(
      verdict.findings.map(\.what) == [
        "889 replies on the channel app have not left, the oldest for 5 min 1 s",
        "2 replies on the channel shop have not left, the oldest for 2 h 0 min",
      ])
    #expect(verdict.findings[0].remedy.contains("GET /v1/replies") && verdict.findings[1].remedy.contains("hooks"))
  }

  @Test("A channel by which no reply can leave is red at once, also while no reply waits")
  func blockedChannels() {
    func channel(_ id: ChannelID, _ replies: ReplyRoute) -> (ChannelID, ChannelPolicy) {
      (id, ChannelPolicy(id: id, weight: 1, replies: replies, reopenWindow: .seconds(60)))
    }
    let channels = Dictionary(
      uniqueKeysWithValues: [
        channel("app", .fetch), channel("mail", .undeclared), channel("shop", .hook("shop")),
        channel("web", .hook("crm")), channel("wechat", .hook("slow")),
      ])
    let now = Instant(seconds: 1_000_000)
    let hooks = [
      HookState(hook: "crm", pausedAt: now - .seconds(60), pauseReason: "the endpoint answered 410"),
      HookState(hook: "slow", failingSince: now - .seconds(5), failures: 1, lastError: "the endpoint answered 500"),
      HookState(hook: "shop", holdReason: "SHOP is not set"),
    ].compactMap { StatusReport.Hook($0, now: now) }
    var report = Self.healthy()
    report.blockedChannels = StatusReport.blocked(channels, hooks)
    #expect(
      report.blockedChannels == [
        .init(channel: "mail", cause: "undeclared", hook: ""), .init(channel: "shop", cause: "held", hook: "shop"),
        .init(channel: "web", cause: "paused", hook: "crm"),
      ])
    let verdict = StatusVerdict.judge(report)
    #expect(verdict.level == .red && verdict.findings.allSatisfy { $0.level == .red && !$0.remedy.isEmpty })
    #expect(
      verdict.findings.map(\.what) == [
        "the policy does not say how replies leave by the channel mail",
        "no reply can leave by the channel shop: its hook shop is held",
        "no reply can leave by the channel web: its hook crm is paused",
      ])
    #expect(StatusReport.blocked([:], hooks).isEmpty)
  }

  @Test("An unreachable SLA target of the policy in force is reported")
  func unreachable() {
    var report = Self.healthy()
    report.unreachablePromises = ["service level “slow” promises too much", "another"]
    let verdict = StatusVerdict.judge(report)
    #expect(verdict.level == .yellow)
    #expect(verdict.findings.map(\.what) == ["service level “slow” promises too much (and 1 more)"])
  }

  @Test("A repeatedly failing background task and an unreadable part are reported")
  func problems() throws {
    var report = Self.healthy()
    report.problems = [
      .init(
        service: "sla-watcher", instance: "0123456789ab", task: "deadlines", kind: "PostgreSQL server 42P01",
        failures: 12, seconds: 40)
    ]
    report.unreadParts = [.init(part: "dead_letters", kind: "PostgreSQL timedOut")]
    let verdict = StatusVerdict.judge(report)
    #expect(verdict.level == .yellow)
    #expect(
      verdict.findings.map(\.what) == [
        "dead_letters could not be read: PostgreSQL timedOut",
        "sla-watcher 0123456789ab: deadlines failed 12 times in a row, for 40 s: PostgreSQL server 42P01",
      ])
    report.verdict = verdict
    let text = StatusText.text(report, colours: false).description
    #expect(text.contains("deadlines failed 12 times"))
    let object = try JSONSerialization.jsonObject(with: Data(ReportWriter.json(of: report).utf8)) as? [String: Any]
    #expect((object?["problems"] as? [[String: Any]])?.first?["task"] as? String == "deadlines")
  }

  @Test("Commits that no standby has confirmed, and settings that ask for less, are red")
  func durability() {
    var report = Self.healthy()
    report.problems = [
      .init(
        service: "intake", instance: "0123456789ab", task: ServiceInstance.Problem.unconfirmedCommits,
        kind: "no synchronous standby has confirmed them", failures: 3, seconds: 40),
      .init(
        service: "router", instance: "ba9876543210", task: ServiceInstance.Problem.weakCommits,
        kind: "synchronous_commit is local", failures: 1, seconds: 5),
    ]
    let verdict = StatusVerdict.judge(report)
    #expect(verdict.level == .red)
    #expect(
      verdict.findings.map(\.what) == [
        "intake 0123456789ab: 3 commits within 40 s were not confirmed by a synchronous standby",
        "router ba9876543210, for 5.0 s: synchronous_commit is local",
      ])
  }

  @Test("Tickets waiting with no agent available are reported")
  func noAvailableAgents() {
    var report = Self.healthy()
    report.stages.append(StageFigures(stage: "queued", waiting: 5, oldestAgeSeconds: 1))
    #expect(StatusVerdict.judge(report).level == .green)
    report.agents.available = 0
    #expect(StatusVerdict.judge(report).findings.first?.what == "5 tickets are waiting and no agent is available")
  }

  @Test("Restarted processes are shown, with the number of hangs")
  func restarts() throws {
    var report = Self.healthy()
    func member(_ name: String, restarts: Int, hangs: Int) -> StatusReport.Process {
      .init(
        ControlAnswer.Member(
          name: name, service: "router", state: .ready, processID: 1, operationsURL: nil, restarts: restarts,
          hangs: hangs))
    }
    report.processes = [member("router#1", restarts: 0, hangs: 0), member("router#2", restarts: 3, hangs: 1)]
    let text = StatusText.text(report, colours: false).description
    #expect(!text.contains("router#1") && text.contains("router#2  ready         3     1"))
    let object = try JSONSerialization.jsonObject(with: Data(ReportWriter.json(of: report).utf8)) as? [String: Any]
    #expect((object?["processes"] as? [[String: Any]])?.last?["hangs"] as? Int == 1)
  }

  @Test("A process that no longer answers is reported, though the register still counts it as ready")
  func unresponsive() {
    var report = Self.healthy()
    report.processes = [ControlAnswer.Member.State.ready, .unresponsive].enumerated().map { position, state in
      .init(
        ControlAnswer.Member(
          name: "router#\(position + 1)", service: "router", state: state, processID: 1, operationsURL: nil,
          restarts: 0, hangs: 0))
    }
    report.verdict = StatusVerdict.judge(report)
    #expect(report.verdict.level == .yellow)
    #expect(report.verdict.findings.map(\.what) == ["router#2 does not answer at /livez"])
    let text = StatusText.text(report, colours: false).description
    #expect(text.contains("router#2  unresponsive") && !text.contains("router#1"))
  }

  @Test("Colours are written only when requested")
  func colours() {
    let report = Self.healthy()
    #expect(!StatusText.text(report, colours: false).description.contains("\u{1B}"))
    #expect(StatusText.text(report, colours: true).description.contains("\u{1B}[32m"))
  }

  @Test(
    "Ages are short",
    arguments: [
      (0.46, "0.4 s"), (12.9, "12 s"), (185, "3 min 5 s"), (7800, "2 h 10 min"), (273_600, "3 d 4 h"), (-1, "0.0 s"),
      (.nan, "0.0 s"), (.infinity, "36525 d 0 h"), (1e300, "36525 d 0 h"),
    ])
  func ages(_ seconds: Double, _ text: String) {
    #expect(Age.text(seconds: seconds) == text)
  }
}
