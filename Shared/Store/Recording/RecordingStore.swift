public import DeskCore
import PostgreSQL

/// What a recording of a stretch of the desk is made from, read in pages while the desk works.
///
/// No statement reads a message, a name of a customer's, a contact or free text of a timeline: of an entry's details only the members in
/// `recordedMembers` leave the database.
public struct RecordingStore: Sendable, StoreSession {
  let pool: PostgresPool
  let setAside: SetAsideRows
}

/// A ticket as a recording needs it.
public struct RecordableTicket: Sendable, Hashable {
  public let id: TicketID
  public let channel: ChannelID
  /// The customer's external id: it is replaced by a pseudonym before anything is written.
  public let customer: String
  public let tier: String
  public let openedAt: Instant
  /// When the first response is or was due; nil without such a target.
  public let firstDueAt: Instant?
  /// The customer's dedicated agent.
  public let dedicatedAgent: AgentID?
}

/// A time in which one agent had a ticket.
public struct RecordableHands: Sendable, Hashable {
  public let ticket: TicketID
  public let agent: AgentID
  /// When the agent accepted it.
  public let since: Instant
  /// Seconds in which the agent worked on it, and in which the customer was waited for.
  public let handledSeconds: Double
  public let pendedSeconds: Double
  /// The kind of entry that ended it; nil while it lasts.
  public let endedBy: String?
}

/// A change of an agent's presence or capacity.
public struct PresenceChange: Sendable, Hashable {
  public let agent: AgentID
  public let at: Instant
  public let presence: String
  public let capacity: Int32
}

extension RecordingStore {
  /// Returns the number of tickets that were opened in a stretch.
  /// - Throws: `PostgresError`.
  public func ticketCount(from: Instant, to: Instant, timeout: Duration) async throws -> Int64 {
    try await pool.query(Self.countTickets, [from, to], timeout: timeout).first ?? 0
  }

  /// Returns a page of the tickets that were opened before `to` and had not ended before `from`, in the order of their identifiers.
  /// - Parameters:
  ///   - last: the ticket after which to continue.
  ///   - openedSince: for the first page, where `last` is nil: tickets opened earlier are omitted.
  /// - Throws: `PostgresError`.
  public func tickets(
    after last: TicketID?, openedSince: Instant, openAt from: Instant, openedBefore to: Instant, limit: Int,
    timeout: Duration
  ) async throws -> [RecordableTicket] {
    let after = last ?? TicketID(high: UInt64(max(0, openedSince.milliseconds)) << 16, low: 0)
    return try await pool.query(Self.ticketPage, [after, to, from, Int64(limit)], timeout: timeout)
  }

  /// Returns the timelines of tickets, each in its order, without free text.
  /// - Throws: `PostgresError`.
  public func entries(of tickets: [TicketID], timeout: Duration) async throws -> [TimelineRow] {
    try await pool.query(Self.entriesOfTickets, [tickets], timeout: timeout)
  }

  /// Returns who had tickets and for how long, each ticket's in their order.
  /// - Throws: `PostgresError`.
  public func hands(of tickets: [TicketID], timeout: Duration) async throws -> [RecordableHands] {
    try await pool.query(Self.handsOfTickets, [tickets], timeout: timeout)
  }

  /// Returns a page of the changes of presence in a stretch, and of each agent the last one before it, by agent and time.
  /// - Parameter last: the change after which to continue; nil for the first page.
  /// - Throws: `PostgresError`.
  public func presence(
    after last: PresenceChange?, from: Instant, to: Instant, limit: Int, timeout: Duration
  ) async throws -> [PresenceChange] {
    try await pool.query(
      Self.presencePage,
      [from, to, last?.agent ?? AgentID(""), last?.at ?? Instant(microseconds: 0), Int64(limit)], timeout: timeout)
  }

  // MARK: Statements

  private static let countTickets = PostgresStatement<Int64>(
    "recording_count",
    """
    SELECT (SELECT count(*) FROM desk.open_ticket
             WHERE ticket_id >= desk.uuid_floor($1) AND ticket_id < desk.uuid_floor($2) AND merged_into IS NULL)
         + (SELECT count(*) FROM desk.closed_ticket WHERE id >= desk.uuid_floor($1) AND id < desk.uuid_floor($2))
    """)

  /// Each half has its own limit, so that a page reads no more of either than it returns.
  private static let ticketPage = PostgresStatement(
    "recording_tickets",
    """
    WITH live AS (
      SELECT o.ticket_id AS id, o.channel, coalesce(o.known_as, o.customer) AS customer, o.tier, o.opened_at, t.first_due_at
        FROM desk.open_ticket o LEFT JOIN desk.ticket t ON t.id = o.ticket_id
       WHERE o.ticket_id > $1 AND o.ticket_id < desk.uuid_floor($2) AND o.merged_into IS NULL
       ORDER BY o.ticket_id LIMIT $4::bigint),
    ended AS (
      SELECT c.id, c.channel, c.customer, d.tier, c.opened_at, d.first_due_at
        FROM desk.closed_ticket c CROSS JOIN LATERAL jsonb_to_record(c.ticket) AS d(tier text, first_due_at timestamptz)
       WHERE c.id > $1 AND c.id < desk.uuid_floor($2) AND c.closed_at >= $3
       ORDER BY c.id LIMIT $4::bigint),
    page AS (SELECT * FROM live UNION ALL SELECT * FROM ended ORDER BY id LIMIT $4::bigint)
    SELECT p.id, p.channel, p.customer, p.tier, p.opened_at, p.first_due_at, coalesce(k.person_agent, k.dedicated_agent)
      FROM page p LEFT JOIN desk.customer k ON k.channel = p.channel AND k.external_id = p.customer
     ORDER BY p.id
    """
  ) { row in
    try RecordableTicket(
      id: row.next(), channel: row.next(), customer: row.next(), tier: row.next(), openedAt: row.next(),
      firstDueAt: row.next(), dedicatedAgent: row.next())
  }

  /// The details that leave the database. None of them has text of a customer or an agent.
  private static let recordedMembers = [
    "agent", "category", "channel", "clock", "confidence", "due_at_us", "fields_met", "found", "intent", "language",
    "model", "offer", "opened_at_us", "policy", "priority", "product_line", "queue", "sentiment", "skills", "state",
    "tier", "to_agent", "urgency", "weight",
  ]

  /// The kinds of entries that a recording is made from.
  private static let recordedKinds: [TimelineEntry.Kind] = [
    .queued, .triaged, .answered, .offered, .accepted, .declined, .offerTimedOut, .offerWithdrawn, .customerWrote,
    .replied, .resolved, .reopened, .closed, .rejected, .merged, .slaBreached, .transferred,
  ]

  private static let entriesOfTickets = PostgresStatement(
    "recording_entries",
    """
    SELECT ticket_id, version, position, kind, actor, at,
           (SELECT coalesce(jsonb_strip_nulls(jsonb_object_agg(m.key, m.value)), '{}'::jsonb)::text FROM jsonb_each(detail) m
             WHERE m.key = ANY('{\(recordedMembers.joined(separator: ","))}'::text[])),
           NULL::text
      FROM desk.ticket_event
     WHERE ticket_id = ANY($1)
       AND kind IN (\(recordedKinds.flatMap(\.storedNames).map { "'\($0)'" }.joined(separator: ", ")))
     ORDER BY ticket_id, version, position
    """
  ) { row in
    try TimelineRow(
      ticket: row.next(),
      event: StoredEvent(
        version: row.next(), position: row.next(), kind: row.next(), actor: row.next(), at: row.next(),
        detail: row.next(), traceparent: row.next()))
  }

  private static let handsOfTickets = PostgresStatement(
    "recording_hands",
    """
    WITH \(HandTimes.ctes("ticket_id = ANY($1)"))
    SELECT ticket_id, agent, since, handled, pended, ended_by FROM spells ORDER BY ticket_id, spell
    """
  ) { row in
    try RecordableHands(
      ticket: row.next(), agent: row.next(), since: row.next(), handledSeconds: row.next(), pendedSeconds: row.next(),
      endedBy: row.next())
  }

  private static let presencePage = PostgresStatement(
    "recording_presence",
    """
    SELECT agent, at, presence, capacity FROM desk.presence_change p
     WHERE (agent, at) > ($3::text, $4::timestamptz) AND at < $2
       AND (at >= $1 OR NOT EXISTS (
         SELECT FROM desk.presence_change n WHERE n.agent = p.agent AND n.at > p.at AND n.at <= $1))
     ORDER BY agent, at LIMIT $5::bigint
    """
  ) { row in
    try PresenceChange(agent: row.next(), at: row.next(), presence: row.next(), capacity: row.next())
  }
}
