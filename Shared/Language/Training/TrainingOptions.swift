/// How a model is trained.
public struct TrainingOptions: Sendable {
  /// How examples are held out to choose the cost, to calibrate and to measure.
  public enum Validation: Sendable, Equatable {
    /// Five folds up to `foldedExamples` examples, above that one held-out part of 15 %.
    case automatic
    /// Each example is held out once. From 2.
    case folds(Int)
    /// One part is held out once. Between 0.01 and 0.5.
    case heldOut(share: Double)
  }

  /// Everything that is drawn by lot is drawn from this.
  public var seed: UInt64 = 1
  /// The solver's penalties to choose from; above 0.
  public var costs: [Double] = [0.3, 0.5, 1, 2]
  /// What an encoder knows; nil for n-grams alone.
  public var encoder: EncoderPack?
  /// How much the encoder may weigh beside the n-grams in either stage; 0 leaves it out, for on long posts it may hurt.
  public var encoderWeights: [Double] = [0, 0.5, 1, 1.5]
  public var validation: Validation = .automatic
  /// n-grams found in fewer texts are left out.
  public var minimumDocuments: Int = 1

  /// Above this many examples `automatic` holds out one part only.
  public static let foldedExamples = 6_000

  public init() {}
}

/// How far a training is.
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
  /// Steps of this phase that are done.
  public var completed: Int
  public var total: Int

  public init(phase: Phase, completed: Int, total: Int) {
    self.phase = phase
    self.completed = completed
    self.total = total
  }
}
