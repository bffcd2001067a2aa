public import DeskCore
import PostgreSQL

/// Crisis cases, and the signals that open them.
public struct CrisisStore: Sendable, StoreSession {
  let pool: PostgresPool
  let setAside: SetAsideRows
}

// MARK: - Reading cases

extension CrisisStore {
  /// Returns cases, newest first: those that were opened before a case, or the newest.
  public func cases(before: CrisisID?, limit: Int) async throws -> [CrisisCase] {
    try await pool.query(CrisisStore.listCases, [before, Int64(limit)])
  }

  /// Returns a case; nil if there is none.
  public func crisis(_ id: CrisisID) async throws -> CrisisCase? {
    try await pool.query(CrisisStore.oneCase, [id]).first
  }

  /// Returns the open case of a cause; nil if there is none.
  public func openCase(of cause: CrisisCause) async throws -> CrisisCase? {
    try await pool.query(CrisisStore.openCase, [cause.text]).first
  }

  /// Returns the open cases with an answer that is switched on, oldest first, at most `limit`.
  public func answering(limit: Int) async throws -> [AnsweringCrisis] {
    try await pool.query(CrisisStore.answeringCases, [Int64(limit)]).compactMap { crisis in
      let answers = crisis.answersOn
      guard !answers.isEmpty else { return nil }
      return AnsweringCrisis(id: crisis.id, cause: crisis.cause, kinds: crisis.evidence.kinds, answers: answers)
    }
  }

  /// Returns the causes for which no case opens by itself now: those with an open case, and those whose case ended within `rest`.
  public func restingCauses(rest: Duration) async throws -> Set<CrisisCause> {
    Set(try await pool.query(CrisisStore.resting, [rest.inSeconds]).compactMap { CrisisCause($0) })
  }

  /// Returns what a case is about, in numbers. Counts answers one by one, so it takes time.
  public func figures(of crisis: CrisisCase) async throws -> CrisisFigures {
    var figures = CrisisFigures()
    for row in try await pool.query(CrisisStore.byQueue, [crisis.id]) {
      figures.tickets += row.tickets
      figures.angry += row.angry
      if !row.queue.isEmpty { figures.queues[QueueID(row.queue)] = row.tickets }
    }
    figures.peak = try await pool.query(CrisisStore.peak, [crisis.id]).first
    if !crisis.answers.isEmpty {
      figures.answered =
        try await pool.query(CrisisStore.answered, [crisis.id, crisis.id.description, crisis.opened.at]).first ?? 0
    }
    return figures
  }
}

// MARK: - Changing cases

extension CrisisStore {
  /// Opens a case with the subscribers' notices, and counts what the desk has seen of it in the last quarter of an hour.
  /// - Parameter note: the audit entry of a person's step, written in the same transaction; its subject is the case.
  /// - Returns: false when a case of the cause is open already.
  public func open(
    _ crisis: CrisisCase, notifying notices: [Notice], noting note: AuditNote? = nil
  ) async throws -> Bool {
    try await pool.query(
      CrisisStore.insert,
      [
        crisis.id, crisis.cause.text, crisis.evidence.kinds, crisis.version, crisis.opened.at,
        crisis.evidence.examples, CrisisCodec.document(of: crisis),
      ] + CrisisStore.parameters(notices, note)
    ).first != nil
  }

  /// Stores a changed case, with the subscribers' notices.
  /// - Parameters:
  ///   - version: the version before the change.
  ///   - note: the audit entry, as in `open`.
  /// - Returns: false when it has another version by now.
  public func update(
    _ crisis: CrisisCase, from version: Int32, notifying notices: [Notice], noting note: AuditNote? = nil
  ) async throws -> Bool {
    try await pool.query(
      CrisisStore.change,
      [crisis.id, version, crisis.version, crisis.end?.mark.at, CrisisCodec.document(of: crisis)]
        + CrisisStore.parameters(notices, note)
    ).first != nil
  }

  /// An entry of the audit.
  public struct AuditNote: Sendable {
    let kind: String
    let detail: JSONValue

    /// Describes an entry.
    /// - Parameter detail: a JSON object.
    public init(_ kind: String, _ detail: JSONValue) {
      self.kind = kind
      self.detail = detail
    }
  }

  private static func parameters(_ notices: [Notice], _ note: AuditNote?) -> [any PostgresEncodable] {
    [
      notices.map(\.id), notices.map(\.hook), notices.map(\.kind.rawValue), notices.map(\.ticket),
      notices.map(\.body.json), note?.kind, note?.detail.json,
    ]
  }
}

// MARK: - Statements

extension CrisisStore {
  private static let columns = "id, cause, kinds, version, opened_at, examples, document::text"

  private static let listCases = PostgresStatement(
    "list_crises",
    "SELECT \(columns) FROM desk.crisis WHERE $1::uuid IS NULL OR id < $1 ORDER BY id DESC LIMIT $2",
    row: CrisisCodec.read)

  private static let oneCase = PostgresStatement(
    "one_crisis", "SELECT \(columns) FROM desk.crisis WHERE id = $1", row: CrisisCodec.read)

  private static let openCase = PostgresStatement(
    "open_crisis_of_cause", "SELECT \(columns) FROM desk.crisis WHERE cause = $1 AND ended_at IS NULL",
    row: CrisisCodec.read)

  private static let answeringCases = PostgresStatement(
    "answering_crises",
    """
    SELECT \(columns) FROM desk.crisis WHERE ended_at IS NULL AND document->'answers' @> '[{"on": true}]' ORDER BY id LIMIT $1
    """, planning: .once, row: CrisisCodec.read)

  private static let resting = PostgresStatement<String>(
    "resting_causes",
    """
    SELECT DISTINCT cause FROM desk.crisis WHERE ended_at IS NULL OR ended_at > now() - make_interval(secs => $1)
    """)

  private static let byQueue = PostgresStatement(
    "crisis_by_queue",
    """
    SELECT queue, sum(tickets)::bigint, sum(angry)::bigint FROM desk.crisis_slot WHERE crisis = $1 GROUP BY 1 ORDER BY 1
    """
  ) { row in
    try (queue: row.next(String.self), tickets: row.next(Int64.self), angry: row.next(Int64.self))
  }

  private static let peak = PostgresStatement(
    "crisis_peak",
    """
    SELECT slot, sum(tickets)::bigint AS tickets FROM desk.crisis_slot WHERE crisis = $1
     GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 1
    """
  ) { row in
    try CrisisFigures.Peak(at: row.next(), tickets: row.next())
  }

  /// A ticket gets at most one answer of a case.
  private static let answered = PostgresStatement<Int64>(
    "crisis_answered",
    """
    SELECT count(DISTINCT e.ticket_id) FROM desk.message m
      JOIN desk.ticket_event e ON e.ticket_id = m.ticket_id AND e.kind = 'crisis_answered' AND e.detail->>'crisis' = $2
     WHERE m.id >= desk.uuid_floor($3) AND m.direction = 2 AND m.author LIKE 'crisis:%'
       AND EXISTS (SELECT FROM desk.crisis WHERE id = $1)
    """)

  /// The first parameter of the notices is $\(first).
  private static func owed(_ first: Int, because source: String) -> String {
    """
    owed AS (
      INSERT INTO desk.outbox (id, hook, kind, ticket_id, body, created_at, next_attempt_at)
      SELECT n.id, n.hook, n.kind, n.ticket_id, n.body, now(), now()
        FROM \(source), unnest($\(first)::uuid[], $\(first + 1)::text[], $\(first + 2)::text[], $\(first + 3)::uuid[], $\(first + 4)::text[])
          AS n(id, hook, kind, ticket_id, body))
    """
  }

  /// The parameters of the audit entry are $\(first) and the next one.
  private static func noted(_ first: Int, of source: String) -> String {
    """
    SELECT c.id, CASE WHEN $\(first)::text IS NOT NULL
      THEN desk.audit_append($\(first)::text, c.id::text, $\(first + 1)::text::jsonb) END FROM \(source) c
    """
  }

  private static let readID: @Sendable (inout PostgresRowReader) throws -> CrisisID = { row in
    let id: CrisisID = try row.next()
    _ = try row.next(Int64?.self)
    return id
  }

  private static let insert = PostgresStatement(
    "open_crisis",
    """
    WITH opened AS (
      INSERT INTO desk.crisis (id, cause, kinds, version, opened_at, examples, document)
      VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (cause) WHERE ended_at IS NULL DO NOTHING RETURNING id, cause, kinds),
    \(owed(8, because: "opened")),
    seen AS (
      SELECT o.id, m.at, m.queue, m.angry FROM opened o JOIN desk.topic_mention m ON o.cause = 'words:' || m.topic
      UNION ALL
      SELECT o.id, m.at, m.queue, m.angry FROM opened o JOIN desk.question_member m
        ON o.cause NOT LIKE 'words:%' AND (o.kinds = '{}' OR m.category = ANY(o.kinds))
       WHERE m.at > now() - interval '15 minutes'),
    counted AS (
      INSERT INTO desk.crisis_slot (crisis, slot, queue, tickets, angry)
      SELECT id, date_bin('5 minutes', at, 'epoch'), coalesce(queue, ''), count(*), count(*) FILTER (WHERE angry)
        FROM seen GROUP BY 1, 2, 3)
    \(noted(13, of: "opened"))
    """, row: readID)

  private static let change = PostgresStatement(
    "change_crisis",
    """
    WITH changed AS (
      UPDATE desk.crisis SET version = $3, ended_at = $4, document = $5 WHERE id = $1 AND version = $2 RETURNING id),
    \(owed(6, because: "changed"))
    \(noted(11, of: "changed"))
    """, row: readID)
}
