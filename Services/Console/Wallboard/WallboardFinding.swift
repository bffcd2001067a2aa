import DeskCore
import Store

/// What someone should do about the desk, as a code with parameters that pages put into words. The same thresholds as `frontdesk status`.
struct WallboardFinding: Sendable, Hashable {
  enum Code: String, Sendable, CaseIterable {
    case serviceMissing = "service_missing"
    case crisis
    case undecided
    case queueStuck = "queue_stuck"
    case noAgent = "no_agent"
    case allFull = "all_full"
    case late
    case deadLetters = "dead_letters"
  }

  let code: Code
  /// Whether customers are affected now.
  let isUrgent: Bool
  /// What the words name: a service, a queue, or the cause of a crisis.
  var subject: String?
  /// How many: tickets, messages, dead letters, open points of a checklist.
  var count: Int64 = 0
  /// How long the oldest has waited, in whole seconds.
  var seconds: Int64 = 0

  /// What is worth doing, the most urgent first. Pure.
  static func judge(_ board: Wallboard, now: Instant) -> [WallboardFinding] {
    var findings: [WallboardFinding] = []
    for service in ["intake", "classifier", "router", "sla-watcher", "notifier"] where board.ready[service] == nil {
      findings.append(WallboardFinding(code: .serviceMissing, isUrgent: true, subject: service))
    }
    for crisis in board.crises {
      findings.append(
        WallboardFinding(
          code: .crisis, isUrgent: true, subject: crisis.cause.text,
          count: Int64(crisis.checklist.count { $0.done == nil })))
    }
    func age(_ since: Instant?) -> Double { since.map { max(0, (now - $0).inSeconds) } ?? 0 }
    let undecided = age(board.oldestUndecided)
    if undecided > AttentionLimits.undecidedSeconds {
      findings.append(
        WallboardFinding(
          code: .undecided, isUrgent: undecided > AttentionLimits.undecidedUrgentSeconds,
          count: board.undecided, seconds: Int64(undecided)))
    }
    for stuck in board.stuck {
      findings.append(
        WallboardFinding(
          code: .queueStuck, isUrgent: true, subject: stuck.queue.rawValue, count: stuck.waiting,
          seconds: Int64(age(stuck.beganAt))))
    }
    let waiting = board.queues.reduce(0) { $0 + $1.waiting }
    let oldest = board.queues.compactMap(\.oldestWaiting).min()
    if waiting > 0, board.staff.free + board.staff.full == 0 {
      findings.append(
        WallboardFinding(code: .noAgent, isUrgent: true, count: waiting, seconds: Int64(age(oldest))))
    } else if age(oldest) > AttentionLimits.queuedSeconds, board.staff.free == 0 {
      findings.append(
        WallboardFinding(code: .allFull, isUrgent: false, count: waiting, seconds: Int64(age(oldest))))
    }
    let late = board.queues.reduce(0) { $0 + $1.late }
    if late > 0, let worst = board.queues.max(by: { ($0.late, $1.queue) < ($1.late, $0.queue) }) {
      findings.append(WallboardFinding(code: .late, isUrgent: false, subject: worst.queue.rawValue, count: late))
    }
    if board.deadLetters > 0 {
      findings.append(WallboardFinding(code: .deadLetters, isUrgent: false, count: board.deadLetters))
    }
    let urgent = findings.filter(\.isUrgent)
    return Array((urgent + findings.filter { !$0.isUrgent }).prefix(WallboardBounds.findingsShown))
  }
}
