/// Paths of models next to the active one, shared by their writers and readers.
public enum ModelPlaces {
  public static let candidateEnding = ".candidate"
  public static let previousEnding = ".previous"

  /// The shadow model, which labels live messages without effect.
  public static func candidate(of model: String) -> String { model + candidateEnding }

  /// The previously active model.
  public static func previous(of model: String) -> String { model + previousEnding }
}
