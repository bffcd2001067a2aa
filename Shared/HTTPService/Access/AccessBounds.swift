/// Limits for API key lookups.
public enum AccessBounds {
  /// How long a valid key is cached: a revoked key keeps working for at most this long.
  public static let keyLifetime: Duration = .seconds(1)
  /// Number of valid keys in the cache.
  public static let keysRemembered = 10_000
  /// Keys per lookup.
  public static let keysPerLookUp = 256
  /// Minimum interval between the starts of two lookups of unknown keys: 50 statements per second, however many keys are tried.
  public static let lookUpInterval: Duration = .milliseconds(20)
  /// Maximum number of pending unknown keys. A connection waits for one key at a time, so with the default limit of 4,096 connections
  /// it is never reached over HTTP, and the last connection waits for 16 lookups.
  public static let keysWaiting = 16_384
}
