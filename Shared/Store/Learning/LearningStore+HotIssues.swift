public import DeskCore
import PostgreSQL

/// How many tickets of a kind arrived in a window, and the prediction from history.
public struct ArrivalFigures: Sendable, Hashable {
  /// The kind.
  public let category: String
  /// The number in the window that ends now.
  public let tickets: Int64
  /// The numbers in the same window of previous weeks, as far back as there are figures.
  public let weeks: [Int64]
  /// The mean of all windows of the past days before this one, 0 for a kind that is new; nil if there are no figures of any kind.
  public let usual: Double?
}

/// A kind of question that arrived far more often than predicted.
public struct HotIssue: Sendable, Hashable {
  /// The kind.
  public let category: String
  /// When it was detected.
  public let raisedAt: Instant
  /// When it returned to normal; nil while it is hot.
  public let endedAt: Instant?
  /// How many tickets there were in the window when it was detected.
  public let tickets: Int64
  /// How many were predicted.
  public let expected: Double
  /// Some of its tickets.
  public let examples: [TicketID]
  /// The group of similar messages that is new beneath the category; nil when the whole category is meant.
  public let group: Identifier<FeedbackGroup>?
  /// When the first of its messages arrived; nil in alerts of older builds.
  public let firstSeen: Instant?
}

extension LearningStore {
  /// Adds the new tickets to the arrival figures.
  /// - Returns: how many were added; `limit` when there may be more.
  public func countArrivals(distance: Duration, limit: Int) async throws -> Int64 {
    try await pool.query(LearningStore.addArrivals, [distance.inSeconds, Int64(limit)]).first ?? 0
  }

  /// Returns the kinds with at least `least` tickets in the window that ends now, and those that are hot.
  public func arrivals(atLeast least: Int) async throws -> [ArrivalFigures] {
    try await pool.query(LearningStore.arrivalFigures, [Int64(least)])
  }

  /// Whether there are figures from before the last 45 minutes. Without them nothing is hot: on a new desk every kind is new.
  public func predictsArrivals() async throws -> Bool {
    try await pool.query(LearningStore.hasPastArrivals, []).first ?? false
  }

  /// Returns the kinds that are or were hot, newest first.
  public func hotIssues(limit: Int) async throws -> [HotIssue] {
    try await pool.query(LearningStore.listHot, [Int64(limit)])
  }

  /// Raises an alert, with subscriber notices built from its examples.
  /// - Returns: the alert; nil when one is already open for the kind.
  public func raiseHotIssue(
    _ category: String, tickets: Int64, expected: Double, notifying notices: ([TicketID]) -> [Notice]
  ) async throws -> HotIssue? {
    // Asked first, because a refused row is an error in the server's log: only two watchers at once still meet the constraint.
    if try await pool.query(LearningStore.isHot, [category]).first == true { return nil }
    let examples = try await pool.query(LearningStore.examples, [category])
    let firstSeen = try await pool.query(LearningStore.firstSeen, [category]).first
    var batch = PostgresBatch("raise_hot_issue")
    let raised = batch.add(LearningStore.insertHot, [category, tickets, expected, examples, firstSeen])
    OutboxStore.enqueueNotices(notices(examples), in: &batch)
    do {
      return try await pool.transaction(batch).rows(raised).first
    } catch let error as PostgresError where error.sqlState == PostgresCondition.unique {
      return nil
    }
  }

  /// Ends an alert.
  /// - Returns: false if there is none.
  @discardableResult
  public func endHotIssue(_ category: String) async throws -> Bool {
    try await !pool.query(LearningStore.endHot, [category]).isEmpty
  }

  /// Deletes arrivals that no prediction uses any more.
  public func forgetArrivals() async throws {
    try await pool.execute(LearningStore.forgetSlots)
  }

  /// The bounds are scalar values instead of joined tables, which would scan the whole table to find nothing new.
  private static let addArrivals = PostgresStatement<Int64>(
    "add_arrivals",
    """
    WITH reader AS MATERIALIZED (SELECT up_to FROM desk.watch_cursor WHERE name = 'arrivals' FOR UPDATE),
    horizon AS MATERIALIZED (SELECT desk.settled_horizon(make_interval(secs => $1)) AS up_to),
    fresh AS MATERIALIZED (
      SELECT t.id, t.category, t.opened_at, t.sentiment FROM desk.ticket t
       WHERE t.id > (SELECT up_to FROM reader) AND t.id < (SELECT up_to FROM horizon) ORDER BY t.id LIMIT $2),
    counted AS (
      INSERT INTO desk.arrival_slot AS s (category, slot, tickets, angry)
      SELECT category, date_bin('5 minutes', opened_at, 'epoch'), count(*), count(*) FILTER (WHERE sentiment < 0) FROM fresh
       WHERE category IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2
      ON CONFLICT (category, slot) DO UPDATE
        SET tickets = s.tickets + excluded.tickets, angry = s.angry + excluded.angry),
    moved AS (
      UPDATE desk.watch_cursor c
         SET up_to = greatest(c.up_to, CASE WHEN (SELECT count(*) FROM fresh) = $2
                                          THEN (SELECT id FROM fresh ORDER BY id DESC LIMIT 1) ELSE h.up_to END)
        FROM horizon h WHERE c.name = 'arrivals')
    SELECT count(*) FROM fresh
    """, planning: .once)

  /// The window is the current slot and the two before it; compared with the same slots of the last eight weeks and of the last two days.
  private static let arrivalFigures = PostgresStatement(
    "arrival_figures",
    """
    WITH now_slot AS (SELECT date_bin('5 minutes', now(), 'epoch') AS slot),
    current AS (
      SELECT s.category, sum(s.tickets)::bigint AS tickets FROM desk.arrival_slot s, now_slot n
       WHERE s.slot > n.slot - interval '15 minutes' AND s.slot <= n.slot GROUP BY 1),
    looked AS (
      SELECT category, tickets FROM current WHERE tickets >= $1
      UNION
      SELECT h.category, coalesce(c.tickets, 0) FROM desk.hot_issue h LEFT JOIN current c USING (category)
       WHERE h.ended_at IS NULL AND h.group_id IS NULL),
    first AS (SELECT min(slot) AS slot FROM desk.arrival_slot)
    SELECT l.category, l.tickets,
           ARRAY(SELECT coalesce((SELECT sum(s.tickets) FROM desk.arrival_slot s
                                   WHERE s.category = l.category AND s.slot <= n.slot - w * interval '7 days'
                                     AND s.slot > n.slot - w * interval '7 days' - interval '15 minutes'), 0)::bigint
                   FROM generate_series(1, 8) w WHERE n.slot - w * interval '7 days' - interval '15 minutes' >= first.slot),
           CASE WHEN first.slot < n.slot - interval '45 minutes' THEN
             (SELECT coalesce(sum(s.tickets), 0)::double precision * 900 / extract(epoch FROM n.slot - interval '15 minutes'
                       - greatest(first.slot, n.slot - interval '2 days'))::double precision
                FROM desk.arrival_slot s
               WHERE s.category = l.category AND s.slot >= n.slot - interval '2 days'
                 AND s.slot <= n.slot - interval '15 minutes') END
      FROM looked l, now_slot n, first ORDER BY l.category
    """
  ) { row in
    try ArrivalFigures(category: row.next(), tickets: row.next(), weeks: row.next(), usual: row.next())
  }

  private static let hasPastArrivals = PostgresStatement<Bool>(
    "has_past_arrivals",
    """
    SELECT EXISTS (SELECT FROM desk.arrival_slot
                    WHERE slot < date_bin('5 minutes', now(), 'epoch') - interval '45 minutes')
    """)

  private static let examples = PostgresStatement<TicketID>(
    "hot_examples",
    """
    SELECT id FROM desk.ticket WHERE id > desk.uuid_floor(now() - interval '15 minutes') AND category = $1 ORDER BY id DESC LIMIT 5
    """)

  private static let isHot = PostgresStatement<Bool>(
    "is_hot", "SELECT EXISTS (SELECT FROM desk.hot_issue WHERE category = $1 AND ended_at IS NULL AND group_id IS NULL)"
  )

  /// The first of the window's tickets.
  private static let firstSeen = PostgresStatement<Instant>(
    "hot_first_seen",
    """
    SELECT opened_at FROM desk.ticket WHERE id > desk.uuid_floor(now() - interval '15 minutes') AND category = $1 ORDER BY id LIMIT 1
    """)

  static let hotColumns = "category, raised_at, ended_at, tickets, expected, examples, group_id, first_seen"

  static let readHot: @Sendable (inout PostgresRowReader) throws -> HotIssue = { row in
    try HotIssue(
      category: row.next(), raisedAt: row.next(), endedAt: row.next(), tickets: row.next(), expected: row.next(),
      examples: row.next(), group: row.next(), firstSeen: row.next())
  }

  private static let insertHot = PostgresStatement(
    "raise_hot_issue",
    "INSERT INTO desk.hot_issue (category, tickets, expected, examples, first_seen) VALUES ($1, $2, $3, $4, $5) RETURNING \(hotColumns)",
    row: readHot)

  private static let listHot = PostgresStatement(
    "list_hot_issues", "SELECT \(hotColumns) FROM desk.hot_issue ORDER BY raised_at DESC LIMIT $1", row: readHot)

  private static let endHot = PostgresStatement<String>(
    "end_hot_issue",
    """
    UPDATE desk.hot_issue SET ended_at = clock_timestamp() WHERE category = $1 AND ended_at IS NULL AND group_id IS NULL
    RETURNING category
    """)

  private static let forgetSlots = PostgresStatement<Void>(
    "forget_arrivals", "DELETE FROM desk.arrival_slot WHERE slot < now() - interval '9 weeks'")
}
