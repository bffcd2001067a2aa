/// The rows `fact` of statements about whole tickets: one for each ticket opened in a period, with its times, its hands and its end.
enum TicketFacts {
  static let ctes = """
    \(OpenedTickets.cte),
    entries AS (
      SELECT ticket_id,
             min(at) FILTER (WHERE kind IN ('queued', 'triaged', 'answered', 'rejected')) AS decided_at,
             min(at) FILTER (WHERE kind IN ('replied', 'answered')) AS answered_at,
             min(at) FILTER (WHERE kind = 'accepted') AS taken_at,
             min(at) FILTER (WHERE kind = 'replied') AS replied_at,
             max(at) FILTER (WHERE kind IN ('resolved', 'merged', 'rejected')) AS settled_at, max(at) FILTER (WHERE kind = 'closed') AS closed_at,
             bool_or(kind = 'answered') AS by_article, bool_or(kind = 'merged') AS merged,
             bool_or(kind = 'sla_breached' AND detail->>'clock' = 'first_response') AS first_late
        FROM desk.ticket_event
       WHERE ticket_id \(OpenedTickets.period) AND ticket_id \(OpenedTickets.end)
         AND kind IN ('queued', 'triaged', 'replied', 'answered', 'accepted', 'resolved', 'merged', 'rejected', 'closed', 'sla_breached')
       GROUP BY ticket_id),
    \(HandTimes.ctes("ticket_id \(OpenedTickets.period) AND ticket_id \(OpenedTickets.end)")),
    hand AS (
      SELECT ticket_id, count(DISTINCT agent) AS agents, sum(handled) FILTER (WHERE ended) AS handled FROM spells GROUP BY ticket_id),
    fact AS (
      SELECT o.id, o.channel, o.category, o.queue, o.agent, o.tier,
             extract(epoch FROM s.decided_at - o.opened_at)::double precision AS decided_after,
             extract(epoch FROM s.answered_at - o.opened_at)::double precision AS answered_after,
             extract(epoch FROM s.taken_at - s.decided_at)::double precision AS waited,
             h.handled, coalesce(h.agents, 0) AS agents,
             CASE WHEN o.state IN ('resolved', 'closed', 'rejected')
                  THEN extract(epoch FROM coalesce(s.settled_at, s.closed_at) - o.opened_at)::double precision END AS ended_after,
             \(OpenedTickets.promise("first")), r.rating,
             CASE WHEN coalesce(s.merged, false) THEN 'merged'
                  WHEN o.state = 'rejected' THEN 'rejected'
                  WHEN o.state IN ('resolved', 'closed') AND coalesce(s.by_article, false) AND s.taken_at IS NULL THEN 'solved_by_article'
                  WHEN o.state IN ('resolved', 'closed') AND o.confirmed_at IS NOT NULL THEN 'confirmed'
                  WHEN o.state = 'resolved' THEN 'resolved'
                  WHEN o.state = 'closed' THEN 'closed_unconfirmed'
                  WHEN o.state = 'answered' THEN 'answered'
                  ELSE 'open' END AS ending
        FROM opened o
        LEFT JOIN entries s ON s.ticket_id = o.id
        LEFT JOIN hand h ON h.ticket_id = o.id
        LEFT JOIN desk.rating r ON r.ticket = o.id
       CROSS JOIN LATERAL (
         SELECT coalesce(s.replied_at <= o.first_stopped_at, false) AS first_given,
                coalesce(s.by_article, false) AND s.taken_at IS NULL AS without_agent) e)
    """
}
