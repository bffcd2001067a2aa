public import DeskCore
import PostgreSQL

extension InboxStore {
  /// Returns which of these messages are still undecided.
  public func undecided(among messages: [MessageID]) async throws -> Set<MessageID> {
    Set(try await undecidedWords(of: messages).keys)
  }

  /// Returns author and current text of those of these messages that are still undecided: an erasure removes both. One whose words cannot
  /// be decrypted is quarantined and missing.
  public func undecidedWords(of messages: [MessageID]) async throws -> [MessageID: (author: String, text: String)] {
    guard let span = IdentifierSpan(of: messages) else { return [:] }
    let found = try await readableMessages(
      InboxStore.stillUndecided.opening(words), [messages, span.first, span.last])
    return Dictionary(
      found.map { ($0.message, (author: $0.author, text: $0.text)) }, uniquingKeysWith: { first, _ in first })
  }

  private struct UndecidedWords: WordedRow {
    let message: MessageID
    let author: String
    var text: String

    mutating func open(by words: WordCodec) throws { try words.open(&text, .body(message)) }
  }

  private static let stillUndecided = PostgresStatement(
    "still_undecided",
    """
    SELECT b.message_id, coalesce(m.author, ''), coalesce(m.body, '') FROM desk.inbox b
      LEFT JOIN LATERAL (
        SELECT m.author, m.body FROM desk.message m WHERE m.id = b.message_id AND m.id >= $2 AND m.id <= $3 LIMIT 1) m ON true
     WHERE b.message_id = ANY($1)
    """, planning: .once
  ) { row in
    try UndecidedWords(message: row.next(), author: row.next(), text: row.next())
  }
}
