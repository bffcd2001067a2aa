public import DeskCore
import PostgreSQL

/// What the timelines of a range of tickets hold.
public struct TimelineDigest: Sendable, Hashable {
  /// Tickets that have entries.
  public let tickets: Int64
  /// Entries.
  public let events: Int64
  /// 32 bytes: the SHA-256 over each ticket's identifier and the SHA-256 of its entries, in order.
  public let digest: [UInt8]
}

extension DeskStore {
  /// Marks out ranges of tickets that were opened long enough ago to be sealed when their last ticket ends.
  /// - Returns: how many were new.
  public func openTimelineRanges() async throws -> Int {
    try await pool.query(
      DeskStore.markRanges,
      [
        StoreBounds.sealedSpan.inSeconds, StoreBounds.sealedAfter.inSeconds, Int64(StoreBounds.rangesPerRound),
      ]
    ).count
  }

  /// Seals the oldest range in which no ticket lives any more: from then on its timelines can be checked against the audit.
  /// One that cannot be sealed is set aside for a while, so that the next ones are.
  /// - Returns: false when none is ready.
  public func sealNextTimelineRange() async throws -> Bool {
    let leftOut = setAside.keys(of: DeskStore.ranges).compactMap { TicketID($0) }
    guard let range = try await pool.query(DeskStore.rangeThatIsOver, [leftOut]).first else { return false }
    do {
      let held = try await timelineDigest(from: range.from, to: range.to)
      // Whoever comes second finds it sealed.
      try await pool.execute(DeskStore.seal, [range.from, held.tickets, held.events, held.digest])
    } catch let error as PostgresError where error.isFaultOfTheRow || error.code == .timedOut {
      setAside.setAside(.other(table: DeskStore.ranges, key: "\(range.from)"), because: error)
    }
    return true
  }

  private static let ranges = "timeline_range"

  /// What the timelines of the tickets in a range hold now.
  public func timelineDigest(from: TicketID, to: TicketID) async throws -> TimelineDigest {
    guard
      let digest = try await pool.query(DeskStore.digest, [from, to], timeout: StoreBounds.sealTimeout).first
    else { throw StoreError.vanished("a digest") }
    return digest
  }

  private struct Range {
    let from: TicketID
    let to: TicketID
  }

  /// Each range begins where the last one ended, the first where history begins, so that none is left out between them. A range ends
  /// one span after the first ticket in it: hours without tickets make no ranges.
  private static let markRanges = PostgresStatement<TicketID>(
    "mark_timeline_ranges",
    """
    WITH RECURSIVE span AS (
      SELECT make_interval(secs => $1) AS length, clock_timestamp() - make_interval(secs => $2) AS latest),
    range AS (
      SELECT 0::bigint AS place, NULL::uuid AS from_id, coalesce(
               (SELECT to_id FROM desk.timeline_range ORDER BY from_id DESC LIMIT 1),
               (SELECT desk.uuid_floor(desk.uuid_moment(ticket_id)) FROM desk.ticket_event ORDER BY ticket_id LIMIT 1)) AS to_id
      UNION ALL
      SELECT place + 1, range.to_id, desk.uuid_floor(next.opened_at + span.length)
        FROM range, span, LATERAL (
          SELECT desk.uuid_moment(e.ticket_id) AS opened_at FROM desk.ticket_event e
           WHERE e.ticket_id >= range.to_id ORDER BY e.ticket_id LIMIT 1) next
       WHERE place < $3 AND next.opened_at + span.length <= span.latest)
    INSERT INTO desk.timeline_range (from_id, to_id)
    SELECT from_id, to_id FROM range WHERE from_id IS NOT NULL ORDER BY from_id
    ON CONFLICT DO NOTHING RETURNING from_id
    """)

  private static let rangeThatIsOver = PostgresStatement(
    "timeline_range_that_is_over",
    """
    SELECT from_id, to_id FROM desk.timeline_range r
     WHERE digest IS NULL AND from_id <> ALL($1) AND NOT EXISTS (
             SELECT FROM desk.open_ticket o WHERE o.ticket_id >= r.from_id AND o.ticket_id < r.to_id AND o.merged_into IS NULL)
     ORDER BY from_id LIMIT 1
    """
  ) { row in
    try Range(from: row.next(), to: row.next())
  }

  /// An entry is hashed as a JSON array, in which no two entries look alike.
  private static let digest = PostgresStatement(
    "timeline_digest",
    """
    SELECT count(*), coalesce(sum(events), 0)::bigint,
           sha256(coalesce(string_agg(uuid_send(ticket_id) || digest, ''::bytea ORDER BY ticket_id), ''::bytea))
      FROM (
        SELECT ticket_id, count(*) AS events, sha256(convert_to(string_agg(
                 jsonb_build_array(version, position, kind, actor, (extract(epoch FROM at) * 1000000)::bigint, detail,
                                   traceparent)::text, E'\\n' ORDER BY version, position), 'UTF8')) AS digest
          FROM desk.ticket_event WHERE ticket_id >= $1 AND ticket_id < $2 GROUP BY ticket_id) AS ticket
    """
  ) { row in
    try TimelineDigest(tickets: row.next(), events: row.next(), digest: row.next())
  }

  private static let seal = PostgresStatement<Void>(
    "seal_timeline_range",
    """
    UPDATE desk.timeline_range SET tickets = $2, events = $3, digest = $4, sealed_at = clock_timestamp()
     WHERE from_id = $1 AND digest IS NULL
    """)
}
