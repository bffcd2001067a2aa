/// The rows of statements about agents' time in hands: `spells`, one for each time that an agent had a ticket, and `parts`, the stretches
/// of it in which the customer was waited for or not.
///
/// They are read from timelines: `accepted` begins a spell, `pending` and the customer's next message change what it is, and the entries in
/// `ends` end it. An agent's reply to a customer who is waited for leaves it pending.
enum HandTimes {
  private static let ends = """
    (kind IN ('resolved', 'requeued', 'reclaimed', 'transferred', 'merged', 'rejected', 'closed', 'reopened', 'offered')
      OR kind = 'labelled' AND detail->>'queue' IS NOT NULL OR kind = 'rerouted' AND detail->>'from_agent' IS NOT NULL)
    """

  /// - Parameter range: the condition on `ticket_id`.
  static func ctes(_ range: String) -> String {
    """
    moves AS (
      SELECT ticket_id, version, position, at, kind, actor, \(ends) AS ends,
             count(*) FILTER (WHERE kind = 'accepted') OVER moment AS spell, lead(at) OVER moment AS until
        FROM desk.ticket_event
       WHERE \(range)
         AND kind IN ('accepted', 'pending', 'customer_wrote', 'absorbed', 'resolved', 'requeued', 'reclaimed', 'transferred', 'merged',
                      'rejected', 'closed', 'reopened', 'offered', 'labelled', 'rerouted')
         AND (kind NOT IN ('customer_wrote', 'absorbed', 'labelled', 'rerouted') OR \(ends)
           OR kind = 'customer_wrote' AND detail->>'state' = 'pending'
           OR kind = 'absorbed' AND detail ?| ARRAY['reply_due_since_us', 'reply_owed_since_us'])
      WINDOW moment AS (PARTITION BY ticket_id ORDER BY version, position)),
    parts AS (
      SELECT ticket_id, spell, version, position, at, until, kind, substr(first_value(actor) OVER moment, 7) AS agent,
             bool_or(ends) OVER moment AS gone
        FROM moves WHERE spell > 0
      WINDOW moment AS (PARTITION BY ticket_id, spell ORDER BY version, position)),
    spells AS (
      SELECT ticket_id, spell, min(agent) AS agent, min(at) AS since, bool_or(gone) AS ended,
             (array_agg(kind ORDER BY version, position) FILTER (WHERE gone))[1] AS ended_by,
             coalesce(extract(epoch FROM sum(until - at) FILTER (WHERE NOT gone AND kind <> 'pending')), 0)::double precision AS handled,
             coalesce(extract(epoch FROM sum(until - at) FILTER (WHERE NOT gone AND kind = 'pending')), 0)::double precision AS pended
        FROM parts GROUP BY ticket_id, spell)
    """
  }
}
