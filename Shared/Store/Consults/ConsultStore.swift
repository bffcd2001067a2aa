public import DeskCore
import PostgreSQL

/// Consults about tickets. Their steps are written with a step of the ticket (`TicketStore.commit(_:fencedBy:)`), so whoever reads a ticket
/// and then its consults, and commits under the ticket's version, has decided from the newest ones.
public struct ConsultStore: Sendable, StoreSession {
  let pool: PostgresPool
  let setAside: SetAsideRows
  let words: WordCodec
}

extension ConsultStore {
  /// Returns a consult; nil if there is none.
  public func consult(_ id: ConsultID) async throws -> StoredConsult? {
    try await pool.query(ConsultStore.one.opening(words), [id]).first
  }

  /// Returns the open consults of a ticket, at most `StoreBounds.openConsultsPerTicket`.
  public func open(on ticket: TicketID) async throws -> [StoredConsult] {
    try await pool.query(ConsultStore.openOnTicket.opening(words), [ticket])
  }

  /// Returns consults on a ticket whose identifiers end with these 8 bytes.
  public func consults(on ticket: TicketID, endingWith tail: [UInt8]) async throws -> [StoredConsult] {
    try await pool.query(ConsultStore.withTail.opening(words), [ticket, tail])
  }

  /// Returns a page of an agent's consults, newest first.
  /// - Parameters:
  ///   - states: only those in these states; empty for all.
  ///   - before: only those with an earlier identifier; nil for the newest.
  ///   - limit: the maximum number.
  public func consults(
    _ direction: ConsultDirection, in states: [Consult.State] = [], before: ConsultID?, limit: Int
  ) async throws -> [StoredConsult] {
    let names = states.map(\.rawValue)
    switch direction {
    case .by(let agent):
      return try await pool.query(ConsultStore.pageByAgent.opening(words), [agent, names, before, Int64(limit)])
    case .to(let agent, let lines):
      return try await pool.query(ConsultStore.pageToAgent.opening(words), [agent, lines, names, before, Int64(limit)])
    }
  }

  /// Returns what streams show: the newest open consults that were put to these agents and product lines, and the newest ones of these
  /// agents that were answered since `moment`.
  /// - Parameter limit: the maximum number for each agent and product line.
  public func news(
    for agents: [AgentID], lines: [ProductLineID], since moment: Instant, limit: Int
  ) async throws -> [StoredConsult] {
    try await pool.query(ConsultStore.newest.opening(words), [agents, lines, moment, Int64(limit)])
  }

  static func insertion(of consult: Consult, on ticket: TicketID) -> [any PostgresEncodable] {
    var agent: AgentID?
    var line: ProductLineID?
    switch consult.recipient {
    case .agent(let asked): agent = asked
    case .productLine(let asked): line = asked
    }
    return [
      consult.id, ticket, Int32(StoreBounds.openConsultsPerTicket), consult.asker, agent, line, consult.question,
      consult.askedAt,
    ]
  }

  static func change(of consult: Consult, on ticket: TicketID) -> [any PostgresEncodable] {
    var (agent, note): (AgentID?, MessageID?) = (nil, nil)
    if case .answered(let answerer, let message, _) = consult.phase { (agent, note) = (answerer, message) }
    return [consult.id, ticket, consult.state.rawValue, consult.endedAt, agent, note]
  }

  // MARK: Statements

  /// The ticket's row is locked by the step. Without a free place the row has none, and the transaction fails.
  static let insert = PostgresStatement<Void>(
    "insert_consult",
    """
    INSERT INTO desk.consult (id, ticket, slot, asker, asked_agent, asked_line, question, asked_at)
    SELECT $1::uuid, $2::uuid, (SELECT min(s) FROM generate_series(1, $3::integer) s
                     WHERE NOT EXISTS (SELECT FROM desk.consult o WHERE o.ticket = $2::uuid AND o.state = 'open' AND o.slot = s)),
           $4::text, $5::text, $6::text, $7::text, $8::timestamptz
    """)

  static let update = PostgresStatement<Void>(
    "step_consult",
    """
    UPDATE desk.consult SET state = $3, ended_at = $4, answered_by = $5, answer = $6
     WHERE id = $1 AND ticket = $2 AND state = 'open'
    """)

  private static let columns = """
    c.id, c.ticket, c.asker, c.asked_agent, c.asked_line, c.question, c.asked_at, c.state, c.ended_at, c.answered_by, c.answer,
    (SELECT m.body FROM desk.message m WHERE m.id = c.answer)
    """

  private static let read: @Sendable (inout PostgresRowReader) throws -> StoredConsult = { row in
    let (id, ticket) = (try row.next(ConsultID.self), try row.next(TicketID.self))
    let (asker, agent, line) = (
      try row.next(AgentID.self), try row.next(AgentID?.self), try row.next(ProductLineID?.self)
    )
    let (question, askedAt) = (try row.next(String?.self), try row.next(Instant.self))
    let (state, endedAt) = (try row.next(String.self), try row.next(Instant?.self))
    let (answerer, note) = (try row.next(AgentID?.self), try row.next(MessageID?.self))
    let answer = try row.next(String?.self)
    let recipient: Consult.Recipient
    switch (agent, line) {
    case (let agent?, nil): recipient = .agent(agent)
    case (nil, let line?): recipient = .productLine(line)
    default: throw StoreError.unreadable("consult")
    }
    let phase: Consult.Phase
    switch (Consult.State(rawValue: state), endedAt, answerer, note) {
    case (.open, nil, nil, nil): phase = .open
    case (.answered, let at?, let answerer?, let note?): phase = .answered(by: answerer, note: note, at: at)
    case (.withdrawn, let at?, nil, nil): phase = .withdrawn(at: at)
    case (.ended, let at?, nil, nil): phase = .ended(at: at)
    default: throw StoreError.unreadable("consult")
    }
    let consult = Consult(
      id: id, asker: asker, recipient: recipient, question: question, askedAt: askedAt, phase: phase)
    return StoredConsult(consult, on: ticket, answer: answer)
  }

  private static let one = PostgresStatement(
    "consult", "SELECT \(columns) FROM desk.consult c WHERE c.id = $1", row: read)

  private static let openOnTicket = PostgresStatement(
    "open_consults", "SELECT \(columns) FROM desk.consult c WHERE c.ticket = $1 AND c.state = 'open' ORDER BY c.slot",
    row: read)

  private static let withTail = PostgresStatement(
    "consults_with_tail",
    """
    SELECT \(columns) FROM desk.consult c
     WHERE c.ticket = $1 AND substring(uuid_send(c.id) FROM 9) = $2 ORDER BY c.id LIMIT 8
    """, row: read)

  private static let pageByAgent = PostgresStatement(
    "consults_by_agent",
    """
    SELECT \(columns) FROM desk.consult c
     WHERE c.asker = $1 AND (cardinality($2::text[]) = 0 OR c.state = ANY($2)) AND ($3::uuid IS NULL OR c.id < $3)
     ORDER BY c.id DESC LIMIT $4
    """, row: read)

  private static let pageToAgent = PostgresStatement(
    "consults_to_agent",
    """
    SELECT \(columns) FROM (
      (SELECT o.* FROM desk.consult o
        WHERE o.asked_agent = $1 AND (cardinality($3::text[]) = 0 OR o.state = ANY($3)) AND ($4::uuid IS NULL OR o.id < $4)
        ORDER BY o.id DESC LIMIT $5)
      UNION ALL
      SELECT o.* FROM unnest($2::text[]) AS l(line) CROSS JOIN LATERAL (
        SELECT o.* FROM desk.consult o
         WHERE o.asked_line = l.line AND o.asker <> $1 AND (cardinality($3::text[]) = 0 OR o.state = ANY($3))
           AND ($4::uuid IS NULL OR o.id < $4)
         ORDER BY o.id DESC LIMIT $5) o) c
     ORDER BY c.id DESC LIMIT $5
    """, row: read)

  private static let newest = PostgresStatement(
    "newest_consults",
    """
    SELECT \(columns) FROM (
      SELECT o.* FROM unnest($1::text[]) AS a(agent) CROSS JOIN LATERAL (
        SELECT o.* FROM desk.consult o WHERE o.asked_agent = a.agent AND o.state = 'open' ORDER BY o.id DESC LIMIT $4) o
      UNION ALL
      SELECT o.* FROM unnest($2::text[]) AS l(line) CROSS JOIN LATERAL (
        SELECT o.* FROM desk.consult o WHERE o.asked_line = l.line AND o.state = 'open' ORDER BY o.id DESC LIMIT $4) o
      UNION ALL
      SELECT o.* FROM unnest($1::text[]) AS a(agent) CROSS JOIN LATERAL (
        SELECT o.* FROM desk.consult o
         WHERE o.asker = a.agent AND o.state = 'answered' AND o.ended_at > $3 ORDER BY o.ended_at DESC LIMIT $4) o) c
     ORDER BY c.id
    """, row: read)
}
