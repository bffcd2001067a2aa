import Store

/// The limits of the executor, in one place; those of intents are in `IntentBounds`.
enum ExecutorBounds {
  /// How often it looks for intents: what people wait for before a page.
  static let lookPause: Duration = .milliseconds(500)
  /// Mistakes of a policy, and changes for open tickets, that a result lists.
  static let mistakesListed = 20
  static let changesListed = 50
  /// Connections for carrying out one intent.
  static let connections = 2
  /// How long a statement of an intent may take.
  static let statementTimeout: Duration = .seconds(60)
}
