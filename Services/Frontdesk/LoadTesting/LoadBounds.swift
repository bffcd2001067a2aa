import DeskCore

/// The named bounds of everything that sends, simulates or measures.
enum LoadBounds {
  /// The maximum size of a message file in bytes.
  static let fileBytes = 1 << 30
  /// The maximum messages per request, as limited by intake.
  static let messagesPerRequest = 1000
  /// The maximum concurrent requests; intake allows one ZeroMQ peer 256.
  static let connections = 200
  /// How long one request may take before its messages are sent again.
  static let requestTimeout: Duration = .seconds(10)
  /// The pauses before unanswered messages are resent.
  static let retryPause = ExponentialBackOff(from: .milliseconds(50), upTo: .seconds(2))
  /// Failure reasons kept for the summary.
  static let reasonsKept = 8
  /// Bytes of an answer to a request.
  static let answerBytes = 8 << 20
  /// How often the progress line is drawn on a terminal.
  static let progressInterval: Duration = .milliseconds(250)
  /// How often a line is written where there is no terminal.
  static let plainProgressInterval: Duration = .seconds(5)
  /// How long a command's private desk may take to become ready, and to stop.
  static let privateDeskStart: Duration = .seconds(120)
  static let privateDeskEnd: Duration = .seconds(30)

  /// The maximum number of messages after which a sample's customer writes again.
  static let returnAfter = 1_000_000

  // MARK: Replies

  /// Replies per page.
  static let repliesPerPage = 50
  /// Bytes of a page of replies.
  static let replyPageBytes = 64 << 20
  /// The silence after which a stream of replies counts as lost: a few of intake's heartbeats.
  static let replySilence: Duration = .seconds(60)

  // MARK: Simulated agents

  /// The maximum number of simulated agents.
  static let agents = 2000
  /// The pauses before a lost stream is reopened.
  static let reconnectPause = ExponentialBackOff(from: .milliseconds(200), upTo: .seconds(5))
  /// How often an agent looks at the inbox without a cause, so that a lost event only causes a delay.
  static let inboxInterval: Duration = .seconds(30)
  /// How long an agent who let an offer expire stays away.
  static let ignoringPause: Duration = .seconds(40)
  /// Attempts per step of an agent.
  static let stepAttempts = 5
  /// How long agents may take to sign out.
  static let farewellTime: Duration = .seconds(10)
}
