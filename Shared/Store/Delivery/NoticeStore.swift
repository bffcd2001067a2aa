public import DeskCore
import PostgreSQL

/// A notice to people: to one agent, or to everyone with a role.
public struct StaffNotice: Sendable, Hashable {
  /// Its identifier; later notices have greater ones.
  public let id: Identifier<StaffNotice>
  /// What happened, one of `kinds`.
  public let kind: String
  /// The ticket it is about; of a hot issue or a crisis, an example.
  public let ticket: TicketID?
  /// What is known of it, as a JSON object without customers' text.
  public let detail: String
  /// When it happened.
  public let createdAt: Instant
  /// When the reader who asked marked it as read.
  public let readAt: Instant?

  /// The kinds of notices, as the table's check has them; most are also kinds for hooks.
  public static let kinds = [
    "ticket.escalated", "sla.breached", "follow_up.opened", "issue.hot", "queue.stuck", "queue.moves",
    "callback.assigned", "callback.warned", "callback.broken", "delivery.failed", "message.failed",
    "crisis.opened", "crisis.changed", "crisis.ended", "inspection.scored", "inspection.appealed", "inspection.decided",
    "reserve.called", "reserve.released",
  ]
}

/// Who reads notices: an agent, who gets their own and those of their role.
public struct NoticeReader: Sendable, Hashable {
  public let agent: AgentID
  public let role: Role

  public init(agent: AgentID, role: Role) {
    self.agent = agent
    self.role = role
  }
}

/// Notices to people. The database writes them in the transaction of what they are about.
public struct NoticeStore: Sendable, StoreSession {
  let pool: PostgresPool
  let setAside: SetAsideRows

  /// Returns a reader's notices, newest first.
  /// - Parameters:
  ///   - last: only those before this one; nil for the newest.
  ///   - limit: the maximum number.
  public func notices(
    for reader: NoticeReader, before last: Identifier<StaffNotice>? = nil, limit: Int
  ) async throws -> [StaffNotice] {
    let last = last ?? Identifier(high: .max, low: .max)
    return try await pool.query(NoticeStore.ofReaders, [[reader.agent], [reader.role.rawValue], last, Int64(limit)])
      .map(\.notice)
  }

  /// Returns the newest notices of several readers, newest first, without those of readers who have none.
  /// - Parameter limit: the maximum number for each.
  public func newestNotices(for readers: [NoticeReader], limit: Int) async throws -> [NoticeReader: [StaffNotice]] {
    guard !readers.isEmpty else { return [:] }
    let rows = try await pool.query(
      NoticeStore.ofReaders,
      [
        readers.map(\.agent), readers.map(\.role.rawValue), Identifier<StaffNotice>(high: .max, low: .max),
        Int64(limit),
      ])
    return Dictionary(grouping: rows) { readers[$0.reader - 1] }.mapValues { $0.map(\.notice) }
  }

  /// Marks a notice as read. The first time counts.
  /// - Returns: the notice; nil if it does not exist or the reader does not receive it.
  public func markAsRead(_ id: Identifier<StaffNotice>, by reader: NoticeReader) async throws -> StaffNotice? {
    try await pool.execute(NoticeStore.mark, [id, reader.agent, reader.role.rawValue])
    return try await pool.query(NoticeStore.one, [id, reader.agent, reader.role.rawValue]).first
  }

  // MARK: Statements

  private struct ReaderRow: Sendable {
    /// Counts from one.
    let reader: Int
    let notice: StaffNotice
  }

  private static let columns = "n.id, n.kind, n.ticket, n.detail::text, n.created_at, d.read_at"

  private static let read: @Sendable (inout PostgresRowReader) throws -> StaffNotice = { row in
    try StaffNotice(
      id: row.next(), kind: row.next(), ticket: row.next(), detail: row.next(), createdAt: row.next(),
      readAt: row.next())
  }

  /// The newest notices of each reader are the ends of two ranges of the primary key.
  private static let ofReaders = PostgresStatement(
    "notices_of_readers",
    """
    SELECT r.place, \(columns) FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS r(agent, role, place)
     CROSS JOIN LATERAL (
       SELECT both_kinds.* FROM (
         (SELECT * FROM desk.notice WHERE receiver = 'role:' || r.role AND id < $3 ORDER BY id DESC LIMIT $4)
         UNION ALL (SELECT * FROM desk.notice WHERE receiver = 'agent:' || r.agent AND id < $3 ORDER BY id DESC LIMIT $4)) both_kinds
        ORDER BY both_kinds.id DESC LIMIT $4) n
      LEFT JOIN LATERAL (
        SELECT m.read_at FROM desk.notice_read m WHERE m.reader = r.agent AND m.notice = n.id LIMIT 1) d ON true
     ORDER BY r.place, n.id DESC
    """, planning: .once
  ) { row in
    try ReaderRow(reader: Int(row.next(Int64.self)), notice: read(&row))
  }

  private static let one = PostgresStatement(
    "notice_of_reader",
    """
    SELECT \(columns) FROM desk.notice n LEFT JOIN desk.notice_read d ON d.notice = n.id AND d.reader = $2
     WHERE n.id = $1 AND n.receiver IN ('agent:' || $2, 'role:' || $3)
    """, planning: .once, row: read)

  private static let mark = PostgresStatement<Void>(
    "mark_notice_as_read",
    """
    INSERT INTO desk.notice_read (notice, reader)
    SELECT n.id, $2 FROM desk.notice n WHERE n.id = $1 AND n.receiver IN ('agent:' || $2, 'role:' || $3) ON CONFLICT DO NOTHING
    """, planning: .once)
}
