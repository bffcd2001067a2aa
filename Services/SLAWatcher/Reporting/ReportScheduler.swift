import DeskCore
import Logging
import ServiceHealth
import ServiceProcess
import Store
import SystemPrimitives
import UseCases

/// Makes the reports that the policy schedules, each once for a period. The leader does it.
///
/// What makes it once is the key of `desk.report_run`: its row and the outbox's are one transaction, so that of two watchers that both
/// believe
/// to lead one succeeds, and one that dies before has made nothing. Periods that were missed while no watcher ran are made up, up to
/// `SLAWatcherBounds.periodsMadeUp` of each schedule. A clock that jumped makes nothing.
struct ReportScheduler: LeaderService {
  /// A report that was made.
  struct Made: Sendable, Hashable {
    let schedule: Key<ReportSchedule>
    let day: CivilDay
    let outcome: ReportRunOutcome
  }

  /// A report for a file cannot be made.
  struct NoFolder: Error, CustomStringConvertible {
    let schedule: Key<ReportSchedule>
    var description: String { "schedule \(schedule) writes a file, and --report-folder is not set" }
  }

  let store: DeskStore
  let clock: SteadyClock
  let policy: PolicyFollower
  let leadership: Leadership
  /// Where files are put; nil if reports may only go to hooks.
  let folder: String?
  let logger: Logger
  /// Is called when something was added to the outbox.
  let wakeOutbox: @Sendable () async -> Void
  let task = WatchedTask("report_schedules")

  var periodic: PeriodicTask {
    PeriodicTask(
      task, every: SLAWatcherBounds.schedulePause, retrying: SLAWatcherBounds.scheduleBackOff, logger: logger)
  }

  func round(fencedBy _: Fence) async throws -> PeriodicTask.Pause {
    try await round()
    return .regular
  }

  /// Makes all reports that are due. Each schedule is handled on its own.
  /// - Returns: what was made, or recorded as first seen.
  /// - Throws: the first failure, after every schedule was handled.
  @discardableResult
  func round() async throws -> [Made] {
    guard let now = clock.now(), let policy = policy.current, !policy.life.reportSchedules.isEmpty else { return [] }
    let newest = try await store.reports.newestRuns(at: now)
    var made: [Made] = []
    var failures = FirstFailure()
    for schedule in policy.life.reportSchedules {
      await failures.attempt {
        let last = newest[schedule.name]
        for due in schedule.due(after: last, at: now, limit: SLAWatcherBounds.periodsMadeUp) {
          // A new schedule begins with the next period: what was due before was not asked for.
          let outcome = last == nil ? try await begin(schedule, at: due) : try await make(schedule, for: due, at: now)
          if let outcome { made.append(Made(schedule: schedule.name, day: due.day, outcome: outcome)) }
        }
      }
    }
    if made.contains(where: { $0.outcome != .firstSeen }) { await wakeOutbox() }
    try failures.rethrow()
    return made
  }

  private func begin(_ schedule: ReportSchedule, at due: ReportSchedule.Due) async throws -> ReportRunOutcome? {
    try await store.reports.keepRun(of: schedule.name, for: due, .firstSeen) ? .firstSeen : nil
  }

  /// - Returns: nil if another watcher made it first.
  private func make(
    _ schedule: ReportSchedule, for due: ReportSchedule.Due, at now: Instant
  ) async throws -> ReportRunOutcome? {
    let order = try ReportOrder(
      schedule.request, from: (due.day + -schedule.days).description, to: (due.day + -1).description,
      zone: schedule.zone.name, now: now)
    let document = try await ReportDocument.read(order, from: store, timeout: SLAWatcherBounds.reportTimeout)
    // The policy schedules pictures only of reports that have one.
    guard let text = document.text(as: schedule.format, in: schedule.language) else { return nil }
    let outcome: ReportRunOutcome
    var notices: [Notice] = []
    switch schedule.destination {
    case .hook(let hook):
      let isTooLarge = text.utf8.count > SLAWatcherBounds.reportBytes
      outcome = isTooLarge ? .tooLarge : .delivered
      var random = SystemRandom()
      let id: NoticeID = IdentifierSource.process.next(at: now, using: &random)
      notices = [
        Notice(
          id: id, hook: hook, kind: .reportReady, ticket: id.of(Ticket.self),
          body: Self.body(schedule, due, order, text, isTooLarge: isTooLarge))
      ]
    case .file:
      guard let folder else { throw NoFolder(schedule: schedule.name) }
      // Before the row: a watcher that dies in between writes the same name again.
      try ReportFile.write(text, named: "\(schedule.name)_\(due.day).\(schedule.format.rawValue)", in: folder)
      outcome = .delivered
    }
    guard try await store.reports.keepRun(of: schedule.name, for: due, outcome, notifying: notices) else { return nil }
    let about: Logger.Metadata = [
      "schedule": "\(schedule.name)", "period": "\(due.day)", "bytes": "\(text.utf8.count)",
    ]
    if outcome == .tooLarge {
      logger.warning(
        "a scheduled report is too large; the hook was notified without it", metadata: about)
    } else {
      logger.info("scheduled report made", metadata: about)
    }
    return outcome
  }

  private static func body(
    _ schedule: ReportSchedule, _ due: ReportSchedule.Due, _ order: ReportOrder, _ text: String, isTooLarge: Bool
  ) -> JSONValue {
    .object([
      .init("schedule", .text(schedule.name.rawValue)), .init("period", .text(due.day.description)),
      .init("report", .text(order.request.topic.rawValue)), .init("from", .text(order.days.first)),
      .init("to", .text(order.days.last)), .init("zone", .text(schedule.zone.name)),
      .init("format", .text(schedule.format.rawValue)), .init("media_type", .text(schedule.format.mediaType)),
      .init("bytes", .integer(Int64(text.utf8.count))), .init("content", isTooLarge ? .null : .text(text)),
    ])
  }
}
