public import DeskCore

extension Normaliser {
  /// Stops at the bounds of what a model reads: `LanguageLimits.normalisedScalars` and `LanguageLimits.inputBytes`.
  public init() {
    self.init(scalarLimit: LanguageLimits.normalisedScalars, byteLimit: LanguageLimits.inputBytes)
  }
}
