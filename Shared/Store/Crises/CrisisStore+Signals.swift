public import DeskCore
import PostgreSQL

extension CrisisStore {
  /// Returns what the desk has seen in the window that ends now: the current five minutes and the ten before them.
  /// - Parameter surge: what the expectation is made with; nil where none is needed.
  public func signals(expecting surge: HotIssueRule?) async throws -> CrisisSignals {
    guard let all = try await pool.query(CrisisStore.window).first else {
      throw StoreError.vanished("the window")
    }
    var signals = CrisisSignals(
      hotKinds: try await pool.query(CrisisStore.hotKinds), tickets: all.tickets, angry: all.angry,
      windowStart: all.start, examples: all.examples)
    signals.expectation = surge?.expectation(weeks: all.weeks.map { Int($0) }, usual: all.usual)
    for row in try await pool.query(CrisisStore.topics) {
      signals.topics[row.topic] = .init(tickets: row.tickets, firstSeen: row.firstSeen, examples: row.examples)
    }
    return signals
  }

  private struct Window: Sendable {
    let start: Instant
    let tickets: Int64
    let angry: Int64
    let weeks: [Int64]
    let usual: Double?
    let examples: [TicketID]
  }

  /// One row for each open alert: two kinds beneath one category count twice.
  private static let hotKinds = PostgresStatement<String>(
    "hot_kinds", "SELECT category FROM desk.hot_issue WHERE ended_at IS NULL ORDER BY 1")

  /// The same comparison as of single kinds, over all of them.
  private static let window = PostgresStatement(
    "crisis_window",
    """
    WITH now_slot AS (SELECT date_bin('5 minutes', now(), 'epoch') AS slot),
    first AS (SELECT min(slot) AS slot FROM desk.arrival_slot)
    SELECT n.slot - interval '10 minutes', w.tickets, w.angry,
           ARRAY(SELECT (SELECT coalesce(sum(s.tickets), 0)::bigint FROM desk.arrival_slot s
                          WHERE s.slot <= n.slot - k * interval '7 days'
                            AND s.slot > n.slot - k * interval '7 days' - interval '15 minutes')
                   FROM generate_series(1, 8) k WHERE n.slot - k * interval '7 days' - interval '15 minutes' >= first.slot),
           CASE WHEN first.slot < n.slot - interval '45 minutes' THEN
             (SELECT coalesce(sum(s.tickets), 0)::double precision * 900 / extract(epoch FROM n.slot - interval '15 minutes'
                       - greatest(first.slot, n.slot - interval '2 days'))::double precision
                FROM desk.arrival_slot s
               WHERE s.slot >= n.slot - interval '2 days' AND s.slot <= n.slot - interval '15 minutes') END,
           ARRAY(SELECT m.ticket FROM desk.question_member m WHERE m.at >= n.slot - interval '10 minutes' ORDER BY m.at DESC LIMIT 5)
      FROM now_slot n, first,
           LATERAL (SELECT coalesce(sum(s.tickets), 0)::bigint AS tickets, coalesce(sum(s.angry), 0)::bigint AS angry
                      FROM desk.arrival_slot s WHERE s.slot > n.slot - interval '15 minutes' AND s.slot <= n.slot) w
    """
  ) { row in
    try Window(
      start: row.next(), tickets: row.next(), angry: row.next(), weeks: row.next(), usual: row.next(),
      examples: row.next())
  }

  private static let topics = PostgresStatement(
    "crisis_topics",
    """
    SELECT topic, count(*), min(at), (array_agg(ticket ORDER BY at DESC))[1:5] FROM desk.topic_mention
     WHERE at >= date_bin('5 minutes', now(), 'epoch') - interval '10 minutes' GROUP BY 1 ORDER BY 1
    """
  ) { row in
    try (
      topic: row.next(String.self), tickets: row.next(Int64.self), firstSeen: row.next(Instant.self),
      examples: row.next([TicketID].self)
    )
  }
}
