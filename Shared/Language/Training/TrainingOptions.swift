/// Options of a training run.
public struct TrainingOptions: Sendable {
  /// How examples are held out to choose the cost, to calibrate and to measure.
  public enum Validation: Sendable, Equatable {
    /// Five folds up to `foldedExamples` examples, above that one held-out seventh.
    case automatic
    /// Each example is held out once. At least 2 folds.
    case folds(Int)
    /// One part is held out once. A share from 0.01 to 0.5.
    case heldOut(share: Double)
  }

  /// Random seed; the same seed reproduces the model.
  public var seed: UInt64 = 1
  /// Candidate penalties of the solver; above 0.
  public var costs: [Double] = [0.3, 0.5, 1, 2]
  /// The encoder; nil for n-grams alone.
  public var encoder: EncoderPack?
  /// Candidate weights of the encoder relative to the n-grams in either stage; 0 omits it, because it may hurt on long posts.
  public var encoderWeights: [Double] = [0, 0.5, 1, 1.5]
  public var validation: Validation = .automatic
  /// n-grams found in fewer texts are omitted.
  public var minimumDocuments: Int = 1

  /// Above this many examples `automatic` holds out one part only.
  public static let foldedExamples = 6_000

  public init() {}
}

/// The progress of a training run.
public struct TrainingProgress: Sendable, Equatable {
  public enum Phase: String, Sendable {
    case reading = "reading examples"
    case encoding = "encoding sentences"
    case searchingGrams = "searching n-grams"
    case searching = "searching cost and weight"
    case searchingSecond = "searching the second stage"
    case fitting = "fitting the model"
  }

  public var phase: Phase
  /// Completed steps of this phase.
  public var completed: Int
  public var total: Int

  public init(phase: Phase, completed: Int, total: Int) {
    self.phase = phase
    self.completed = completed
    self.total = total
  }
}
