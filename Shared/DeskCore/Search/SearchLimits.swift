/// Limits of what the search reads of texts and queries. Characters are Unicode scalars.
public enum SearchLimits {
  /// Characters of a message that are searched, and shown around a match.
  public static let textCharacters = 8_000
  /// Different terms of one message; the rest cannot be found.
  public static let termsPerMessage = 2_000
  /// Characters of a term. Longer words are found by these.
  public static let termCharacters = 64
  /// Attributes and attachments of a message whose texts are searched, each.
  public static let valuesPerMessage = 50
  /// Characters of a query.
  public static let queryCharacters = 1...100
  /// Terms of a query that are looked up; the rest of a longer query is ignored.
  public static let termsPerQuery = 32
  /// Characters of an excerpt, and those of them before its first match.
  public static let excerptCharacters = 160
  public static let charactersBeforeMatch = 40
  /// Matches that are marked in one excerpt.
  public static let matchesPerExcerpt = 20
}
