/// The bounds of every JSON document that is read from outside.
public enum JSONLimits {
  /// Nested arrays and objects. A message needs four.
  public static let depth = 16
  /// Values in a document: a thousand messages with two hundred each.
  public static let values = 200_000
  /// Bytes of a number as it is written.
  public static let numberBytes = 64
}
