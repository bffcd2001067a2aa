/// All limits of this module.
public enum LanguageLimits {
  /// Unicode scalars of one normalised text; the rest is ignored. A message states its concern in its first pages, and
  /// processing time must not depend on the sender.
  public static let normalisedScalars = 4_096
  /// UTF-8 bytes of one text that are read, so that invisible characters cannot increase the work either.
  public static let inputBytes = 65_536
  /// Best guesses returned with a message.
  public static let guesses = 3
  /// Matched phrases returned as the reasons for an urgency or a sentiment.
  public static let reasons = 8

  /// Low-confidence messages that the second stage processes together; the caller may stop it between groups.
  public static let lookedAtTogether = 16

  /// Default number of articles that a search returns.
  public static let articles = 3

  /// n-grams are hashed into 2^20 buckets.
  static let bucketBits: UInt64 = 20
  static let bucketCount = 1 << Int(bucketBits)

  /// Numbers per word piece of an encoder's table.
  static let encoderDimensions = 512
  /// Word pieces of one text that the sentence encoder reads, including the boundary pieces; the rest is ignored.
  static let encodedPieces = 512
  /// Word pieces per batch of texts in the sentence encoder.
  static let encodedTogether = 1_024
  /// Word pieces whose first-layer results are cached: 54 MB with the published encoder.
  static let rememberedPieces = 4_096
  /// Voting examples that a model keeps: 5 MB of rows with the published encoder.
  static let neighbours = 20_000
  /// Numbers of one layer of a sentence encoder.
  static let encoderLayer = 4_096
  /// Branches of a sentence encoder, and word pieces in a branch's window.
  static let encoderBranches = 8

  /// Bytes of a model file.
  public static let modelFileBytes = 1 << 30
  /// Labels of one model.
  public static let labels = 4_096
  /// UTF-8 bytes of one label.
  public static let labelBytes = 256

  /// Bytes of a labelled file.
  public static let labelledFileBytes = 1 << 30
  /// Rows of a labelled file.
  public static let labelledRows = 2_000_000
  /// UTF-8 bytes of one field of a labelled file.
  public static let labelledFieldBytes = 1 << 20
}
