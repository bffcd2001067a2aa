/// Limits of the classifier's work.
enum ClassifierBounds {
  /// Messages, and bytes of their texts, that are labelled on the thread of the links, if no encoder is used.
  static let itemsLabelledInPlace = 64
  static let bytesLabelledInPlace = 64 << 10
  /// Items held and granted over all links together.
  static let creditWindow = 2_048
  /// Items that are labelled together.
  static let itemsPerBatch = 256
  /// Pause before a full downstream link is retried.
  static let fullPause: Duration = .milliseconds(2)
  /// Age at which an unlabelled message is fetched from the database, independent of the links.
  static let sweepAge: Duration = .seconds(3)
  /// Pause between checks of the model file.
  static let modelPause: Duration = .seconds(2)
  /// Attempts to write labels before the message is left to the sweeps.
  static let writeAttempts = 5
  /// The pause before they are written again, doubling from the first to the longest.
  static let writePause: (first: Duration, longest: Duration) = (.milliseconds(100), .milliseconds(800))
  /// Default share of the clock for the second stage, in percent.
  static let secondLookPercent = 25
  /// Second-stage time that accumulates while unused, and so the longest that a batch waits for the second stage.
  static let secondLookBurst: Duration = .milliseconds(50)
  /// Categories whose counters are cached.
  static let categoriesKept = 1_000
  /// Default share of the clock in which a shadow model may label, in percent.
  static let candidatePercent = 20
  /// Batches that wait for a shadow model; it does not see any beyond them.
  static let shadowBatchesWaiting = 16
  /// Pause between checks of the candidate's file, and between writes of the counts.
  static let shadowPause: Duration = .seconds(2)
  /// Category pairs counted between two writes; further pairs wait for the next.
  static let shadowPairsKept = 10_000
  /// Days after which a trial without messages is deleted.
  static let shadowDaysKept = 90
  /// Confidence that counts as automatic when no policy sets a triage threshold.
  static let automaticConfidence = 0.5
}
