/// The status as a tired operator reads it.
enum StatusText {
  static func text(_ report: StatusReport, colours: Bool) -> String {
    [
      verdict(report.verdict, colours: colours), services(report.services), stages(report.stages),
      late(report.lateQueues), serviceLevels(report.serviceLevels),
      agents(report),
    ].compactMap(\.self).joined(separator: "\n\n")
  }

  static func verdict(_ verdict: StatusVerdict, colours: Bool) -> String {
    let mark = paint(verdict.level, "● \(verdict.level.rawValue.uppercased())", colours)
    guard !verdict.findings.isEmpty else { return "\(mark)  all is well, nothing to do" }
    return verdict.findings.enumerated().map { position, finding in
      (position == 0 ? mark : "  " + paint(finding.level, finding.level.rawValue, colours))
        + "  \(finding.what): \(finding.remedy)"
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

  /// Promises that are in danger, broken, or left without an answer, the worst first; all of them are in `--json` and in the console.
  private static func serviceLevels(_ levels: [StatusReport.ServiceLevel]) -> String? {
    let troubled = levels.filter { $0.warned + $0.broken + $0.unanswered > 0 }
      .sorted { ($1.broken, $1.warned, $0.queue, $0.clock) < ($0.broken, $0.warned, $1.queue, $1.clock) }
      .prefix(serviceLevelsShown)
    guard !troubled.isEmpty else { return nil }
    var table = TextTable([
      ("promise", .left), ("queue", .left), ("kept", .right), ("warned", .right), ("broken", .right),
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

  /// Rows of promises that are shown.
  private static let serviceLevelsShown = 12

  private static func agents(_ report: StatusReport) -> String {
    let agents = report.agents
    return """
        agents: \(agents.available) available (room for \(agents.freeCapacity) more), \(agents.away) away, \
      \(agents.reserve) in reserve, \(agents.offline) offline
        dead letters: \(report.deadLetters)
      """
  }

  private static func age(_ seconds: Double?) -> String { seconds.map { Age.text(seconds: $0) } ?? "–" }

  private static func dashed(_ count: Int) -> String { count == 0 ? "–" : String(count) }

  private static func paint(_ level: StatusVerdict.Level, _ text: String, _ colours: Bool) -> String {
    guard colours else { return text }
    let code =
      switch level {
      case .green: 32
      case .yellow: 33
      case .red: 31
      }
    return "\u{1B}[\(code)m\(text)\u{1B}[0m"
  }
}
