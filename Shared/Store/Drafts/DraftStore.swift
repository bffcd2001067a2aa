public import DeskCore
import PostgreSQL

/// What agents are writing. A draft is deleted in the transaction of the step that sends it (`TicketStep.sentDraft`).
public struct DraftStore: Sendable, StoreSession {
  let pool: PostgresPool
  let setAside: SetAsideRows
  let words: WordCodec
}

extension DraftStore {
  /// Returns the drafts on a ticket, newest first, at most `StoreBounds.draftsPerTicket`.
  public func drafts(on ticket: TicketID) async throws -> [Draft] {
    try await pool.query(DraftStore.ofTicket.opening(words), [ticket, Int64(StoreBounds.draftsPerTicket)])
  }

  /// Returns an agent's drafts, newest first, at most `StoreBounds.draftsPerAgent`.
  public func drafts(of agent: AgentID) async throws -> [Draft] {
    try await pool.query(DraftStore.ofAgent.opening(words), [agent, Int64(StoreBounds.draftsPerAgent)])
  }

  /// Returns the draft in a place; nil if there is none.
  public func draft(at place: Draft.Place) async throws -> Draft? {
    try await pool.query(DraftStore.one.opening(words), [place.ticket, place.agent, place.kind.rawValue]).first
  }

  /// Stores a text if the draft is still the one that it was written from.
  ///
  /// - Parameters:
  ///   - awaitsCustomer: false for a note.
  ///   - former: the key of the text that it replaces; nil for a new draft.
  ///   - key: the key of this text, never used before.
  /// - Returns: `kept` also when the same text is stored already, so that a repetition is harmless.
  public func keep(
    _ body: String, awaitsCustomer: Bool, at place: Draft.Place, replacing former: DraftKey?, as key: DraftKey
  ) async throws -> DraftOutcome {
    let values: [any PostgresEncodable] = [
      place.ticket, place.agent, place.kind.rawValue, try words.stored(body, .draft(place)), awaitsCustomer, key,
    ]
    let kept =
      if let former {
        try await pool.query(DraftStore.change.opening(words), values + [former]).first
      } else {
        try await pool.query(DraftStore.insert.opening(words), values + [Int64(StoreBounds.draftsPerAgent)]).first
      }
    if let kept { return .kept(kept) }
    let current = try await draft(at: place)
    if let current, current.body.hasSameBytes(as: body), current.awaitsCustomer == awaitsCustomer {
      return .kept(current)
    }
    return current == nil && former == nil ? .full : .conflict(current)
  }

  /// Deletes a draft.
  /// - Parameter key: only if this is its text; nil whatever it is.
  /// - Returns: the draft that is there, because it has another text; nil when there is none.
  public func delete(at place: Draft.Place, key: DraftKey?) async throws -> Draft? {
    try await pool.execute(DraftStore.remove, [place.ticket, place.agent, place.kind.rawValue, key])
    return key == nil ? nil : try await draft(at: place)
  }

  // MARK: Statements

  /// Within a step that sends it. A text that was changed meanwhile stays.
  static let deleteSent = PostgresStatement<Void>(
    "delete_sent_draft", "DELETE FROM desk.draft WHERE ticket = $1 AND agent = $2 AND kind = $3 AND key = $4",
    planning: .once)

  private static let columns = "ticket, agent, kind, body, awaits_customer, key, changed_at"

  private static let read: @Sendable (inout PostgresRowReader) throws -> Draft = { row in
    let (ticket, agent, kind) = try (row.next(TicketID.self), row.next(AgentID.self), row.next(String.self))
    guard let kind = Draft.Kind(rawValue: kind) else { throw StoreError.unreadable("draft") }
    return try Draft(
      place: Draft.Place(ticket: ticket, agent: agent, kind: kind), body: row.next(), awaitsCustomer: row.next(),
      key: row.next(), changedAt: row.next())
  }

  private static let ofTicket = PostgresStatement(
    "drafts_on_ticket",
    "SELECT \(columns) FROM desk.draft WHERE ticket = $1 ORDER BY changed_at DESC, agent, kind LIMIT $2",
    planning: .once, row: read)

  private static let ofAgent = PostgresStatement(
    "drafts_of_agent",
    "SELECT \(columns) FROM desk.draft WHERE agent = $1 ORDER BY changed_at DESC, ticket, kind LIMIT $2",
    planning: .once, row: read)

  private static let one = PostgresStatement(
    "draft", "SELECT \(columns) FROM desk.draft WHERE ticket = $1 AND agent = $2 AND kind = $3", planning: .once,
    row: read)

  private static let insert = PostgresStatement(
    "insert_draft",
    """
    INSERT INTO desk.draft (ticket, agent, kind, body, awaits_customer, key)
    SELECT $1::uuid, $2::text, $3::text, $4::text, $5::boolean, $6::uuid
     WHERE (SELECT count(*) FROM (SELECT FROM desk.draft d WHERE d.agent = $2::text LIMIT $7::bigint) few) < $7::bigint
    ON CONFLICT (ticket, agent, kind) DO NOTHING RETURNING \(columns)
    """, planning: .once, row: read)

  private static let change = PostgresStatement(
    "change_draft",
    """
    UPDATE desk.draft SET body = $4, awaits_customer = $5, key = $6, changed_at = clock_timestamp()
     WHERE ticket = $1 AND agent = $2 AND kind = $3 AND key = $7 RETURNING \(columns)
    """, planning: .once, row: read)

  private static let remove = PostgresStatement<Void>(
    "delete_draft",
    "DELETE FROM desk.draft WHERE ticket = $1 AND agent = $2 AND kind = $3 AND ($4::uuid IS NULL OR key = $4)",
    planning: .once)
}
