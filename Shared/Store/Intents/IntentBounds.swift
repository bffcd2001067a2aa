/// The limits of intents.
public enum IntentBounds {
  /// Intents that wait or are being carried out, of all people.
  public static let unfinished = 100
  /// How long an intent waits for an executor before it is refused: what someone wanted ten minutes ago may be wrong now.
  public static let patience: Duration = .seconds(600)
  /// How long a claim holds without a sign of life of its executor, and the pause between two of them.
  public static let claimTime: Duration = .seconds(6)
  public static let claimRenewal: Duration = .seconds(2)
  /// How often an intent is claimed before it counts as failed.
  public static let claims: Int32 = 10
  /// Intents in one response.
  public static let perPage = 100
  /// Dead letters of one replay that are counted and frozen.
  public static let deadLettersPerReplay = 100_000
}
