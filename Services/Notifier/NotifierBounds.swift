import ServiceHealth
import Store

/// Limits of the notifier's work.
enum NotifierBounds {
  /// How long an endpoint may take for one delivery, from the connection to the last byte of its answer.
  static let deliveryTimeout: Duration = .seconds(20)
  /// The timeout for resolving an endpoint's address.
  static let resolveTimeout: Duration = .seconds(5)
  /// How long a resolved address is used.
  static let addressLifetime: Duration = .seconds(30)
  /// Bytes of an endpoint's response; only its status matters.
  static let responseBytes = 16 << 10
  /// Deliveries to one hook at once, whatever the policy asks for.
  static let deliveriesPerHook = 64
  /// How long no other notifier gets a claimed delivery: longer than one can take, including its bookkeeping.
  static let claimTime: Duration = .seconds(60)
  /// Addresses of an endpoint's name that one attempt tries, best first.
  static let addressesPerAttempt = 4
  /// The timeout for connecting to one of them, including TLS; all of them fit into an attempt.
  static let connectTimeout = deliveryTimeout / addressesPerAttempt
  /// How often a hook's outbox is polled, independent of hints.
  static let pollPause: Duration = .milliseconds(500)
  /// How often the policy's hooks and the disabled ones are checked.
  static let settlePause: Duration = .seconds(1)
  /// The back-off of a failing hook: at first this long, doubled up to the longest, and the share of it that is random, so that several
  /// notifiers do not try a failing endpoint together.
  static let firstRest: Duration = .milliseconds(500)
  static let longestRest: Duration = .seconds(30)
  static let restJitter = 0.2
  /// The longest back-off that an endpoint can request for all its deliveries at once.
  static let longestAskedRest: Duration = .seconds(300)
  /// A success after at least this many failures in a row ends an outage: the deliveries that wait for a retry are brought forward, this
  /// many per second. A single failure between successes is one delivery's fault.
  static let failuresOfOutage: Int32 = 2
  static let wokenPerSecond = 50
  /// Attempts to record the outcome of a delivery, and the pause between them.
  static let bookkeepingAttempts = 5
  static let bookkeepingPause: Duration = .milliseconds(500)
  /// How long a hook must be missing from the policy before its pending deliveries go to the dead letters.
  static let graceOfVanished: Duration = .seconds(600)
  /// Between two scans for undeliverable notices, and for hooks that keep failing.
  static let orphanSweepPause: Duration = .seconds(5)
  /// The minimum pause between two counts of the outbox, the maximum however long a count took, and how much of the time counts may take.
  static let countingPause: Duration = .seconds(2)
  static let longestCountingPause: Duration = .seconds(60)
  static let countingShare = WorkShare(0.05, longestRest: longestCountingPause)
  /// A hook without a successful delivery for this long is reported to the operators.
  static let failingBeforeNotice: Duration = .seconds(900)
  /// A hook without a successful delivery for this long, in at least this many attempts, is paused: its pending deliveries would use up
  /// their schedule.
  static let failingBeforePause: Duration = .seconds(86_400)
  static let failuresBeforePause: Int32 = 20
  /// How often a notifier reports again that it holds a hook's deliveries.
  static let holdingReport: Duration = StoreBounds.holdReportHolds / 4
  /// How long the CRM may take for one look-up, from resolving its name to the last byte of its answer.
  static let lookUpTimeout: Duration = .seconds(1)
  /// Look-ups at once.
  static let lookUpsAtOnce = 8
  /// How often the database is asked for wanted look-ups, independent of hints.
  static let lookUpPause: Duration = .milliseconds(500)
  /// How long no other notifier gets a claimed look-up.
  static let lookUpClaim: Duration = .seconds(10)
  /// Failures in a row after which the CRM is left alone, and for how long: at first, and at most.
  static let lookUpFailures = 5
  static let lookUpFirstRest: Duration = .seconds(5)
  static let lookUpLongestRest: Duration = .seconds(60)
  /// Between two deletions of old answers, how many are deleted at once, and how old one must be, at least.
  static let lookUpCleaning: Duration = .seconds(60)
  static let lookUpsForgotten = 1_000
  static let lookUpLifetime: Duration = .seconds(86_400)
  /// Deliveries moved to the dead letters in one batch.
  static let burialsPerRound = 256
}
