public import DeskCore
import PostgreSQL

/// The content of the timelines of a range of tickets.
public struct TimelineDigest: Sendable, Hashable {
  /// The number of tickets with entries.
  public let tickets: Int64
  /// The number of entries.
  public let events: Int64
  /// 32 bytes: the SHA-256 over each ticket's identifier and the SHA-256 of its entries, in order.
  public let digest: [UInt8]
}

extension AuditStore {
  /// Creates ranges of tickets that were opened long enough ago to be sealed when their last ticket ends.
  /// - Returns: how many are new.
  public func openTimelineRanges() async throws -> Int {
    try await pool.query(
      AuditStore.markRanges,
      [
        StoreBounds.sealedSpan.inSeconds, StoreBounds.sealedAfter.inSeconds, Int64(StoreBounds.rangesPerRound),
      ]
    ).count
  }

  /// Seals the oldest range without live tickets: from then on its timelines can be verified against the audit.
  /// One that cannot be sealed is quarantined for a while, so that the next ones are sealed.
  /// - Returns: false when none is ready.
  public func sealNextTimelineRange() async throws -> Bool {
    let leftOut = setAside.keys(of: AuditStore.ranges).compactMap { TicketID($0) }
    guard let begin = try await pool.query(AuditStore.rangeThatIsOver, [leftOut]).first else { return false }
    do {
      // A second process finds it sealed. The database computes the digest itself.
      _ = try await pool.query(AuditStore.seal, [begin], timeout: StoreBounds.sealTimeout)
    } catch let error as PostgresError where error.isFaultOfTheRow || error.code == .timedOut {
      setAside.setAside(.other(table: AuditStore.ranges, key: "\(begin)"), because: error)
    }
    return true
  }

  private static let ranges = "timeline_range"

  /// How a seal's digest is computed.
  public enum SealForm: Int, Sendable {
    /// Over entries as stored. Builds before schema 92 sealed this way.
    case asKept = 1
    /// Over entries as if every written reason were blanked, so that it is valid before and after an erasure.
    case asBlanked = 2
  }

  /// Returns the current content of the timelines of the tickets in a range.
  public func timelineDigest(from: TicketID, to: TicketID, form: SealForm) async throws -> TimelineDigest {
    let statement =
      switch form {
      case .asKept: AuditStore.digestAsKept
      case .asBlanked: AuditStore.digestAsBlanked
      }
    guard let digest = try await pool.query(statement, [from, to], timeout: StoreBounds.sealTimeout).first else {
      throw StoreError.vanished("a digest")
    }
    return digest
  }

  /// Each range begins where the last one ended, the first where history begins, so that there are no gaps. A range ends
  /// one span after the first ticket in it: hours without tickets create no ranges.
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

  private static let rangeThatIsOver = PostgresStatement<TicketID>(
    "timeline_range_that_is_over",
    """
    SELECT from_id FROM desk.timeline_range r
     WHERE digest IS NULL AND from_id <> ALL($1) AND NOT EXISTS (
             SELECT FROM desk.open_ticket o WHERE o.ticket_id >= r.from_id AND o.ticket_id < r.to_id AND o.merged_into IS NULL)
     ORDER BY from_id LIMIT 1
    """)

  private static let digestAsKept = digest("timeline_digest", of: "detail")

  /// The result of `desk.blanked`, written out, so that a check does not depend on the current definition of the database's functions.
  private static let digestAsBlanked = digest(
    "timeline_digest_as_blanked",
    of: """
      CASE WHEN detail ? 'reason' AND (starts_with(actor, 'agent:') OR starts_with(actor, 'operator:')) THEN
        (detail - 'reason' - 'reason_salt') || jsonb_build_object('reason_sha256',
          encode(sha256(convert_to(coalesce(detail->>'reason_salt', '') || coalesce(detail->>'reason', ''), 'UTF8')), 'hex'))
        ELSE detail END
      """)

  /// An entry is hashed as a JSON array, which is unambiguous.
  private static func digest(_ name: String, of detail: String) -> PostgresStatement<TimelineDigest> {
    PostgresStatement(
      name,
      """
      SELECT count(*), coalesce(sum(events), 0)::bigint,
             sha256(coalesce(string_agg(uuid_send(ticket_id) || digest, ''::bytea ORDER BY ticket_id), ''::bytea))
        FROM (
          SELECT ticket_id, count(*) AS events, sha256(convert_to(string_agg(
                   jsonb_build_array(version, position, kind, actor, (extract(epoch FROM at) * 1000000)::bigint, \(detail),
                                     traceparent)::text, E'\\n' ORDER BY version, position), 'UTF8')) AS digest
            FROM desk.ticket_event WHERE ticket_id >= $1 AND ticket_id < $2 GROUP BY ticket_id) AS ticket
      """
    ) { row in
      try TimelineDigest(tickets: row.next(), events: row.next(), digest: row.next())
    }
  }

  /// The trigger `seal_range` corrects the value set here and records it in the audit.
  private static let seal = PostgresStatement<TicketID>(
    "seal_timeline_range",
    "UPDATE desk.timeline_range SET sealed_at = clock_timestamp() WHERE from_id = $1 AND digest IS NULL RETURNING from_id"
  )
}
