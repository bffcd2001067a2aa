/// The named bounds of everything that sends, simulates or measures.
enum LoadBounds {
  /// Bytes of a file of messages that is read.
  static let fileBytes = 1 << 30
  /// Messages in one request, as intake takes them.
  static let messagesPerRequest = 1000
  /// Requests under way at once; intake allows one ZeroMQ peer 256.
  static let connections = 200
  /// How long one request may take before its messages are sent again.
  static let requestTimeout: Duration = .seconds(10)
  /// The pause before unanswered messages are sent again, doubling from the first to the last.
  static let retryPause: (first: Duration, last: Duration) = (.milliseconds(50), .seconds(2))
  /// Reasons of failures that are kept for the summary.
  static let reasonsKept = 8
  /// Bytes of an answer to a request.
  static let answerBytes = 8 << 20
  /// How often the progress line is drawn on a terminal.
  static let progressInterval: Duration = .milliseconds(250)
  /// How often a line is written where there is no terminal.
  static let plainProgressInterval: Duration = .seconds(5)
  /// Acknowledgements that are held against the database in one statement.
  static let claimsPerAudit = 1000
  /// How often something that has to become true is looked at again.
  static let lookInterval: Duration = .milliseconds(250)
  /// How long a desk of a command's own may take to become ready, and to end.
  static let privateDeskStart: Duration = .seconds(120)
  static let privateDeskEnd: Duration = .seconds(30)

  /// After how many messages a sample's customer may come back at the latest.
  static let returnAfter = 1_000_000

  // MARK: Simulated agents

  /// Agents that can be simulated at once.
  static let agents = 2000
  /// The pause before a lost stream is opened again, doubling from the first to the last.
  static let reconnectPause: (first: Duration, last: Duration) = (.milliseconds(200), .seconds(5))
  /// How often an agent looks at its inbox itself, so that a lost event only delays.
  static let inboxInterval: Duration = .seconds(5)
  /// Attempts at one step of an agent.
  static let stepAttempts = 5
  /// How long agents may take to go home.
  static let farewellTime: Duration = .seconds(10)
}
