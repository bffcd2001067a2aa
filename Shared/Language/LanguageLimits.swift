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

  /// Articles that a search returns unless it is asked for another number.
  public static let articles = 3

  /// n-grams fall into 2^20 buckets.
  static let bucketBits: UInt64 = 20
  static let bucketCount = 1 << Int(bucketBits)

  /// Numbers per word piece of an encoder's table.
  static let encoderDimensions = 512

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
