/// The limits of reading keys.
public enum SealingBounds {
  /// The interval between two checks of a key file.
  public static let fileCheckPause: Duration = .seconds(1)
  /// How long the command that prints the word keys may take.
  static let commandTime: Duration = .seconds(30)
  /// What it may print: some hundred keys.
  static let commandBytes = 32_768
}
