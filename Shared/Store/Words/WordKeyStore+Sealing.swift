import DeskCore
import PostgreSQL

/// A position of a walk over all words.
public struct WordCursor: Hashable, Sendable {
  public let table: WordTable
  fileprivate let names: [String]

  /// Before the first row of a table.
  public init(before table: WordTable) {
    self.table = table
    names = WordRow.first
  }

  fileprivate init(behind row: WordRow) {
    table = row.table
    names = row.names
  }
}

/// What a page of a walk over all words found, or did.
public struct WordTally: Hashable, Sendable {
  /// The rows read.
  public var rows = 0
  /// The rows whose words were rewritten.
  public var changed = 0
  /// The texts by the key that they are sealed with, nil for those that are stored as they are: before anything was changed.
  public var texts: [String?: Int] = [:]
  /// Rows with a text that could not be opened, by the reason; some of them as examples.
  public var unreadable = 0
  public var reason: WordSealError?
  public var example: String?

  /// Creates an empty tally.
  public init() {}

  /// Adds another page's.
  public mutating func add(_ other: WordTally) {
    rows += other.rows
    changed += other.changed
    texts.merge(other.texts) { $0 + $1 }
    unreadable += other.unreadable
    reason = reason ?? other.reason
    example = example ?? other.example
  }
}

extension WordKeyStore {
  /// Counts how the words of the next rows are stored.
  /// - Returns: what was found, and the position behind it; nil at the end of the table.
  public func count(after cursor: WordCursor) async throws -> (tally: WordTally, next: WordCursor?) {
    let rows = try await read(cursor.table.heads, cursor)
    var tally = WordTally()
    for row in rows { tally.see(row) }
    return (tally, next(behind: rows))
  }

  /// Rewrites the words of the next rows: sealed with the cipher's key, or as they are if it has none. What another process has changed
  /// meanwhile stays, as it was written with that process's keys.
  ///
  /// - Parameter lost: keys that no longer exist. Texts that are sealed with them become empty.
  public func reseal(
    after cursor: WordCursor, discarding lost: [String] = []
  ) async throws -> (tally: WordTally, next: WordCursor?) {
    let rows = try await read(cursor.table.page, cursor)
    var tally = WordTally()
    var exchanges: [Exchange] = []
    for row in rows {
      tally.see(row)
      do {
        if let exchange = try exchange(for: row, discarding: lost) { exchanges.append(exchange) }
      } catch let error as WordSealError {
        tally.unreadable += 1
        tally.reason = tally.reason ?? error
        tally.example = tally.example ?? "\(row.table.rawValue) \(row.names[0])"
      }
    }
    if !exchanges.isEmpty { tally.changed = try await carryOut(exchanges, in: cursor.table) }
    return (tally, next(behind: rows))
  }

  private func read(_ statement: PostgresStatement<WordRow>, _ cursor: WordCursor) async throws -> [WordRow] {
    try await pool.query(statement, cursor.names.map { $0 } + [Int64(StoreBounds.wordRowsPerPage)])
  }

  private func next(behind rows: [WordRow]) -> WordCursor? {
    rows.count < StoreBounds.wordRowsPerPage ? nil : rows.last.map { WordCursor(behind: $0) }
  }

  // MARK: Exchanging

  private struct Exchange {
    let row: WordRow
    let new: [String?]
    let terms: String?
  }

  /// - Returns: nil if the row is as it should be.
  private func exchange(for row: WordRow, discarding lost: [String]) throws -> Exchange? {
    guard let places = row.places else { return nil }
    let target = words.cipher?.sealingKey
    var new = row.stored
    var opened = row.stored
    var isChanged = false
    for (cell, place) in places.enumerated() {
      guard let stored = row.stored[cell], !stored.isEmpty else { continue }
      let key = WordCodec.key(of: stored)
      if let key, lost.contains(key) {
        // A text that must not be missing is empty.
        (opened[cell], new[cell]) = row.isJSON(cell) ? (nil, nil) : ("", "")
        isChanged = true
        continue
      }
      try words.open(&opened[cell], place)
      guard key != target else { continue }
      new[cell] = try opened[cell].map { try words.stored($0, place) }
      isChanged = true
    }
    guard isChanged else { return nil }
    for cell in new.indices where row.isJSON(cell) { new[cell] = Self.json(new[cell]) }
    return Exchange(row: row, new: new, terms: row.terms(of: opened, areSealed: target != nil))
  }

  /// A sealed text as a JSON string; other JSON as it is.
  private static func json(_ text: String?) -> String? {
    text.map { WordCodec.isMarked($0) ? JSONValue.text($0).json : $0 }
  }

  private func carryOut(_ exchanges: [Exchange], in table: WordTable) async throws -> Int {
    var batch = PostgresBatch("exchange_words")
    let names: [any PostgresEncodable] = (0..<3).map { place in exchanges.map { $0.row.names[place] } }
    let cells = table == .messages ? 0..<WordRow.cellsMost : 0..<1
    let was: [any PostgresEncodable] = cells.map { cell in exchanges.map { $0.row.stored[cell] } }
    let new: [any PostgresEncodable] = cells.map { cell in exchanges.map { $0.new[cell] } }
    var values = names + was + new
    if table == .messages {
      batch.add(WordTable.interruptIndexing)
      values.append(exchanges.map(\.terms))
    }
    let exchanged = batch.add(table.exchange, values)
    return try await retryingDeadlocks { Int(try await pool.transaction(batch).rows(exchanged).first ?? 0) }
  }
}

extension WordTally {
  /// Counts a row's texts.
  fileprivate mutating func see(_ row: WordRow) {
    rows += 1
    for case let text? in row.stored where !text.isEmpty { texts[WordCodec.key(of: text), default: 0] += 1 }
  }
}
