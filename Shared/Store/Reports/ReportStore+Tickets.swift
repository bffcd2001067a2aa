public import DeskCore
import PostgreSQL

extension ReportStore {
  /// Reports the current outcome of the tickets opened in a period. Reads those tickets and their timelines
  /// completely: for people, not for the hot path.
  ///
  /// - Parameter timeout: how long it may take; nil uses the pool's own timeout.
  /// - Throws: `PostgresError`.
  public func ticketReport(
    by grouping: ReportGrouping, of period: ReportPeriod, timeout: Duration? = nil
  ) async throws -> TicketReport {
    var rows = try await pool.query(
      ReportStatement.of(grouping),
      [
        period.start, period.end, period.days.map(\.name), Double(StoreBounds.repeatContact.components.seconds),
        period.days.map(\.start),
      ], timeout: timeout)
    // The total is always present and comes last.
    guard let total = rows.popLast() else { throw StoreError.unreadable("report") }
    return TicketReport(grouping: grouping, period: period, rows: rows, total: total)
  }
}

/// The statement behind `ReportStore.ticketReport(by:of:)`.
///
/// Identifiers begin with their time, so a period is a range of keys in every table, and of the partitioned ones only the days in
/// the period are read. Data on a ticket's row is taken from there; what a row does not keep, such as when an agent first accepted
/// it or which targets were breached meanwhile, from its timeline.
private enum ReportStatement {
  static func of(_ grouping: ReportGrouping) -> PostgresStatement<ReportRow> {
    PostgresStatement("ticket_report_\(grouping.rawValue)", text(grouping)) { row in
      try ReportRow(
        group: row.next(), tickets: row.next(), messages: row.next(),
        firstAnswer: ReportWait(tickets: row.next(), medianSeconds: row.next(), p90Seconds: row.next()),
        agent: ReportWait(tickets: row.next(), medianSeconds: row.next(), p90Seconds: row.next()),
        resolution: ReportWait(tickets: row.next(), medianSeconds: row.next(), p90Seconds: row.next()),
        firstResponsesKept: ReportShare(row.next(), of: row.next()), firstUnanswered: row.next(),
        nextResponsesKept: ReportShare(row.next(), of: row.next()), nextUnanswered: row.next(),
        resolutionsKept: ReportShare(row.next(), of: row.next()),
        resolved: ReportShare(row.next(), of: row.next()), reopened: ReportShare(row.next(), of: row.next()),
        selfService: ReportShare(row.next(), of: row.next()),
        repeatContacts: ReportShare(row.next(), of: row.next()),
        callBacksKept: ReportShare(row.next(), of: row.next()), ratings: row.next(), meanRating: row.next())
    }
  }

  private static let period = OpenedTickets.period
  private static let end = OpenedTickets.end

  private static func text(_ grouping: ReportGrouping) -> String {
    let order = grouping == .day ? "key" : "tickets DESC, key"
    return """
      WITH \(OpenedTickets.cte),
      entries AS (
        SELECT ticket_id,
               min(at) FILTER (WHERE kind IN ('replied', 'answered')) AS answered_at,
               min(at) FILTER (WHERE kind = 'accepted') AS taken_at,
               min(at) FILTER (WHERE kind = 'replied') AS replied_at, max(at) FILTER (WHERE kind = 'replied') AS last_replied_at,
               max(at) FILTER (WHERE kind = 'resolved') AS resolved_at,
               bool_or(kind = 'answered') AS by_article, bool_or(kind = 'merged') AS merged,
               bool_or(kind = 'sla_breached' AND detail->>'clock' = 'first_response') AS first_late,
               bool_or(kind = 'sla_breached' AND detail->>'clock' = 'next_response') AS next_late,
               bool_or(kind = 'sla_breached' AND detail->>'clock' = 'resolution') AS resolution_late
          FROM desk.ticket_event
         WHERE ticket_id \(period) AND ticket_id \(end)
           AND kind IN ('replied', 'answered', 'accepted', 'resolved', 'merged', 'sla_breached')
         GROUP BY ticket_id),
      wrote AS (
        SELECT ticket_id, count(*) AS messages FROM desk.message
         WHERE id \(period) AND ticket_id \(period) AND ticket_id \(end) AND direction = 1 GROUP BY ticket_id),
      called AS (
        SELECT ticket, count(*) FILTER (WHERE state = 'kept') AS kept, count(*) FILTER (WHERE state IN ('kept', 'broken')) AS due
          FROM desk.call_back WHERE ticket \(period) AND ticket \(end) GROUP BY ticket),
      -- Tickets of persons who came back on whatever channel.
      returned AS (
        SELECT DISTINCT o.id FROM opened o
          JOIN desk.customer i ON i.channel = o.channel AND i.external_id = o.customer AND i.person IS NOT NULL
          JOIN desk.customer j ON j.person = i.person
          JOIN desk.closed_ticket b ON b.channel = j.channel AND b.customer = j.external_id AND b.id <> o.id
           AND b.closed_at <= o.opened_at AND b.closed_at + make_interval(secs => $4) > o.opened_at),
      ticket AS (
        SELECT \(OpenedTickets.key(grouping)) AS key, coalesce(w.messages, 0) AS messages,
               extract(epoch FROM s.answered_at - o.opened_at) AS answered_after, extract(epoch FROM s.taken_at - o.opened_at) AS taken_after,
               CASE WHEN settled THEN extract(epoch FROM s.resolved_at - o.opened_at) END AS resolved_after, settled,
               settled OR o.reopen_count > 0 OR coalesce(s.by_article, false) AS ever_settled, o.reopen_count > 0 AS reopened,
               coalesce(s.by_article, false) AND s.taken_at IS NULL AND o.state IN ('answered', 'resolved', 'closed') AS self_served,
               \(OpenedTickets.promise("first")), \(OpenedTickets.promise("next")), \(OpenedTickets.promise("resolution")),
               coalesce(b.closed_at + make_interval(secs => $4) > o.opened_at, false)
                 OR o.id IN (SELECT id FROM returned) AS repeated,
               coalesce(a.kept, 0) AS calls_kept, coalesce(a.due, 0) AS calls_due, r.rating
          FROM opened o
          LEFT JOIN entries s ON s.ticket_id = o.id
          LEFT JOIN wrote w ON w.ticket_id = o.id
          LEFT JOIN called a ON a.ticket = o.id
          LEFT JOIN desk.closed_ticket b ON b.id = o.previous_ticket
          LEFT JOIN desk.rating r ON r.ticket = o.id
         CROSS JOIN LATERAL (
           SELECT o.state IN ('resolved', 'closed') AND NOT coalesce(s.merged, false) AS settled,
                  o.state <> 'rejected' AND NOT coalesce(s.merged, false) AS resolution_given,
                  coalesce(s.replied_at <= o.first_stopped_at, false) AS first_given,
                  coalesce(s.last_replied_at >= o.next_stopped_at, false) AS next_given,
                  coalesce(s.by_article, false) AND s.taken_at IS NULL AS without_agent) e)
      SELECT key, count(*) AS tickets, coalesce(sum(messages), 0)::bigint,
             \(wait("answered_after")), \(wait("taken_after")), \(wait("resolved_after")),
             \(kept("first")), count(*) FILTER (WHERE first_unanswered AND NOT first_late),
             \(kept("next")), count(*) FILTER (WHERE next_unanswered AND NOT next_late), \(kept("resolution")),
             count(*) FILTER (WHERE settled), count(*),
             count(*) FILTER (WHERE reopened), count(*) FILTER (WHERE ever_settled),
             count(*) FILTER (WHERE self_served), count(*), count(*) FILTER (WHERE repeated), count(*),
             coalesce(sum(calls_kept), 0)::bigint, coalesce(sum(calls_due), 0)::bigint,
             count(rating), avg(rating)::double precision
        FROM ticket GROUP BY GROUPING SETS ((key), ()) ORDER BY GROUPING(key), \(order)
      """
  }

  private static func wait(_ seconds: String) -> String {
    "count(\(seconds)), "
      + [0.5, 0.9].map { "percentile_cont(\($0)) WITHIN GROUP (ORDER BY \(seconds)::double precision)" }
      .joined(separator: ", ")
  }

  private static func kept(_ clock: String) -> String {
    """
    count(*) FILTER (WHERE \(clock)_met AND NOT \(clock)_late), count(*) FILTER (WHERE \(clock)_met OR \(clock)_late)
    """
  }
}
