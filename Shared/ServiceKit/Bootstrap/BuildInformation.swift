/// Which build this is.
public enum BuildInformation {
  /// The version of the desk, after Semantic Versioning.
  public static let version = "0.1.0"
}
