import DeskCore
import PostgreSQL
import ServiceKit
import Store

/// The outcomes of the messages since a given time.
struct SummaryReport: Sendable, Encodable {
  /// Counts from the database.
  struct Figures: Sendable, Equatable, Encodable {
    /// Messages from customers.
    var accepted: Int64 = 0
    /// Messages that were labelled and decided.
    var labelled: Int64 = 0
    /// Tickets that were queued.
    var queued: Int64 = 0
    /// Tickets that were offered to an agent at least once.
    var offered: Int64 = 0
    /// Tickets that an agent has answered.
    var answered: Int64 = 0
    /// Tickets with an SLA breach.
    var late: Int64 = 0
  }

  var figures: Figures
  /// The time from acceptance to the first decision; nil when nothing was decided.
  @OrNull var medianMilliseconds: Double?
  @OrNull var p99Milliseconds: Double?
  var ledger: LedgerVerdict

  enum CodingKeys: String, CodingKey {
    case figures, ledger
    case medianMilliseconds = "accept_to_queue_p50_ms"
    case p99Milliseconds = "accept_to_queue_p99_ms"
  }

  /// The maximum number of decisions timed.
  static let timesLimit = 1_000_000

  static func read(
    _ store: DeskStore, since moment: Instant, acknowledgements: [Acknowledgement]
  ) async throws -> SummaryReport {
    var times = LatencyRecord()
    for time in try await store.timesToQueue(since: moment, limit: timesLimit) { times.record(microseconds: time) }
    return SummaryReport(
      figures: try await store.summaryFigures(since: moment),
      medianMilliseconds: times.milliseconds(atPercent: 50), p99Milliseconds: times.milliseconds(atPercent: 99),
      ledger: try await Ledger(store: store, acknowledgements: acknowledgements).verdict())
  }

  var text: String {
    var table = TextTable([("what", .left), ("how many", .right)])
    for (name, count) in [
      ("messages accepted", figures.accepted), ("labelled and decided", figures.labelled),
      ("tickets queued", figures.queued), ("offered to agents", figures.offered), ("answered", figures.answered),
      ("late", figures.late),
    ] {
      table.add([name, String(count)])
    }
    var lines = [table.text]
    if let medianMilliseconds, let p99Milliseconds {
      lines.append(
        "  accept to queue: median \(ProgressLine.milliseconds(medianMilliseconds)), "
          + "99th percentile \(ProgressLine.milliseconds(p99Milliseconds))")
    }
    lines.append("  ledger: \(ledger.sentence)")
    lines += ledger.wrong.map { "  ✗ \(VisibleText.line($0))" }
    return lines.joined(separator: "\n")
  }
}

extension DeskStore {
  /// Counts messages and steps since a given time. Reads the timeline: for people, not for the hot path.
  func summaryFigures(since moment: Instant) async throws -> SummaryReport.Figures {
    try await pool.query(countsSince, [moment]).first ?? SummaryReport.Figures()
  }
}

private let countsSince = PostgresStatement(
  "command_summary",
  """
  WITH step AS MATERIALIZED (SELECT ticket_id, kind FROM desk.ticket_event WHERE at >= $1)
  SELECT (SELECT count(*) FROM desk.message WHERE direction = 1 AND received_at >= $1),
         count(*) FILTER (WHERE kind IN ('queued', 'triaged', 'answered', 'customer_wrote')),
         count(DISTINCT ticket_id) FILTER (WHERE kind IN ('queued', 'triaged')),
         count(DISTINCT ticket_id) FILTER (WHERE kind = 'offered'),
         count(DISTINCT ticket_id) FILTER (WHERE kind = 'replied'),
         count(DISTINCT ticket_id) FILTER (WHERE kind = 'sla_breached')
    FROM step
  """
) { row in
  try SummaryReport.Figures(
    accepted: row.next(), labelled: row.next(), queued: row.next(), offered: row.next(), answered: row.next(),
    late: row.next())
}
