/// Every bound of this module, in one place.
public enum LanguageLimits {
  /// Scalars of one normalised text; what follows is ignored. A concern is told in its first pages, and the time a
  /// message takes must not depend on who wrote it.
  public static let normalisedScalars = 4_096
  /// UTF-8 bytes of one text that are looked at, so that invisible characters cannot stretch the work either.
  public static let inputBytes = 65_536
  /// Best guesses returned with a message.
  public static let guesses = 3
  /// Signs and words returned as the reason of an urgency or a sentiment.
  public static let reasons = 8

  /// Messages in doubt that are looked at again together; between them the caller may say that it is enough.
  public static let lookedAtTogether = 16

  /// Articles that a search returns unless it is asked for another number.
  public static let articles = 3

  /// n-grams fall into 2^20 buckets.
  static let bucketBits: UInt64 = 20
  static let bucketCount = 1 << Int(bucketBits)

  /// Numbers per word piece of an encoder's table.
  static let encoderDimensions = 512
  /// Word pieces of one text that the sentence encoder looks at, the text's borders included; what follows is ignored.
  static let encodedPieces = 512
  /// Word pieces of texts that the sentence encoder takes through its layers together.
  static let encodedTogether = 1_024
  /// Word pieces of which the sentence encoder's first layers are kept: 54 MB of the published encoder.
  static let rememberedPieces = 4_096
  /// Examples whose votes a model keeps: 5 MB of the published encoder's rows.
  static let neighbours = 20_000
  /// Numbers of one layer of a sentence encoder.
  static let encoderLayer = 4_096
  /// Branches of a sentence encoder, and pieces in a branch's window.
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
