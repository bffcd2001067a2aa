public import DeskCore
import PostgreSQL

/// One reader of the messages that are to be indexed.
///
/// A message's identifier is made before its row is committed, so a reader that follows the newest identifiers can miss one. Every message
/// is therefore looked for three times: soon, a minute and an hour after its identifier was made. Only what is missing is indexed then.
public struct SearchReader: Sendable, Hashable {
  /// The name of its position in `desk.watch_cursor`.
  public let name: String
  /// How old a message is, at least, when it is read.
  public let distance: Duration

  /// Creates a reader, whose position must exist.
  public init(name: String, distance: Duration) {
    self.name = name
    self.distance = distance
  }

  /// Follows the newest messages.
  public static let newest = SearchReader(name: "search", distance: .seconds(2))
  /// Reads again, for messages whose commit took longer.
  public static let minute = SearchReader(name: "search_minute", distance: .seconds(60))
  /// Reads once more, for messages that waited for the database, and reads what is older than the index.
  public static let hour = SearchReader(name: "search_hour", distance: StoreBounds.identifierDistance)
  /// All readers.
  public static let all = [newest, minute, hour]
}

/// What a reader has read in one go.
public struct SearchReading: Sendable {
  /// The messages that are missing in the index, oldest first.
  public let messages: [UnindexedMessage]
  /// The reader's position after them.
  public let upTo: MessageID
  /// How far the reader is behind its distance; zero when it has read everything.
  public let behind: Duration
  /// Whether there is more to read.
  public let isFull: Bool
  /// The reader's position before them.
  public let position: MessageID
  /// How many erasures there were when it was read.
  let erasures: Int64

  /// The rest of it, after some of its messages were stored.
  public func rest(after message: MessageID) -> SearchReading {
    SearchReading(
      messages: messages.filter { $0.id > message }, upTo: upTo, behind: behind, isFull: isFull, position: message,
      erasures: erasures)
  }
}

extension SearchStore {
  /// Reads on: at most `StoreBounds.messagesReadForIndex` messages, of which those are returned that are not indexed.
  ///
  /// The position follows the database's clock, also backwards: after a jump, messages are looked for again.
  /// - Returns: nil if the reader has no position, or another process has just moved it.
  public func read(by reader: SearchReader) async throws -> SearchReading? {
    guard let position = try await pool.query(SearchStore.position, [reader.name]).first else { return nil }
    let rows = try await pool.query(
      SearchStore.unindexed,
      [
        reader.name, reader.distance.inSeconds, Int64(StoreBounds.messagesReadForIndex),
        Int32(SearchLimits.textCharacters), position,
      ])
    guard let first = rows.first else { return nil }
    return SearchReading(
      messages: rows.compactMap(\.message), upTo: first.upTo,
      behind: first.isFull ? max(.zero, first.horizon.instant - first.upTo.instant) : .zero, isFull: first.isFull,
      position: first.position, erasures: first.erasures)
  }

  /// Stores the terms of messages, and moves the reader: both or nothing.
  ///
  /// - Parameters:
  ///   - messages: of `reading`, those up to `upTo`.
  ///   - reading: the reading that continues; after a part was stored, its rest.
  /// - Returns: false if another process has moved the reader, or a customer was erased meanwhile. Nothing was stored then.
  public func index(
    _ messages: some Collection<UnindexedMessage>, of reading: SearchReading, by reader: SearchReader, upTo: MessageID
  ) async throws -> Bool {
    let outcome = try await pool.query(
      SearchStore.store,
      [
        reader.name, reading.position, reading.erasures, upTo, messages.map(\.id), messages.map(\.terms.text),
      ])
    return outcome.first ?? false
  }

  // MARK: - Statements

  private struct ReadRow {
    let position: MessageID
    let erasures: Int64
    let horizon: MessageID
    let upTo: MessageID
    let isFull: Bool
    let message: UnindexedMessage?
  }

  private static let position = PostgresStatement<MessageID>(
    "search_position", "SELECT up_to FROM desk.watch_cursor WHERE name = $1", planning: .once)

  /// The position is a parameter, so that earlier days are not opened.
  private static let unindexed = PostgresStatement(
    "search_unindexed",
    """
    WITH reader AS MATERIALIZED (
      SELECT up_to AS low, erasures, desk.uuid_floor(clock_timestamp() - make_interval(secs => $2)) AS high
        FROM desk.watch_cursor WHERE name = $1 AND up_to = $5),
    span AS MATERIALIZED (
      SELECT m.id FROM desk.message m
       WHERE m.id > $5 AND m.id > (SELECT low FROM reader) AND m.id < (SELECT high FROM reader) ORDER BY m.id LIMIT $3),
    missing AS MATERIALIZED (
      SELECT s.id FROM span s
        LEFT JOIN LATERAL (SELECT true AS is_there FROM desk.search_entry e WHERE e.id = s.id AND e.id > $5 LIMIT 1) e ON true
       WHERE e.is_there IS NULL),
    state AS (
      SELECT r.*, c.read = $3 AS is_full, CASE WHEN c.read = $3 THEN c.last ELSE r.high END AS up_to
        FROM reader r, (SELECT (SELECT count(*) FROM span) AS read, (SELECT id FROM span ORDER BY id DESC LIMIT 1) AS last) c)
    SELECT s.low, s.erasures, s.high, s.up_to, s.is_full, m.id, m.ticket_id, m.direction, m.author, m.subject, m.body, m.attributes,
           m.attachments
      FROM state s
      LEFT JOIN LATERAL (
        SELECT m.id, m.ticket_id, m.direction, m.author, m.subject, \(WordCodec.beginning(of: "m.body", "$4")) AS body, m.attributes::text, m.attachments::text
          FROM missing g CROSS JOIN LATERAL (SELECT * FROM desk.message m WHERE m.id = g.id AND m.id > $5 LIMIT 1) m) m ON true
     ORDER BY m.id
    """, planning: .once
  ) { row in
    let (position, erasures): (MessageID, Int64) = (try row.next(), try row.next())
    let (horizon, upTo, isFull): (MessageID, MessageID, Bool) = (try row.next(), try row.next(), try row.next())
    var message: UnindexedMessage?
    if let id = try row.next(MessageID?.self) {
      message = try UnindexedMessage(
        id: id, ticket: row.next(), direction: row.next(), author: row.next(), subject: row.next(), body: row.next(),
        attributes: row.next(), attachments: row.next())
    } else {
      row.skipRest()
    }
    return ReadRow(
      position: position, erasures: erasures, horizon: horizon, upTo: upTo, isFull: isFull, message: message)
  }

  /// The row of the reader is the lock under which erasures and readers come one after the other.
  private static let store = PostgresStatement(
    "search_index",
    """
    WITH reader AS (
      UPDATE desk.watch_cursor SET up_to = $4 WHERE name = $1 AND up_to = $2 AND erasures = $3 RETURNING name),
    added AS (
      INSERT INTO desk.search_entry (id, terms)
      SELECT e.id, array_to_tsvector(string_to_array(e.terms, ' ')) FROM unnest($5::uuid[], $6::text[]) AS e(id, terms)
       WHERE EXISTS (SELECT FROM reader)
      ON CONFLICT (id) DO NOTHING)
    SELECT EXISTS (SELECT FROM reader)
    """, planning: .once
  ) { row in
    try row.next(Bool.self)
  }
}
