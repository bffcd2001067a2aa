/// The bounds of the classifier's work.
enum ClassifierBounds {
  /// Items held and granted over all links together.
  static let creditWindow = 2_048
  /// Items that are labelled together.
  static let itemsPerBatch = 256
  /// Pause before a full downstream link is tried again.
  static let fullPause: Duration = .milliseconds(2)
  /// Age at which an unlabelled message is taken from the database, whatever the links say.
  static let sweepAge: Duration = .seconds(3)
  /// Pause between looks at the model file.
  static let modelPause: Duration = .seconds(2)
  /// Attempts to write labels down before the message is left to the sweeps.
  static let writeAttempts = 5
  /// Share of the clock for second looks unless another is set.
  static let secondLookPercent = 25
  /// Time for second looks that gathers while none are needed: so long, at most, a batch waits for them.
  static let secondLookBurst: Duration = .milliseconds(50)
  /// Categories whose counters are kept at hand.
  static let categoriesKept = 1_000
  /// Share of the clock in which a model that is tried may label, unless another is set.
  static let candidatePercent = 20
  /// Batches that wait for a model that is tried; what comes beyond them it does not see.
  static let shadowBatchesWaiting = 16
  /// Pause between looks at the candidate's file, and between writings of what was counted.
  static let shadowPause: Duration = .seconds(2)
  /// Pairs of categories counted between two writings; further pairs wait for the next.
  static let shadowPairsKept = 10_000
  /// Days after which a trial without messages is forgotten.
  static let shadowDaysKept = 90
  /// Confidence that counts as automatic where no policy says when triage is needed.
  static let automaticConfidence = 0.5
}
