/// Where models lie beside the one in force, so that those who write them and those who read them agree.
public enum ModelPlaces {
  public static let candidateEnding = ".candidate"
  public static let previousEnding = ".previous"

  /// The model that is tried on live messages without a say.
  public static func candidate(beside model: String) -> String { model + candidateEnding }

  /// The model that was in force before.
  public static func previous(beside model: String) -> String { model + previousEnding }
}
