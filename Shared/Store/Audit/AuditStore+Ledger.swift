public import DeskCore
import PostgreSQL

/// A message that was acknowledged to a client.
public struct LedgerClaim: Sendable, Hashable {
  /// The channel that submitted it.
  public let channel: ChannelID
  /// The channel's id of the message.
  public let externalID: String
  /// The acknowledged identifier.
  public let message: MessageID

  /// Creates a claim.
  public init(channel: ChannelID, externalID: String, message: MessageID) {
    self.channel = channel
    self.externalID = externalID
    self.message = message
  }
}

/// The result of checking a claim against the database.
public struct LedgerFinding: Sendable, Hashable {
  /// The claim's index in the request.
  public let position: Int
  /// Message rows with the acknowledged identifier: 1 when correct.
  public let rows: Int64
  /// Whether the channel's id resolves to the acknowledged message.
  public let keyMatches: Bool
  /// Whether the channel's id resolves to another message.
  public let isUnderAnother: Bool
  /// Timeline entries that decided on the message: 1 once decided.
  public let decisions: Int64
  /// Its state: `undecided`, a ticket's state, `closed`, `rejected`, `dead_letter` or `nowhere`.
  public let whereabouts: String

  /// Creates a finding.
  public init(
    position: Int, rows: Int64, keyMatches: Bool, isUnderAnother: Bool = false, decisions: Int64, whereabouts: String
  ) {
    self.position = position
    self.rows = rows
    self.keyMatches = keyMatches
    self.isUnderAnother = isUnderAnother
    self.decisions = decisions
    self.whereabouts = whereabouts
  }
}

/// Invariants of the whole database that hold at any time.
public struct LedgerBalance: Sendable, Hashable {
  /// Messages from customers.
  public let messages: Int64
  /// Idempotency keys.
  public let keys: Int64
  /// Messages of one channel and external id beyond the first: 0 when correct.
  public let doubled: Int64
  /// Messages that are neither undecided, nor decided on, nor among the dead letters: 0 when correct.
  public let lost: Int64
  /// Tickets whose opening was decided more than once: 0 when correct.
  public let decidedTwice: Int64
  /// Agents whose load differs from what they hold: 0 when correct.
  public let wrongLoads: Int64
  /// Live tickets in a state that none can have, as far as their columns tell: 0 when correct.
  public let wrongTickets: Int64

  /// As a store has it.
  package init(
    messages: Int64, keys: Int64, doubled: Int64, lost: Int64, decidedTwice: Int64, wrongLoads: Int64,
    wrongTickets: Int64 = 0
  ) {
    self.messages = messages
    self.keys = keys
    self.doubled = doubled
    self.lost = lost
    self.decidedTwice = decidedTwice
    self.wrongLoads = wrongLoads
    self.wrongTickets = wrongTickets
  }
}

extension AuditStore {
  /// Checks acknowledgements against the database.
  public func audit(_ claims: [LedgerClaim]) async throws -> [LedgerFinding] {
    guard !claims.isEmpty else { return [] }
    return try await pool.query(
      AuditStore.auditClaims, [claims.map(\.channel), claims.map(\.externalID), claims.map(\.message)])
  }

  /// Checks the database's consistency. Reads everything: not for the hot path.
  public func balance() async throws -> LedgerBalance? {
    try await pool.query(AuditStore.balanceOfAll).first
  }

  /// Returns times from acceptance to the first decision, in microseconds, of tickets opened since a given time; at most `limit` of them.
  public func timesToQueue(since moment: Instant, limit: Int) async throws -> [Int64] {
    try await pool.query(AuditStore.timesToQueue, [moment, Int64(limit)])
  }

  private static let auditClaims = PostgresStatement(
    "audit_claims",
    """
    SELECT c.position - 1, (SELECT count(*) FROM desk.message m WHERE m.id = c.message_id),
           coalesce(k.message_id = c.message_id, false), coalesce(k.message_id <> c.message_id, false),
           (SELECT count(*) FROM desk.ticket_event e
             WHERE e.ticket_id = (SELECT m.ticket_id FROM desk.message m WHERE m.id = c.message_id)
               AND e.detail->>'message' = c.message_id::text AND e.kind IN ('queued', 'triaged', 'answered', 'customer_wrote', 'rejected')),
           CASE WHEN EXISTS (SELECT FROM desk.inbox b WHERE b.message_id = c.message_id) THEN 'undecided'
                WHEN EXISTS (SELECT FROM desk.dead_letter d WHERE d.id = c.message_id AND d.replayed_at IS NULL)
                THEN 'dead_letter'
                ELSE coalesce(
                  (SELECT t.state FROM desk.message m JOIN desk.ticket t ON t.id = m.ticket_id WHERE m.id = c.message_id),
                  (SELECT t.state FROM desk.message m JOIN desk.closed_ticket t ON t.id = m.ticket_id
                    WHERE m.id = c.message_id), 'nowhere') END
      FROM unnest($1::text[], $2::text[], $3::uuid[]) WITH ORDINALITY AS c(channel, external_id, message_id, position)
      LEFT JOIN LATERAL (
        SELECT k.message_id FROM desk.message_key k WHERE k.channel = c.channel AND k.external_id = c.external_id LIMIT 1) k ON true
     ORDER BY c.position
    """
  ) { row in
    try LedgerFinding(
      position: Int(row.next(Int64.self)), rows: row.next(), keyMatches: row.next(), isUnderAnother: row.next(),
      decisions: row.next(), whereabouts: row.next())
  }

  /// Set differences, because the planner lacks statistics for recently filled tables to join them well.
  private static let balanceOfAll = PostgresStatement(
    "ledger_balance",
    """
    WITH arrived AS MATERIALIZED (SELECT id, ticket_id FROM desk.message WHERE direction = 1),
    decided AS MATERIALIZED (
      SELECT (detail->>'message')::uuid AS message, count(*) AS times FROM desk.ticket_event
       WHERE kind IN ('queued', 'triaged', 'answered', 'customer_wrote', 'rejected') AND detail ? 'message' GROUP BY 1)
    SELECT (SELECT count(*) FROM arrived), (SELECT count(*) FROM desk.message_key),
           (SELECT count(*) FROM (SELECT id FROM arrived EXCEPT SELECT message_id FROM desk.message_key) keyless),
           (SELECT count(*) FROM (
              SELECT id FROM arrived EXCEPT SELECT message FROM decided EXCEPT SELECT message_id FROM desk.inbox
              EXCEPT SELECT id FROM desk.dead_letter WHERE replayed_at IS NULL) forgotten),
           (SELECT count(*) FROM decided WHERE times > 1),
           (SELECT count(*) FROM desk.agent_state s
             WHERE s.load <> coalesce((SELECT sum(t.weight) FROM desk.ticket t WHERE t.holder = s.agent), 0)),
           (SELECT count(*) FROM desk.ticket t WHERE desk.ticket_is_sound(t) IS NOT TRUE)
    """
  ) { row in
    try LedgerBalance(
      messages: row.next(), keys: row.next(), doubled: row.next(), lost: row.next(), decidedTwice: row.next(),
      wrongLoads: row.next(), wrongTickets: row.next())
  }

  private static let timesToQueue = PostgresStatement<Int64>(
    "times_to_queue",
    """
    SELECT (extract(epoch FROM e.at - m.received_at) * 1000000)::bigint
      FROM desk.ticket_event e JOIN desk.message m ON m.id = (e.detail->>'message')::uuid
     WHERE e.kind IN ('queued', 'triaged', 'answered', 'customer_wrote') AND m.received_at >= $1 LIMIT $2
    """)
}
