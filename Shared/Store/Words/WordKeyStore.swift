public import DeskCore
import PostgreSQL

/// A key with which words of this desk are sealed.
public struct WordKey: Hashable, Sendable {
  public let name: String
  /// `proofText`, sealed with it.
  let proof: String
  /// When it was first used.
  public let since: Instant
}

/// The keys that words are sealed with, and resealing of all words in batches.
public struct WordKeyStore: Sendable, StoreSession {
  let pool: PostgresPool
  let setAside: SetAsideRows
  let words: WordCodec
}

extension WordKeyStore {
  /// What a key's proof contains.
  private static let proofText = "words of this desk"

  /// Returns the keys that words of this desk are sealed with, by name.
  public func keys() async throws -> [WordKey] {
    try await pool.query(WordKeyStore.list)
  }

  /// Records that words are about to be sealed with a cipher's key, so that processes without it are not ready.
  /// - Throws: `WordSealError.unreadable` when another key is known under this name; nothing must be sealed with it then.
  public func register(_ cipher: any WordCipher) async throws {
    guard let (key, box) = try cipher.seal(Self.proofText, at: Self.place(cipher.sealingKey ?? "")) else { return }
    try await pool.execute(WordKeyStore.insert, [key, box])
    for known in try await keys() where known.name == key { try Self.check(known, cipher) }
  }

  /// Returns why words of this desk cannot all be opened with a cipher; nil if they can.
  public func obstacle(to cipher: (any WordCipher)?) async throws -> WordSealError? {
    try await keys().lazy.compactMap { Self.obstacle(of: $0, to: cipher) }.first
  }

  /// Returns the keys of the desk that a cipher cannot decrypt with, by name.
  public func lost(to cipher: any WordCipher) async throws -> [String] {
    try await keys().filter { Self.obstacle(of: $0, to: cipher) != nil }.map(\.name)
  }

  /// Forgets keys with which nothing is sealed any more.
  public func forget(_ names: [String]) async throws {
    guard !names.isEmpty else { return }
    try await pool.execute(WordKeyStore.delete, [names])
  }

  private static func obstacle(of key: WordKey, to cipher: (any WordCipher)?) -> WordSealError? {
    guard let cipher else { return .noKeys(key.name) }
    do throws(WordSealError) {
      try check(key, cipher)
      return nil
    } catch {
      return error
    }
  }

  private static func check(_ key: WordKey, _ cipher: any WordCipher) throws(WordSealError) {
    guard try cipher.open(key.proof, under: key.name, at: place(key.name)) == proofText else { throw .unreadable }
  }

  private static func place(_ key: String) -> String { "word key\n\(key)" }

  // MARK: Statements

  private static let list = PostgresStatement(
    "word_keys", "SELECT name, proof, since FROM desk.word_key ORDER BY name", planning: .once
  ) { row in
    try WordKey(name: row.next(), proof: row.next(), since: row.next())
  }

  private static let insert = PostgresStatement<Void>(
    "add_word_key", "INSERT INTO desk.word_key (name, proof) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
    planning: .once)

  private static let delete = PostgresStatement<Void>(
    "forget_word_keys", "DELETE FROM desk.word_key WHERE name = ANY($1)")
}
