public import DeskCore

extension Normaliser {
  /// Stops at the limits of a model's input: `LanguageLimits.normalisedScalars` and `LanguageLimits.inputBytes`.
  public init() {
    self.init(scalarLimit: LanguageLimits.normalisedScalars, byteLimit: LanguageLimits.inputBytes)
  }
}
