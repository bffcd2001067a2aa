public import DeskCore
import PostgreSQL

/// What came of a scheduled report.
public enum ReportRunOutcome: String, Sendable, Hashable {
  /// The schedule was new: nothing was made of what was due before.
  case firstSeen = "first_seen"
  /// It was put into the outbox, or its file is in place.
  case delivered
  /// It has more bytes than a delivery may; the hook was notified without it.
  case tooLarge = "too_large"
}

extension ReportStore {
  /// Returns the newest period that was made of each schedule, of those that were due by now: what a clock that had jumped ahead made for
  /// later dates does not hold the others up.
  public func newestRuns(at now: Instant) async throws -> [Key<ReportSchedule>: CivilDay] {
    let rows = try await pool.query(Self.readNewestRuns, [now])
    return Dictionary(rows.compactMap { name, day in day.map { (name, $0) } }, uniquingKeysWith: { first, _ in first })
  }

  /// Records that a schedule's report for a period was made, and puts its notices into the outbox, in one transaction.
  ///
  /// - Returns: false, with nothing written, if it had been made already.
  /// - Throws: `PostgresError`.
  public func keepRun(
    of schedule: Key<ReportSchedule>, for due: ReportSchedule.Due, _ outcome: ReportRunOutcome,
    notifying notices: [Notice] = []
  ) async throws -> Bool {
    var batch = PostgresBatch("keep_report_run")
    batch.add(Self.insertRun, [schedule, due.day.description, due.at, outcome.rawValue])
    OutboxStore.enqueueNotices(notices, in: &batch)
    do {
      _ = try await pool.transaction(batch)
      return true
    } catch let error as PostgresError where error.sqlState == PostgresCondition.unique {
      return false
    }
  }

  private static let readNewestRuns = PostgresStatement(
    "newest_report_runs", "SELECT schedule, max(period)::text FROM desk.report_run WHERE due_at <= $1 GROUP BY schedule"
  ) { row in
    (try row.next(Key<ReportSchedule>.self), CivilDay(try row.next(String.self)))
  }

  private static let insertRun = PostgresStatement<Void>(
    "keep_report_run",
    "INSERT INTO desk.report_run (schedule, period, due_at, outcome) VALUES ($1, $2::text::date, $3, $4)")
}
