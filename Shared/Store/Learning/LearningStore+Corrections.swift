public import DeskCore
import PostgreSQL

/// A message with the category set by a person, where the model had predicted another one or none.
public struct CorrectedMessage: Sendable, Hashable {
  /// The message.
  public let id: MessageID
  /// The category that the person chose.
  public let category: String
  /// The model whose label it replaced.
  public let modelVersion: String
  /// When it was corrected.
  public let correctedAt: Instant
  /// The subject line.
  public private(set) var subject: String?
  /// The message text.
  public private(set) var body: String

  /// Creates a correction.
  public init(
    id: MessageID, category: String, modelVersion: String, correctedAt: Instant, subject: String?, body: String
  ) {
    self.id = id
    self.category = category
    self.modelVersion = modelVersion
    self.correctedAt = correctedAt
    self.subject = subject
    self.body = body
  }
}

/// A customer's message, for comparing models.
public struct RecentMessage: Sendable, Hashable {
  /// The message.
  public let id: MessageID
  /// The subject line.
  public private(set) var subject: String?
  /// The message text.
  public private(set) var body: String
}

extension CorrectedMessage: WordedRow {
  mutating func open(by words: WordCodec) {
    words.openOrEmpty(&subject, .subject(id))
    words.openOrEmpty(&body, .body(id))
  }
}

extension RecentMessage: WordedRow {
  mutating func open(by words: WordCodec) {
    words.openOrEmpty(&subject, .subject(id))
    words.openOrEmpty(&body, .body(id))
  }
}

extension LearningStore {
  /// Returns corrections with their message texts, oldest first. A message that was corrected twice appears twice; those whose text
  /// retention has dropped, or whose customer was erased, are omitted.
  ///
  /// - Parameters:
  ///   - last: the last one that was read before, or nil.
  ///   - limit: how many at most.
  public func corrections(after last: CorrectedMessage?, limit: Int) async throws -> [CorrectedMessage] {
    try await pool.query(
      LearningStore.findCorrections.opening(words),
      [last?.correctedAt ?? Instant(microseconds: 0), last?.id ?? MessageID(high: 0, low: 0), Int64(limit)])
  }

  /// Returns customers' latest messages, newest first.
  public func recentMessages(limit: Int) async throws -> [RecentMessage] {
    try await pool.query(LearningStore.findRecentMessages.opening(words), [Int64(limit)])
  }

  /// Returns whether tickets with this label arrived within the time for which arrivals are kept, so that a model of the desk knows it.
  public func hasArrivals(of category: String) async throws -> Bool {
    try await pool.query(LearningStore.arrivalsOfCategory, [category]).first ?? false
  }

  private static let arrivalsOfCategory = PostgresStatement<Bool>(
    "has_arrivals_of_category", "SELECT EXISTS (SELECT FROM desk.arrival_slot WHERE category = $1)")

  private static let findCorrections = PostgresStatement(
    "corrections",
    """
    SELECT c.message, c.category, c.model_version, c.corrected_at, m.subject, m.body
      FROM desk.correction c JOIN desk.message m ON m.id = c.message
     WHERE (c.corrected_at, c.message) > ($1, $2) AND m.direction = 1 AND m.body <> ''
     ORDER BY c.corrected_at, c.message LIMIT $3
    """
  ) { row in
    try CorrectedMessage(
      id: row.next(), category: row.next(), modelVersion: row.next(), correctedAt: row.next(), subject: row.next(),
      body: row.next())
  }

  private static let findRecentMessages = PostgresStatement(
    "recent_messages",
    "SELECT id, subject, body FROM desk.message WHERE direction = 1 AND body <> '' ORDER BY id DESC LIMIT $1"
  ) { row in
    try RecentMessage(id: row.next(), subject: row.next(), body: row.next())
  }
}
