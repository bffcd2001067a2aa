public import DeskCore
import PostgreSQL

/// What a database that was restored to a moment tells about itself, and what has to be advanced or ended in it before its desk starts.
///
/// Everything but `settle` only reads. It is for the owner: services have no rights on some of it, and no use for it.
public struct RestoreStore: Sendable, StoreSession {
  let pool: PostgresPool
  let setAside: SetAsideRows
}

/// The database server, as far as it knows that it was restored.
public struct RestoredServer: Sendable, Hashable {
  /// Whether it still replays its archive and accepts no writes.
  public let isInRecovery: Bool
  /// The moment that its recovery was told to stop at; nil if none is set.
  public let target: Instant?
  /// Its timeline: 1 until a first recovery has ended in a promotion; nil while it recovers.
  public let timeline: Int32?
  /// The server's clock.
  public let now: Instant
  /// The newest time in the database by its own clock that services left, of a heartbeat, a message or an audit entry: whatever was
  /// acknowledged before is in it. What commands recorded is none: they are used between a restore and the services' start.
  public let newestTrace: Instant?
  /// The same, without what came after the settling of this timeline: no restore to an earlier moment leaves it.
  public let restoredTrace: Instant?
  /// The last settling that is recorded in the audit; nil if none is.
  public let settled: Settling?

  /// Whether the settling is of the timeline that the server is on. Otherwise it was restored again since, or a standby took over.
  public var isSettled: Bool {
    guard let settled else { return false }
    guard let timeline, let other = settled.timeline else { return true }
    return other == timeline
  }

  /// A settling of a restored desk.
  public struct Settling: Sendable, Hashable {
    /// The moment that the desk was restored to.
    public let moment: Instant
    /// When it was settled first.
    public let at: Instant
    /// The audit entry that recorded it: in another history of this desk, entries with this number and later ones are others.
    public let entry: Int64
    /// The timeline that the server was on; nil in entries of builds that did not record it.
    public let timeline: Int32?
  }
}

/// Outside effects of one kind that may have happened before the restore, and will happen after it.
public struct RepeatableEffect: Sendable, Hashable {
  /// How a receiver can tell a repetition.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// Deliveries that wait, under identifiers that have been sent before: receivers drop them.
    case delivery
    /// Replies that a channel has not fetched, likewise.
    case reply
    /// Messages that are undecided: deciding them again answers them under new identifiers.
    case undecided
    /// Tickets whose time for the next step has passed: it is taken again, under new identifiers.
    case overdue
  }

  /// Which kind.
  public let kind: Kind
  /// The hook, the channel or the step.
  public let receiver: String
  /// How many.
  public let count: Int64
  /// How many of them a process held at the moment: these are the likeliest to be repeated.
  public let claimed: Int64
  /// Since when the oldest waits.
  public let oldest: Instant?
}

/// Access that is valid now, and may have been ended between the moment and the restore.
public struct RestoredAccess: Sendable, Hashable {
  /// Valid API keys and CURVE keys.
  public let keys: Int64
  public let curveKeys: Int64
  /// Open sessions, and sign-in links that still open one.
  public let sessions: Int64
  public let links: Int64
}

extension RestoreStore {
  /// Returns what the server knows of its restore.
  public func server() async throws -> RestoredServer {
    guard let server = try await pool.query(RestoreStore.readServer).first else {
      throw StoreError.vanished("the server's state")
    }
    return server
  }

  /// Returns the outside effects that may be repeated, by kind and receiver.
  public func repeatableEffects() async throws -> [RepeatableEffect] {
    try await pool.query(RestoreStore.readEffects)
  }

  /// Returns how much access is valid now.
  public func access() async throws -> RestoredAccess {
    try await pool.query(RestoreStore.readAccess).first
      ?? RestoredAccess(keys: 0, curveKeys: 0, sessions: 0, links: 0)
  }
}

// MARK: - Statements

extension RestoreStore {
  /// The kind of the audit entry of a settling; its subject is the moment.
  static let settlingKind = "desk.restored"

  /// A server that still recovers has no current position to name its timeline by.
  static let timeline =
    "CASE WHEN NOT pg_is_in_recovery() THEN ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::integer END"

  /// The last settling, by moment and timeline: a repetition does not move it. Details are text; a pattern reads damaged ones too.
  static let lastSettling = """
    SELECT subject::timestamptz AS moment, min(at) AS at, min(number) AS number, timeline FROM (
      SELECT subject, at, number, substring(detail FROM '"timeline": *([0-9]{1,9})')::integer AS timeline
        FROM desk.audit WHERE kind = '\(settlingKind)') AS settling
     GROUP BY subject, timeline ORDER BY max(number) DESC LIMIT 1
    """

  /// The newest trace of services before an audit entry and its time, each an expression.
  private static func trace(before number: String, _ at: String) -> String {
    """
    greatest((SELECT max(heartbeat_at) FROM desk.service_instance WHERE heartbeat_at < \(at)),
             (SELECT received_at FROM desk.message WHERE direction = 1 AND id < desk.uuid_floor(\(at)) ORDER BY id DESC LIMIT 1),
             (SELECT at FROM desk.audit WHERE kind <> '\(settlingKind)' AND actor NOT LIKE '%/command:%' AND number < \(number)
               ORDER BY number DESC LIMIT 1))
    """
  }

  private static let readServer = PostgresStatement(
    "restored_server",
    """
    WITH server AS MATERIALIZED (SELECT \(timeline) AS timeline),
    settling AS MATERIALIZED (\(lastSettling)),
    bound AS MATERIALIZED (
      SELECT coalesce(max(s.number), 9223372036854775807) AS number, coalesce(max(s.at), '9999-01-01') AS at
        FROM server v JOIN settling s ON coalesce(s.timeline = v.timeline, true))
    SELECT pg_is_in_recovery(), nullif(current_setting('recovery_target_time'), '')::timestamptz, v.timeline, clock_timestamp(),
           \(trace(before: "9223372036854775807", "'9999-01-01'::timestamptz")),
           \(trace(before: "b.number", "b.at")),
           s.moment, s.at, s.number, s.timeline
      FROM server v CROSS JOIN bound b LEFT JOIN settling s ON true
    """
  ) { row in
    let (isInRecovery, target, timeline, now) = (
      try row.next(Bool.self), try row.next(Instant?.self), try row.next(Int32?.self), try row.next(Instant.self)
    )
    let (newest, restored) = (try row.next(Instant?.self), try row.next(Instant?.self))
    let (moment, at, entry, settledOn) = (
      try row.next(Instant?.self), try row.next(Instant?.self), try row.next(Int64?.self), try row.next(Int32?.self)
    )
    var settled: RestoredServer.Settling?
    if let moment, let at, let entry {
      settled = RestoredServer.Settling(moment: moment, at: at, entry: entry, timeline: settledOn)
    }
    return RestoredServer(
      isInRecovery: isInRecovery, target: target, timeline: timeline, now: now, newestTrace: newest,
      restoredTrace: restored, settled: settled)
  }

  /// A reply to a channel with a hook is a delivery, and counted as such.
  private static let readEffects = PostgresStatement(
    "repeatable_effects",
    """
    SELECT 'delivery', hook || ' ' || kind, count(*), count(*) FILTER (WHERE claimed_by IS NOT NULL), min(created_at)
      FROM desk.outbox GROUP BY hook, kind
    UNION ALL
    SELECT 'reply', channel, count(*), 0, min(written_at) FROM desk.reply WHERE state = 'queued' AND hook IS NULL GROUP BY channel
    UNION ALL
    SELECT 'undecided', 'inbox', count(*), count(*) FILTER (WHERE owner IS NOT NULL OR claimed_until IS NOT NULL), min(accepted_at)
      FROM desk.inbox HAVING count(*) > 0
    UNION ALL
    SELECT 'overdue', step, count(*), 0, min(due) FROM (
      SELECT 'offer' AS step, offer_expires_at AS due FROM desk.ticket WHERE offer_expires_at <= statement_timestamp()
      UNION ALL SELECT 'deadline', next_check_at FROM desk.ticket WHERE next_check_at <= statement_timestamp()
      UNION ALL SELECT 'progress', progress_due_at FROM desk.ticket WHERE progress_due_at <= statement_timestamp()
      UNION ALL SELECT 'close', close_at FROM desk.ticket WHERE close_at <= statement_timestamp()) AS passed
     GROUP BY step
    ORDER BY 1, 2
    """
  ) { row in
    let kind = try row.next(String.self)
    guard let kind = RepeatableEffect.Kind(rawValue: kind) else { throw StoreError.unreadable("effect") }
    return try RepeatableEffect(
      kind: kind, receiver: row.next(), count: row.next(), claimed: row.next(), oldest: row.next())
  }

  private static let readAccess = PostgresStatement(
    "restored_access",
    """
    SELECT (SELECT count(*) FROM desk.api_key
             WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > statement_timestamp())),
           (SELECT count(*) FROM desk.channel_curve_key
             WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > statement_timestamp())),
           (SELECT count(*) FROM desk.session WHERE \(AccessStore.isOpen)),
           (SELECT count(*) FROM desk.sign_in_link WHERE used_at IS NULL AND expires_at > statement_timestamp())
    """
  ) { row in try RestoredAccess(keys: row.next(), curveKeys: row.next(), sessions: row.next(), links: row.next()) }
}
