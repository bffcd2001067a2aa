/// The named bounds of looking keys up.
public enum AccessBounds {
  /// How long the answer about a valid key is believed: a revoked key works this much longer.
  public static let keyLifetime: Duration = .seconds(1)
  /// Valid keys that are remembered.
  public static let keysRemembered = 10_000
  /// Keys in one look-up.
  public static let keysPerLookUp = 256
  /// Between the beginnings of two look-ups of unknown keys: 50 statements a second, however many are tried.
  public static let lookUpInterval: Duration = .milliseconds(20)
  /// Unknown keys that may wait. A connection waits for one key at a time, so with the usual bound of 4,096 connections this is never
  /// reached over HTTP, and the last one waits for 16 look-ups.
  public static let keysWaiting = 16_384
}
