import Store

/// The bounds of the notifier's work.
enum NotifierBounds {
  /// How long an endpoint may take for one delivery, from the connection to the last byte of its answer.
  static let deliveryTimeout: Duration = .seconds(20)
  /// For finding an endpoint's address.
  static let resolveTimeout: Duration = .seconds(5)
  /// How long a found address is used.
  static let addressLifetime: Duration = .seconds(30)
  /// Bytes of an endpoint's answer; nothing but its status matters.
  static let responseBytes = 16 << 10
  /// Deliveries to one hook at once, whatever the policy asks for.
  static let deliveriesPerHook = 64
  /// How long nobody else is given a delivery: longer than one can take, its bookkeeping included.
  static let claimTime: Duration = .seconds(60)
  /// Addresses of an endpoint's name that one attempt tries, best first.
  static let addressesPerAttempt = 4
  /// For reaching one of them, TLS included; all of them fit into an attempt.
  static let connectTimeout = deliveryTimeout / addressesPerAttempt
  /// How often a hook's outbox is looked at, whatever the hints say.
  static let pollPause: Duration = .milliseconds(500)
  /// How often the policy's hooks and the disabled ones are looked at.
  static let settlePause: Duration = .seconds(1)
  /// A hook that fails is left alone: at first this long, doubled up to the longest.
  static let firstRest: Duration = .milliseconds(500)
  static let longestRest: Duration = .seconds(30)
  /// The longest rest that an endpoint can ask for all its deliveries at once.
  static let longestAskedRest: Duration = .seconds(300)
  /// Attempts to write down how a delivery ended, and the pause between them.
  static let bookkeepingAttempts = 5
  static let bookkeepingPause: Duration = .milliseconds(500)
  /// How long a hook must be gone from the policy before what it is owed goes to the dead letters.
  static let graceOfVanished: Duration = .seconds(600)
  /// Between two looks for undeliverable notices, and for hooks that fail for long.
  static let buryingPause: Duration = .seconds(5)
  /// Between two countings of the outbox: at least, and at most however long a counting took.
  static let countingPause: Duration = .seconds(2)
  static let longestCountingPause: Duration = .seconds(60)
  /// A hook that has taken nothing for so long is brought to the operators' notice.
  static let failingBeforeNotice: Duration = .seconds(900)
  /// A hook that has taken nothing for so long, in at least so many attempts, is paused: what it is owed would use up its schedule.
  static let failingBeforePause: Duration = .seconds(86_400)
  static let failuresBeforePause: Int32 = 20
  /// How often a notifier repeats that it holds what a hook is owed.
  static let holdingReport: Duration = StoreBounds.holdReportHolds / 4
  /// Deliveries moved to the dead letters in one go.
  static let burialsPerRound = 256
}
