import CommandLineTool
import UntrustedInput

/// The status as text for operators.
enum StatusText {
  static func text(_ report: StatusReport, colours: Bool) -> TerminalText {
    let tables = [
      services(report.services), capacity(report.capacity), processes(report.processes), stages(report.stages),
      late(report.lateQueues), serviceLevels(report.serviceLevels), agents(report), called(report.reserveCalls),
    ].compactMap(\.self)
    return ([verdict(report.verdict, colours: colours)] + tables.map { TerminalText($0) }).joined(separator: "\n\n")
  }

  static func verdict(_ verdict: StatusVerdict, colours: Bool) -> TerminalText {
    let mark = paint(verdict.level, "● \(verdict.level.rawValue.uppercased())", colours)
    guard !verdict.findings.isEmpty else { return mark + TerminalText("  all is well, nothing to do") }
    return verdict.findings.enumerated().map { position, finding in
      let level =
        position == 0 ? mark : TerminalText("  ") + paint(finding.level, finding.level.rawValue, colours)
      return level + TerminalText(VisibleText.line("  \(finding.what): \(finding.remedy)"))
    }.joined(separator: "\n")
  }

  private static func services(_ services: [StatusReport.Service]) -> String {
    var table = TextTable([
      ("service", .left), ("ready", .right), ("starting", .right), ("draining", .right), ("oldest", .right),
    ])
    for service in services {
      table.add([
        service.name, String(service.ready), dashed(service.starting), dashed(service.draining),
        age(service.oldestSeconds),
      ])
    }
    return table.text
  }

  private static func capacity(_ rows: [StatusReport.Capacity]) -> String? {
    guard !rows.isEmpty else { return nil }
    var table = TextTable([
      ("capacity", .left), ("mode", .left), ("wanted", .right), ("running", .right), ("since", .right),
      ("reason", .left),
    ])
    for row in rows {
      table.add([
        row.service, row.mode, String(row.wanted), String(row.running), age(row.seconds), row.reason,
      ])
    }
    return table.text
  }

  private static func stages(_ stages: [StageFigures]) -> String {
    var table = TextTable([("stage", .left), ("waiting", .right), ("oldest", .right)])
    for stage in stages { table.add([stage.stage, String(stage.waiting), age(stage.oldestAgeSeconds)]) }
    return table.text
  }

  private static func late(_ queues: [StatusReport.LateQueue]) -> String? {
    guard !queues.isEmpty else { return nil }
    var table = TextTable([("queue with late tickets", .left), ("late", .right), ("waiting", .right)])
    for queue in queues { table.add([queue.queue, String(queue.late), String(queue.waiting)]) }
    return table.text
  }

  /// SLA targets that are at risk, breached, or unanswered, the worst first; all of them are in `--json` and in the console.
  private static func serviceLevels(_ levels: [StatusReport.ServiceLevel]) -> String? {
    let troubled = levels.filter { $0.warned + $0.broken + $0.unanswered > 0 }
      .sorted { ($1.broken, $1.warned, $0.queue, $0.clock) < ($0.broken, $0.warned, $1.queue, $1.clock) }
      .prefix(serviceLevelsShown)
    guard !troubled.isEmpty else { return nil }
    var table = TextTable([
      ("SLA target", .left), ("queue", .left), ("met", .right), ("warned", .right), ("breached", .right),
      ("unanswered", .right),
    ])
    for level in troubled {
      table.add([
        level.clock.replacing("_", with: " "), level.queue, String(level.kept), String(level.warned),
        String(level.broken), String(level.unanswered),
      ])
    }
    return table.text
  }

  /// The maximum number of SLA rows shown.
  private static let serviceLevelsShown = 12

  private static func agents(_ report: StatusReport) -> String {
    let agents = report.agents
    return """
        agents: \(agents.available) available (room for \(agents.freeCapacity) more), \(agents.away) away, \
      \(agents.reserve) in reserve, \(agents.offline) offline
        dead letters: \(report.deadLetters)
      """
  }

  /// Who of the reserve was called, where to and why.
  private static func called(_ agents: [StatusReport.CalledAgent]) -> String? {
    guard !agents.isEmpty else { return nil }
    var table = TextTable([
      ("called from the reserve", .left), ("queue", .left), ("because", .left), ("ago", .right), ("there", .left),
    ])
    for called in agents.prefix(calledShown) {
      table.add([
        called.agent, called.queue, called.reason.replacing("_", with: " "), age(called.seconds),
        called.isThere ? "yes" : "not yet",
      ])
    }
    return table.text
  }

  /// The maximum number of called agents shown; all of them are in `--json`.
  private static let calledShown = 12

  private static func age(_ seconds: Double?) -> String { seconds.map { Age.text(seconds: $0) } ?? "–" }

  private static func dashed(_ count: Int) -> String { count == 0 ? "–" : String(count) }

  /// Processes that `up` had to restart or that do not answer; `--json` has all of them.
  private static func processes(_ processes: [StatusReport.Process]) -> String? {
    let troubled = processes.filter { $0.restarts > 0 || $0.isUnresponsive }
    guard !troubled.isEmpty else { return nil }
    var table = TextTable([("process", .left), ("state", .left), ("restarts", .right), ("hung", .right)])
    for process in troubled {
      table.add([process.name, process.state, String(process.restarts), dashed(process.hangs)])
    }
    return table.text
  }

  private static func paint(_ level: StatusVerdict.Level, _ text: String, _ colours: Bool) -> TerminalText {
    guard colours else { return TerminalText(text) }
    let code =
      switch level {
      case .green: 32
      case .yellow: 33
      case .red: 31
      }
    return .painted(text, colour: code)
  }
}
