public import DeskCore
import PostgreSQL

/// Messages that something names and that are not there.
public struct MissingMessages: Sendable, Hashable {
  /// How many.
  public let count: Int64
  /// The first of them.
  public let examples: [MessageID]
}

extension RestoreStore {
  /// Returns the tables that this build needs and the database does not have, in order.
  public func missingTables() async throws -> [String] {
    try await pool.query(RestoreStore.readMissingTables, [RestoreStore.tables])
  }

  /// Returns the messages that keys, the inbox, decisions in timelines, replies or dead letters name and that are not there.
  ///
  /// One set difference over all of them: it reads as much as the balance of the ledger. Below what retention has dropped, nothing is
  /// compared: there keys and dead letters outlive their messages.
  /// - Parameter examples: the maximum number.
  public func missingMessages(examples: Int) async throws -> MissingMessages {
    try await pool.query(RestoreStore.readMissingMessages, [Int64(examples)]).first
      ?? MissingMessages(count: 0, examples: [])
  }

  /// All tables but the days of partitioned ones, which retention drops.
  public static let tables: [String] =
    """
    agent_state api_key arrival_slot audit audit_free_text audit_head call_back capacity capacity_peak channel_curve_key closed_ticket
    closed_ticket_default consult correction crisis crisis_slot customer customer_contact customer_lookup customer_proof dead_letter draft
    feedback feedback_group follow_up hook_state hot_issue identity_provider inbox inspection intent interception lease message
    message_default message_key notice notice_read older_message open_ticket outbox person_join policy_version presence_change question_group
    question_member queue_pace rating reply reply_channel report_run request_key reserve_call search_entry search_entry_default
    service_instance session shadow_tally sign_in_answer sign_in_link stuck_queue ticket ticket_event ticket_event_default ticket_guest
    ticket_link ticket_read ticket_viewer timeline_range topic_mention watch_cursor word_key
    """.split(whereSeparator: \.isWhitespace).map { "desk.\($0)" } + ["public.schema_migration"]

  private static let readMissingTables = PostgresStatement<String>(
    "missing_tables", "SELECT name FROM unnest($1::text[]) AS name WHERE to_regclass(name) IS NULL ORDER BY name")

  private static let readMissingMessages = PostgresStatement(
    "missing_messages",
    """
    WITH dropped AS MATERIALIZED (
      SELECT coalesce(max(substring(detail FROM '"before": *"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"') COLLATE "C"),
                      '00000000-0000-0000-0000-000000000000')::uuid AS before
        FROM desk.audit WHERE kind IN ('retention.dropped', 'retention.forgotten')),
    named AS (
      SELECT message_id AS id FROM desk.message_key
      UNION ALL SELECT message_id FROM desk.inbox
      UNION ALL SELECT id FROM desk.reply
      UNION ALL SELECT id FROM desk.dead_letter WHERE kind = 'message' AND replayed_at IS NULL
      UNION ALL SELECT (detail->>'message')::uuid FROM desk.ticket_event
                 WHERE kind IN ('queued', 'triaged', 'answered', 'customer_wrote', 'rejected') AND detail ? 'message'),
    missing AS MATERIALIZED (
      SELECT id FROM named WHERE id >= (SELECT before FROM dropped) EXCEPT SELECT id FROM desk.message)
    SELECT (SELECT count(*) FROM missing), ARRAY(SELECT id FROM missing ORDER BY id LIMIT $1::bigint)
    """
  ) { row in try MissingMessages(count: row.next(), examples: row.next()) }
}
