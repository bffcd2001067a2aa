import DeskCore

/// What statements of reports share: the tickets opened in a period, in their current state, and the keys that they are grouped by.
///
/// Identifiers begin with their time, so a period is a range of keys in every table. `$1` is its start, `$2` its end; for `key(.day)`, `$3`
/// are the names of its days and `$5` their starts.
enum OpenedTickets {
  static let period = ">= desk.uuid_floor($1)"
  static let end = "< desk.uuid_floor($2)"

  /// The rows `opened`: live tickets and closed ones.
  static let cte = """
    opened AS (
      SELECT o.ticket_id AS id, coalesce(t.state, 'received') AS state, o.channel, coalesce(o.known_as, o.customer) AS customer, o.tier,
             t.queue, t.category,
             coalesce(t.agent, t.last_agent) AS agent, o.opened_at, coalesce(t.weight, 1) AS weight,
             t.confirmed_at, o.previous_ticket, coalesce(t.reopen_count, 0) AS reopen_count,
             \(SLATargetColumns.of("t", now: "clock_timestamp()"))
        FROM desk.open_ticket o LEFT JOIN desk.ticket t ON t.id = o.ticket_id
       WHERE o.ticket_id \(period) AND o.ticket_id \(end) AND o.merged_into IS NULL
      UNION ALL
      SELECT c.id, c.state, c.channel, c.customer, d.tier, c.queue, d.category, coalesce(d.agent, d.last_agent), c.opened_at,
             coalesce(d.weight, 1), d.confirmed_at, d.previous_ticket, d.reopen_count, \(SLATargetColumns.of("d", now: "NULL"))
        FROM desk.closed_ticket c CROSS JOIN LATERAL jsonb_to_record(c.ticket) AS d(
          tier text, category text, weight integer, confirmed_at timestamptz, agent text, last_agent text, previous_ticket uuid,
          reopen_count integer, clock_state jsonb,
          first_allowed_us bigint, first_due_at timestamptz, first_paused_at timestamptz, first_met_at timestamptz, first_notified smallint,
          resolution_allowed_us bigint, resolution_due_at timestamptz, resolution_paused_at timestamptz,
          resolution_met_at timestamptz, resolution_notified smallint)
       WHERE c.id \(period) AND c.id \(end))
    """

  static func key(_ grouping: ReportGrouping) -> String {
    switch grouping {
    // By the identifier, like the period: so each ticket counts in one day, both in a report of many days and in many of one.
    case .day:
      "($3::text[])[width_bucket(o.id, (SELECT array_agg(desk.uuid_floor(s) ORDER BY s) FROM unnest($5::timestamptz[]) AS s))]"
    case .queue, .channel, .category, .tier, .agent: "o.\(grouping.rawValue)"
    }
  }

  /// Whether a target was met, whether its ticket ended without a response, and whether it is breached by its row or its timeline.
  ///
  /// If a clock stopped, the timeline shows whether by a reply: rows of builds without this distinction are treated like all others.
  static func promise(_ clock: String) -> String {
    """
    o.\(clock) AND o.\(clock)_stopped_at IS NOT NULL AND e.\(clock)_given AS \(clock)_met,
    o.\(clock) AND o.\(clock)_stopped_at IS NOT NULL AND NOT e.\(clock)_given AND NOT e.without_agent AS \(clock)_unanswered,
    o.\(clock) AND (coalesce(o.\(clock)_breached, false) OR coalesce(s.\(clock)_late, false)) AS \(clock)_late
    """
  }
}
