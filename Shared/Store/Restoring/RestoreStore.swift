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
  /// The newest time in the database by its own clock, of a heartbeat or an audit entry: whatever was acknowledged before is in it.
  public let newestTrace: Instant?
  /// The settling that is recorded in the audit; nil if none is.
  public let settled: Settling?

  /// A settling of a restored desk.
  public struct Settling: Sendable, Hashable {
    /// The moment that the desk was restored to.
    public let moment: Instant
    /// When it was settled first.
    public let at: Instant
    /// The audit entry that recorded it: in another history of this desk, entries with this number and later ones are others.
    public let entry: Int64
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

/// What `settle` did.
public struct RestoreSettlement: Sendable, Hashable {
  /// The channels whose reply numbers were advanced.
  public let channels: [ChannelID]
  /// How many sessions were ended, and sign-in links made void.
  public let sessions: Int
  public let links: Int
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

  /// Makes a restored desk safe to start, in one transaction, and records it in the audit.
  ///
  /// Reply numbers given after the moment are lost, but channels have cursors behind them: new replies with the same numbers would be
  /// skipped. So every channel's numbers continue far behind any that it can have. Sessions and sign-in links that were ended or used
  /// after the moment would be valid again: all are ended.
  /// - Parameter moment: what the desk was restored to.
  public func settle(restoredTo moment: Instant) async throws -> RestoreSettlement {
    try await pool.withTransaction { transaction in
      // First: with the entries of the sessions behind it, its number is where this history parts from the lost one.
      _ = try await transaction.query(RestoreStore.noteSettling, [moment])
      let channels = try await transaction.query(RestoreStore.advanceReplies, [StoreBounds.repliesSkippedByRestore])
      let sessions = try await transaction.query(RestoreStore.endSessions).count
      let links = try await transaction.query(RestoreStore.voidLinks).count
      return RestoreSettlement(channels: channels, sessions: sessions, links: links)
    }
  }
}

// MARK: - Statements

extension RestoreStore {
  /// The kind of the audit entry of a settling; its subject is the moment.
  private static let settlingKind = "desk.restored"

  /// A server that still recovers has no current position to name its timeline by.
  private static let readServer = PostgresStatement(
    "restored_server",
    """
    SELECT pg_is_in_recovery(), nullif(current_setting('recovery_target_time'), '')::timestamptz,
           CASE WHEN NOT pg_is_in_recovery() THEN ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::integer END,
           greatest((SELECT max(heartbeat_at) FROM desk.service_instance),
                    (SELECT at FROM desk.audit WHERE kind <> '\(settlingKind)' ORDER BY number DESC LIMIT 1)),
           s.subject::timestamptz, s.at, s.number
      FROM (SELECT) AS one
      LEFT JOIN (SELECT subject, min(at) AS at, min(number) AS number FROM desk.audit WHERE kind = '\(settlingKind)'
                  GROUP BY subject ORDER BY max(number) DESC LIMIT 1) s ON true
    """
  ) { row in
    let (isInRecovery, target, timeline) = (
      try row.next(Bool.self), try row.next(Instant?.self), try row.next(Int32?.self)
    )
    let (trace, moment, at, entry) = (
      try row.next(Instant?.self), try row.next(Instant?.self), try row.next(Instant?.self), try row.next(Int64?.self)
    )
    var settled: RestoredServer.Settling?
    if let moment, let at, let entry { settled = RestoredServer.Settling(moment: moment, at: at, entry: entry) }
    return RestoredServer(
      isInRecovery: isInRecovery, target: target, timeline: timeline, newestTrace: trace, settled: settled)
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

  /// Also channels without a reply yet: their first ones may have been written after the moment.
  private static let advanceReplies = PostgresStatement<ChannelID>(
    "advance_reply_numbers",
    """
    INSERT INTO desk.reply_channel AS c (channel, last_sequence)
    SELECT channel, $1::bigint FROM (
      SELECT channel FROM desk.reply_channel UNION SELECT channel FROM desk.api_key WHERE channel IS NOT NULL
      UNION SELECT channel FROM desk.channel_curve_key) AS known ORDER BY channel
    ON CONFLICT (channel) DO UPDATE SET last_sequence = c.last_sequence + excluded.last_sequence
    RETURNING channel
    """)

  private static let endSessions = PostgresStatement<Identifier<APIKey>>(
    "end_all_sessions",
    "UPDATE desk.session SET ended_at = clock_timestamp() WHERE \(AccessStore.isOpen) RETURNING id")

  private static let voidLinks = PostgresStatement<[UInt8]>(
    "void_sign_in_links",
    """
    UPDATE desk.sign_in_link SET expires_at = clock_timestamp() WHERE used_at IS NULL AND expires_at > clock_timestamp() RETURNING digest
    """)

  private static let noteSettling = PostgresStatement<Int64>(
    "note_settling",
    """
    SELECT desk.audit_append('\(settlingKind)', to_char($1::timestamptz AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '{}')
    """)
}
