/// Identifies this build.
public enum BuildInformation {
  /// The version of the desk (Semantic Versioning).
  public static let version = "0.1.0"
}
