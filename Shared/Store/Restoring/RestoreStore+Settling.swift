public import DeskCore
import PostgreSQL

/// What is settled on a restored desk, and what its operator had to overrule.
public struct SettlingTerms: Sendable, Hashable {
  /// What the desk was restored to.
  public var moment: Instant
  /// Whether the database went back in time without a recovery of its server, by a snapshot of its disk or a dump.
  public var isWithoutRecovery = false
  /// Whether it is settled although this timeline is: without a recovery, the timeline does not tell that it was restored again.
  public var isRepeated = false
  /// The audit entry at which the chain was not sound; nil where it was.
  public var brokenEntry: Int64?

  /// Creates terms that overrule nothing.
  public init(moment: Instant) { self.moment = moment }
}

/// What `settle` did.
public struct RestoreSettlement: Sendable, Hashable {
  /// Whether this timeline was settled before: then nothing was changed.
  public let wasSettled: Bool
  /// The channels whose reply numbers were advanced.
  public let channels: [ChannelID]
  /// How many sessions were ended, and sign-in links made void.
  public let sessions: Int
  public let links: Int
}

extension RestoreStore {
  /// Makes a restored desk safe to start, in one transaction, and records it in the audit; changes nothing if this timeline is settled.
  ///
  /// Reply numbers given after the moment are lost, but channels have cursors behind them: new replies with the same numbers would be
  /// skipped. So every channel's numbers continue far behind any that it can have. Sessions and sign-in links that were ended or used
  /// after the moment would be valid again: all are ended.
  public func settle(_ terms: SettlingTerms) async throws -> RestoreSettlement {
    try await pool.withTransaction { transaction in
      // Of two at once the second waits here, and then finds the first one's entry.
      _ = try await transaction.query(RestoreStore.lockAudit)
      if !terms.isRepeated, try await transaction.query(RestoreStore.readIsSettled).first == true {
        return RestoreSettlement(wasSettled: true, channels: [], sessions: 0, links: 0)
      }
      // First: with the entries of the sessions behind it, its number is where this history parts from the lost one.
      _ = try await transaction.query(
        RestoreStore.noteSettling, [terms.moment, terms.isWithoutRecovery, terms.brokenEntry])
      let channels = try await transaction.query(RestoreStore.advanceReplies, [StoreBounds.repliesSkippedByRestore])
      let sessions = try await transaction.query(RestoreStore.endSessions).count
      let links = try await transaction.query(RestoreStore.voidLinks).count
      return RestoreSettlement(wasSettled: false, channels: channels, sessions: sessions, links: links)
    }
  }
}

// MARK: - Statements

extension RestoreStore {
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

  private static let lockAudit = PostgresStatement<Int64>(
    "lock_audit_to_settle", "SELECT number FROM desk.audit_head FOR UPDATE")

  private static let readIsSettled = PostgresStatement<Bool>(
    "is_settled", "SELECT coalesce(s.timeline = \(timeline), true) FROM (\(lastSettling)) AS s")

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
    SELECT desk.audit_append(
      '\(settlingKind)', to_char($1::timestamptz AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
      jsonb_strip_nulls(jsonb_build_object(
        'timeline', \(timeline), 'without_recovery', nullif($2::boolean, false), 'audit_broken_at', $3::bigint)))
    """)
}
