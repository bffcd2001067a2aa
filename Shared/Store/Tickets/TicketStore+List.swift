public import DeskCore
import PostgreSQL

extension TicketStore {
  /// Returns live tickets that match a filter, those opened last first, without unreadable ones.
  ///
  /// A page examines a bounded number of tickets (`StoreBounds.ticketsExaminedPerPage`, with a text `ticketsSearchedPerPage`), so it can
  /// have fewer than `limit`, even none, and still have a next page.
  ///
  /// - Parameters:
  ///   - last: `next` of the page before; nil for the first page.
  ///   - limit: the maximum number of tickets, at least 1.
  ///   - timeout: how long it may take; nil uses the pool's own timeout.
  /// - Throws: `PostgresError`.
  public func list(
    _ filter: TicketFilter, after last: TicketID? = nil, limit: Int, timeout: Duration? = nil
  ) async throws -> TicketPage {
    let examined = filter.text == nil ? StoreBounds.ticketsExaminedPerPage : StoreBounds.ticketsSearchedPerPage
    let place = TicketListStatement.Place(
      // The identifier is made before the ticket is written, by another clock.
      from: filter.openedFrom.map { $0 - StoreBounds.identifierDistance },
      before: filter.openedBefore.map { $0 + StoreBounds.identifierDistance }, after: last)
    let found = try await pool.query(
      TicketListStatement.source(of: filter).statement,
      TicketListStatement.parameters(filter, place, examined: examined, limit: limit), timeout: timeout)
    guard let found = found.first else { throw StoreError.unreadable("list of tickets") }
    let kept = Array(found.matching.prefix(limit))
    let tickets = kept.isEmpty ? [] : try await readable(TicketStore.ticketsByID.opening(words), [kept])
    return TicketPage(
      tickets: tickets.sorted { $0.id > $1.id }, next: found.matching.count > limit ? kept.last : found.examinedUpTo)
  }
}

/// The statement behind `TicketStore.list(_:after:limit:timeout:)`.
private enum TicketListStatement {
  struct Found: Sendable {
    /// Newest first, at most one more than the page has.
    let matching: [TicketID]
    /// The oldest examined ticket; nil when there may be no older one.
    let examinedUpTo: TicketID?
  }

  /// The range of identifiers that is examined from its end.
  struct Place {
    let lowest: TicketID
    let end: TicketID

    init(from: Instant?, before: Instant?, after last: TicketID?) {
      lowest = from.map(Place.floor) ?? TicketID(high: 0, low: 0)
      let newest = before.map(Place.floor) ?? TicketID(high: .max, low: .max)
      end = last.map { min($0, newest) } ?? newest
    }

    private static func floor(_ instant: Instant) -> TicketID {
      TicketID(high: UInt64(min(max(0, instant.milliseconds), 0xFFFF_FFFF_FFFF)) << 16, low: 0)
    }
  }

  /// Where the examined tickets come from.
  enum Source {
    case all, ofAgents, ofCustomer

    var statement: PostgresStatement<Found> {
      switch self {
      case .all: TicketListStatement.all
      case .ofAgents: TicketListStatement.ofAgents
      case .ofCustomer: TicketListStatement.ofCustomer
      }
    }
  }

  static func source(of filter: TicketFilter) -> Source {
    if filter.customer != nil { return .ofCustomer }
    return filter.agents.isEmpty ? .all : .ofAgents
  }

  static func parameters(
    _ filter: TicketFilter, _ place: Place, examined: Int, limit: Int
  ) -> [any PostgresEncodable] {
    var parameters: [any PostgresEncodable] = [
      place.end, place.lowest, Int64(examined), Int64(limit + 1), filter.states, filter.queues, filter.agents,
      filter.priorities.map { Int16($0.rawValue) }, filter.isLate, filter.isEscalated, filter.channel,
      filter.openedFrom, filter.openedBefore, filter.sight?.agent, filter.sight?.queues ?? [],
      filter.text.map(pattern), Int64(StoreBounds.messagesSearchedPerTicket),
    ]
    if let customer = filter.customer { parameters.append(customer) }
    return parameters
  }

  /// Everything but letters stands for itself.
  private static func pattern(_ text: String) -> String {
    var pattern = "%"
    for scalar in text.unicodeScalars {
      if scalar == "\\" || scalar == "%" || scalar == "_" { pattern.unicodeScalars.append("\\") }
      pattern.unicodeScalars.append(scalar)
    }
    return pattern + "%"
  }

  // MARK: Sources

  /// Every live ticket has a row here, also before its first decision.
  private static let all = statement(
    "list_tickets",
    """
    SELECT o.ticket_id AS id, o.channel, o.opened_at FROM desk.open_ticket o
     WHERE o.ticket_id < $1 AND o.ticket_id >= $2 AND o.merged_into IS NULL
    """, order: "o.ticket_id")

  /// There are never more than the staff's capacity.
  private static let ofAgents = statement(
    "list_tickets_of_agents", "SELECT h.id, h.channel, h.opened_at FROM held h WHERE h.id < $1 AND h.id >= $2",
    order: "h.id",
    with: """
      held AS MATERIALIZED (
        SELECT id, channel, opened_at FROM desk.ticket WHERE holder IS NOT NULL AND holder = ANY($7)),

      """)

  /// A customer shares the tickets that their own were merged into, and has full ones under another name.
  private static let ofCustomer = statement(
    "list_tickets_of_customer",
    """
    SELECT s.id, o.channel, o.opened_at FROM shared s
      JOIN LATERAL (
        SELECT o.channel, o.opened_at FROM desk.open_ticket o WHERE o.ticket_id = s.id AND o.merged_into IS NULL LIMIT 1) o ON true
     WHERE s.id < $1 AND s.id >= $2
    """, order: "s.id",
    with: """
      shared AS MATERIALIZED (
        SELECT coalesce(merged_into, ticket_id) AS id FROM desk.open_ticket WHERE channel = $11 AND customer = $18
        UNION SELECT coalesce(merged_into, ticket_id) FROM desk.open_ticket WHERE channel = $11 AND known_as = $18
        UNION SELECT ticket FROM desk.ticket_guest WHERE channel = $11 AND customer = $18),

      """, channel: "true")

  // MARK: Text

  /// Tickets are looked up one at a time while the examined ones are read in order, so that the statement ends with a full page.
  private static func statement(
    _ name: String, _ source: String, order: String, with shared: String = "",
    channel: String = "($11::text IS NULL OR n.channel = $11)"
  ) -> PostgresStatement<Found> {
    PostgresStatement(
      name,
      """
      WITH \(shared)page AS MATERIALIZED (
        SELECT n.id FROM (\(source) ORDER BY \(order) DESC LIMIT $3) n
          LEFT JOIN LATERAL (
            SELECT \(columns) FROM desk.ticket t WHERE t.id = n.id LIMIT 1) t ON true
         WHERE \(channel) AND \(conditions)
         ORDER BY n.id DESC LIMIT $4)
      SELECT ARRAY(SELECT id FROM page ORDER BY id DESC),
             CASE WHEN (SELECT count(*) FROM page) < $4
               THEN (SELECT e.id FROM (\(source) ORDER BY \(order) DESC OFFSET $3 - 1 LIMIT 1) e) END
      """, planning: .once
    ) { row in
      try Found(matching: row.next(), examinedUpTo: row.next())
    }
  }

  private static let columns = """
    t.state, t.queue, t.priority, t.holder, t.agent, t.last_agent, t.first_met_at, t.first_paused_at, t.first_due_at,
    t.resolution_met_at, t.resolution_paused_at, t.resolution_due_at, t.clock_state
    """

  /// What is late is defined as by `ReportStore.queueFigures()`.
  private static let conditions = """
    (cardinality($5::text[]) = 0 OR coalesce(t.state, 'received') = ANY($5))
    AND (cardinality($6::text[]) = 0 OR t.queue = ANY($6))
    AND (cardinality($7::text[]) = 0 OR t.holder = ANY($7))
    AND (cardinality($8::smallint[]) = 0 OR coalesce(t.priority, 3::smallint) = ANY($8))
    AND ($9::boolean IS NULL OR $9 = coalesce(
      (t.first_met_at IS NULL AND t.first_paused_at IS NULL AND t.first_due_at < clock_timestamp())
      OR (t.resolution_met_at IS NULL AND t.resolution_paused_at IS NULL AND t.resolution_due_at < clock_timestamp())
      OR (t.clock_state ? 'next_since_us' AND desk.timestamp_from_us(t.clock_state->>'next_due_us') < clock_timestamp()), false))
    AND ($10::boolean IS NULL OR $10 = coalesce(t.clock_state ? 'escalation_steps', false))
    AND ($12::timestamptz IS NULL OR n.opened_at >= $12) AND ($13::timestamptz IS NULL OR n.opened_at < $13)
    AND ($14::text IS NULL OR t.holder = $14 OR t.agent = $14 OR t.last_agent = $14 OR t.queue = ANY($15::text[]))
    AND ($16::text IS NULL OR EXISTS (
      SELECT FROM (SELECT m.subject, m.body FROM desk.message m WHERE m.ticket_id = n.id ORDER BY m.id DESC LIMIT $17) recent
       WHERE recent.body ILIKE $16 OR recent.subject ILIKE $16))
    """
}
