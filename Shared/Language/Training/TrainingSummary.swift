/// A model file's record of its training.
public struct TrainingSummary: Sendable, Equatable, Codable {
  public var examples: Int
  public var features: Int
  public var seed: UInt64
  /// The chosen penalty of the solver.
  public var cost: Double
  /// The encoder's weight relative to the n-grams; 0 without an encoder.
  public var encoderWeight: Double
  public var temperature: Double
  /// Parts of the examples that were held out in turn; 1 means one part, once.
  public var folds: Int
  /// Examples that were held out, over all folds.
  public var heldOut: Int
  /// Measured on held-out examples only; shares between 0 and 1.
  public var accuracy: Double
  public var macroF1: Double
  public var expectedCalibrationError: Double
  public var automaticShareAt95: Double

  enum CodingKeys: String, CodingKey {
    case examples, features, seed, cost
    case encoderWeight = "encoder_weight"
    case temperature, folds
    case heldOut = "held_out"
    case accuracy
    case macroF1 = "macro_f1"
    case expectedCalibrationError = "expected_calibration_error"
    case automaticShareAt95 = "automatic_share_at_95"
  }
}
