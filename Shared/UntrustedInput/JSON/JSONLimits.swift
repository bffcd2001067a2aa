/// Limits of every JSON document that is read from outside.
public enum JSONLimits {
  /// The nesting depth of arrays and objects. A message needs four.
  public static let depth = 16
  /// Values in a document: a thousand messages with two hundred each.
  public static let values = 200_000
  /// The length of a number as written, in bytes.
  public static let numberBytes = 64
}
