public import DeskCore
import PostgreSQL

/// How often, on live messages, the model in force predicted one category and a shadow model another or the same, and
/// how confident both were. Sums are over the messages.
public struct ShadowTally: Sendable, Hashable {
  /// The key of a tally.
  public struct Pair: Sendable, Hashable {
    /// Versions of the model in force and of the shadow model.
    public let champion: String
    public let challenger: String
    /// Their predicted categories.
    public let championCategory: String
    public let challengerCategory: String

    /// Creates a pair.
    public init(champion: String, challenger: String, championCategory: String, challengerCategory: String) {
      self.champion = champion
      self.challenger = challenger
      self.championCategory = championCategory
      self.challengerCategory = challengerCategory
    }

    /// Whether both agree.
    public var agrees: Bool { championCategory == challengerCategory }
  }

  public let pair: Pair
  public var messages: Int64 = 0
  /// Messages for which each was confident enough to need no triage.
  public var championAutomatic: Int64 = 0
  public var challengerAutomatic: Int64 = 0
  public var championConfidence = 0.0
  public var challengerConfidence = 0.0
  /// Sums of the shares of n-grams unknown to each one's training.
  public var championUnfamiliar = 0.0
  public var challengerUnfamiliar = 0.0

  /// Creates an empty tally.
  public init(_ pair: Pair) { self.pair = pair }

  /// Adds counts of the same pair from elsewhere.
  public mutating func add(_ other: ShadowTally) {
    messages += other.messages
    championAutomatic += other.championAutomatic
    challengerAutomatic += other.challengerAutomatic
    championConfidence += other.championConfidence
    challengerConfidence += other.challengerConfidence
    championUnfamiliar += other.championUnfamiliar
    challengerUnfamiliar += other.challengerUnfamiliar
  }
}

/// A shadow model tried on live messages.
public struct ShadowTrial: Sendable, Hashable {
  /// Versions of the model in force and of the shadow model.
  public let champion: String
  public let challenger: String
  public let firstAt: Instant
  public let lastAt: Instant
}

extension LearningStore {
  /// Adds tallies to the stored ones; each pair occurs once.
  public func add(_ tallies: [ShadowTally]) async throws {
    guard !tallies.isEmpty else { return }
    // In a fixed order, so that concurrently writing classifiers do not deadlock.
    let tallies = tallies.sorted {
      ($0.pair.champion, $0.pair.challenger, $0.pair.championCategory, $0.pair.challengerCategory)
        < ($1.pair.champion, $1.pair.challenger, $1.pair.championCategory, $1.pair.challengerCategory)
    }
    try await pool.execute(
      LearningStore.addTallies,
      [
        tallies.map(\.pair.champion), tallies.map(\.pair.challenger), tallies.map(\.pair.championCategory),
        tallies.map(\.pair.challengerCategory), tallies.map(\.messages), tallies.map(\.championAutomatic),
        tallies.map(\.challengerAutomatic), tallies.map(\.championConfidence), tallies.map(\.challengerConfidence),
        tallies.map(\.championUnfamiliar), tallies.map(\.challengerUnfamiliar),
      ])
  }

  /// Returns all tallies of a model in force and a shadow model, most messages first.
  public func shadowTallies(champion: String, challenger: String) async throws -> [ShadowTally] {
    try await pool.query(LearningStore.findTallies, [champion, challenger])
  }

  /// Returns the tried models, newest first.
  public func shadowTrials(limit: Int) async throws -> [ShadowTrial] {
    try await pool.query(LearningStore.findTrials, [Int64(limit)])
  }

  /// Deletes trials that got no message for a given number of days.
  public func forgetShadowTrials(idleForDays days: Int) async throws {
    try await pool.execute(LearningStore.forgetTrials, [Int64(days)])
  }

  private static let addTallies = PostgresStatement<Void>(
    "add_shadow_tallies",
    """
    INSERT INTO desk.shadow_tally AS t (champion, challenger, champion_category, challenger_category, messages, champion_automatic,
      challenger_automatic, champion_confidence, challenger_confidence, champion_unfamiliar, challenger_unfamiliar)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[],
      $8::double precision[], $9::double precision[], $10::double precision[], $11::double precision[])
    ON CONFLICT (champion, challenger, champion_category, challenger_category) DO UPDATE SET
      messages = t.messages + excluded.messages,
      champion_automatic = t.champion_automatic + excluded.champion_automatic,
      challenger_automatic = t.challenger_automatic + excluded.challenger_automatic,
      champion_confidence = t.champion_confidence + excluded.champion_confidence,
      challenger_confidence = t.challenger_confidence + excluded.challenger_confidence,
      champion_unfamiliar = t.champion_unfamiliar + excluded.champion_unfamiliar,
      challenger_unfamiliar = t.challenger_unfamiliar + excluded.challenger_unfamiliar,
      last_at = now()
    """)

  private static let findTallies = PostgresStatement(
    "shadow_tallies",
    """
    SELECT champion, challenger, champion_category, challenger_category, messages, champion_automatic, challenger_automatic,
           champion_confidence, challenger_confidence, champion_unfamiliar, challenger_unfamiliar
      FROM desk.shadow_tally WHERE champion = $1 AND challenger = $2
     ORDER BY messages DESC, champion_category, challenger_category
    """
  ) { row in
    var tally = ShadowTally(
      try ShadowTally.Pair(
        champion: row.next(), challenger: row.next(), championCategory: row.next(), challengerCategory: row.next()))
    tally.messages = try row.next()
    tally.championAutomatic = try row.next()
    tally.challengerAutomatic = try row.next()
    tally.championConfidence = try row.next()
    tally.challengerConfidence = try row.next()
    tally.championUnfamiliar = try row.next()
    tally.challengerUnfamiliar = try row.next()
    return tally
  }

  private static let findTrials = PostgresStatement(
    "shadow_trials",
    """
    SELECT champion, challenger, min(first_at), max(last_at) FROM desk.shadow_tally
     GROUP BY champion, challenger ORDER BY max(last_at) DESC, champion, challenger LIMIT $1
    """
  ) { row in
    try ShadowTrial(champion: row.next(), challenger: row.next(), firstAt: row.next(), lastAt: row.next())
  }

  private static let forgetTrials = PostgresStatement<Void>(
    "forget_shadow_trials",
    """
    DELETE FROM desk.shadow_tally t USING (
      SELECT champion, challenger FROM desk.shadow_tally
       GROUP BY champion, challenger HAVING max(last_at) < now() - $1 * interval '1 day') old
     WHERE t.champion = old.champion AND t.challenger = old.challenger
    """)
}
